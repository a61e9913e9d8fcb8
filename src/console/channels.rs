//! Channels: who carries what, how they do, what limits them, and whether our sign-ins are taken.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::StatusCode,
    response::{
        IntoResponse as _, Sse,
        sse::{Event as SseEvent, KeepAlive},
    },
};
use futures_util::stream;
use onevoice_channels::contract::Channel;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::{Times, number},
    words::{say, text, word},
};
use crate::{
    people::Role,
    problem::Problem,
    send::{
        Event, check, own_test,
        standing::{self, Care, Standing},
        trial,
        troubles::Trouble,
    },
};

/// The numbers are sent at most so often …
const APART: Duration = Duration::from_secs(1);
/// … and looked at so often: what goes now, and who waits until when, moves without an event.
const LOOK: Duration = Duration::from_secs(2);

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    shown(&desk, None).await
}

async fn shown(desk: &Desk, problem: Option<Problem>) -> Answer {
    let mut body = live_view(desk).await?;
    body["problem"] = json!(problem.as_ref().map(|problem| problem.detail.clone()));
    let frame = Frame { template: "channels", nav: "channels", title: text!("channels-title"), exercise: false };
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// The part of the page that moves.
pub(super) async fn fragment(desk: Desk) -> Answer {
    let body = live_view(&desk).await?;
    page::piece(&desk, "channels_live", body)
}

/// Asks a provider about our sign-in, or sends a test.
pub(super) async fn act(desk: Desk, form: Form) -> Answer {
    let (app, actor, name) = (&desk.app, &desk.actor, form.get("name"));
    let done = match form.get("action") {
        "check" => check::check(app, actor, name).await.map(drop),
        "test" => own_test::send(app, actor, name).await.map(drop),
        other => Err(Problem::unreadable(text!("refused-no-button", name = format!("{other:?}")))),
    };
    match done {
        Ok(()) => page::to(&format!("/console/channels#by-{name}")),
        Err(problem) if matches!(problem.status, 409 | 422 | 429) => shown(&desk, Some(problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// Says that it may have changed; what, is fetched.
pub(super) async fn events(desk: Desk) -> Answer {
    let (listener, app) = (desk.app.engine.listen(), desk.app.clone());
    // Whether something went at the last look: when it has gone, that is one more thing to say.
    let stream = stream::unfold((listener, app, false), move |(mut listener, app, went)| async move {
        let clock = app.world.clock.clone();
        let moves = || app.engine.health().iter().any(|(_, _, health)| health.per_second > 0.0 || !health.up);
        loop {
            tokio::select! {
                event = listener.recv() => match event {
                    Ok(Event::Progress { .. } | Event::State { .. } | Event::Desk) | Err(RecvError::Lagged(_)) => break,
                    Ok(Event::Public) => {}
                    Err(RecvError::Closed) => return None,
                },
                () = clock.sleep(LOOK) => {
                    if app.engine.is_stopping() {
                        return None;
                    }
                    if went || moves() {
                        break;
                    }
                },
            }
        }
        clock.sleep(APART).await;
        while !matches!(listener.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
        let moves = moves();
        Some((Ok::<_, Infallible>(SseEvent::default().data("moved")), (listener, app, moves)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

async fn live_view(desk: &Desk) -> Result<Value, Problem> {
    let times = Times::of(&desk.app);
    let all = standing::all(&desk.app).await?;
    let rows: Vec<Value> = all.iter().map(|standing| row(desk, &times, standing, &all)).collect();
    Ok(json!({
        "rows": rows,
        "writable": desk.app.engine.is_writable(),
        "may": desk.person.role >= Role::Author,
        "care": all.iter().filter(|standing| standing.care != Care::None).count(),
    }))
}

fn row(desk: &Desk, times: &Times, standing: &Standing, all: &[Standing]) -> Value {
    let health = &standing.health;
    let limits = &standing.limits;
    let test = desk.app.own_tests.last(desk.person.id, &standing.name);
    let page = matches!(standing.channel, Channel::Banner | Channel::StatusPage);
    json!({
        "label": say("channel", standing.channel.as_str()),
        "name": standing.name,
        "kind": standing.kind,
        "leaves": standing.leaves,
        "badge": say("care", standing.care.as_str()),
        "class": class(standing.care),
        "says": says(times, standing, all),
        "sign_in": sign_in(times, standing),
        "now": plain(health.per_second),
        "going": health.per_second > 0.0,
        "rate": limits.per_second.map(plain),
        "waits": standing.waiting,
        "waiting": standing.waiting > 0,
        "share": (health.share * 100.0).round(),
        "shared": all.iter().filter(|other| other.channel == standing.channel).count() > 1 && standing.channel.is_personal(),
        "burst": limits.burst.get(),
        "domain": limits.per_domain_per_second.map(plain),
        "connections": limits.connections.get(),
        "receipts": desk.app.engine.routes().any(|route| {
            let manifest = route.provider.manifest();
            manifest.name == standing.name && manifest.receipts
        }),
        "troubles": standing.troubles.iter().map(|trouble| trouble_row(times, trouble)).collect::<Vec<_>>(),
        "last": standing.troubles.first().map(|trouble| times.away(trouble.last_at)),
        "can_test": standing.can_test,
        "public": !standing.can_test && (standing.leaves || page),
        "page": page,
        "to": if standing.channel == Channel::Sms { &desk.person.phone } else { &desk.person.email },
        "test": test.map(|test| json!({
            "at": times.near(test.at), "to": test.to, "why": test.trouble.map(why),
        })),
    })
}

/// "50", "0.5".
fn plain(rate: f64) -> String {
    if rate >= 10.0 || (rate - rate.round()).abs() < 0.05 {
        number(rate.round() as i64)
    } else {
        format!("{rate:.1}").replace('.', &word("number-decimal"))
    }
}

fn why(trouble: trial::Trouble) -> String {
    match trouble {
        trial::Trouble::Refused(reason) => say("reason", reason.as_str()).to_owned(),
        trial::Trouble::Busy => text!("channels_live-test-busy"),
        trial::Trouble::InDoubt => text!("channels_live-test-in-doubt"),
    }
}

fn trouble_row(times: &Times, trouble: &Trouble) -> Value {
    let reason = trouble.reason.map_or("in_doubt", |reason| reason.as_str());
    json!({
        "what": say("fault", reason),
        "at": times.near(trouble.last_at),
        "away": times.away(trouble.last_at),
        "times": trouble.times,
        "often": trouble.times > 1,
        "since": times.near(trouble.first_at),
        "detail": trouble.detail,
    })
}

fn class(care: Care) -> &'static str {
    match care {
        Care::Broken | Care::Refused | Care::Ended => "bad",
        Care::None => "ok",
        Care::Pausing | Care::Unproven | Care::Slow | Care::Ending => "warn",
    }
}

/// What happens, and what happens next, in whole sentences.
fn says(times: &Times, standing: &Standing, all: &[Standing]) -> Vec<String> {
    let health = &standing.health;
    let mut said = Vec::new();
    match (standing.care, health.waits_until) {
        (Care::Broken, Some(until)) => {
            said.push(text!("channels_live-tries-at", time = times.second(until)));
        }
        (Care::Broken, None) => said.push(text!("channels_live-tries-now")),
        (_, Some(until)) => said.push(text!("channels_live-waits-until", time = times.second(until))),
        _ => {}
    }
    if let Some(rate) = health.slowed_to {
        let part = health.share < health.usual_share;
        said.push(text!("channels_live-slowed", rising = (!part).to_string(), rate = plain(rate)));
    }
    said.extend(
        moved(standing, all).map(|ways| {
            text!("channels_live-moved", broken = is_broken(standing), name = &*standing.name, ways = ways)
        }),
    );
    said
}

/// Of "Supplier A is slow; 10 % now go by B" the second half, where a channel's messages go another way than usual.
fn moved(standing: &Standing, all: &[Standing]) -> Option<String> {
    if standing.health.share + 0.005 >= standing.health.usual_share {
        return None;
    }
    let others = all.iter().filter(|other| {
        other.channel == standing.channel
            && other.name != standing.name
            && other.health.share > other.health.usual_share + 0.005
    });
    let ways: Vec<String> = others
        .map(|other| {
            text!("channels_live-moved-to", percent = format!("{:.0}", other.health.share * 100.0), name = &*other.name)
        })
        .collect();
    (!ways.is_empty()).then(|| ways.join(&*word("join-comma")))
}

fn is_broken(standing: &Standing) -> String {
    (standing.care == Care::Broken).to_string()
}

/// Whether our sign-in is taken.
fn sign_in(times: &Times, standing: &Standing) -> Value {
    let Some(check) = &standing.check else {
        return json!({ "text": text!("channels_live-unchecked"), "ends": null, "detail": null, "class": "" });
    };
    let text = match check.reason {
        None if !standing.leaves => text!("channels_live-needs-none"),
        None => text!("channels_live-accepted", away = times.away(check.at)),
        Some(reason) => {
            text!("channels_live-checked", what = say("check", reason.as_str()), away = times.away(check.at))
        }
    };
    let bad = check.reason.is_some() || matches!(standing.care, Care::Ended | Care::Ending);
    json!({
        "text": text, "detail": check.detail, "class": if bad { "warn" } else { "ok" },
        "ends": check.expires_at.map(|end| times.near(end)), "ends_away": check.expires_at.map(|end| times.away(end)),
        "over": check.expires_at.is_some_and(|end| end <= times.now),
    })
}

/// A chip for each provider, for Now: "✓ Email", "! Mastodon: sign-in ends in 3 days".
pub(super) async fn chips(desk: &Desk) -> Result<Vec<Value>, Problem> {
    let times = Times::of(&desk.app);
    let all = standing::all(&desk.app).await?;
    let chip = |standing: &Standing| {
        let label = say("channel", standing.channel.as_str());
        let several = all.iter().filter(|other| other.channel == standing.channel).count() > 1;
        let label = if several {
            text!("channels_live-chip-several", channel = label, name = &*standing.name)
        } else {
            label.to_owned()
        };
        let text = match (standing.care, standing.check.as_ref().and_then(|check| check.expires_at)) {
            (Care::None, _) => label,
            (Care::Ending, Some(end)) => text!("channels_live-chip-ends", channel = label, away = times.away(end)),
            (Care::Broken, _) => match standing.health.waits_until {
                Some(until) => text!("channels_live-chip-tries-at", channel = label, time = times.second(until)),
                None => text!("channels_live-chip", channel = label, what = say("care", "broken")),
            },
            (Care::Slow, _) => match moved(standing, &all) {
                Some(ways) => text!(
                    "channels_live-chip-moved",
                    channel = label,
                    broken = is_broken(standing),
                    name = &*standing.name,
                    ways = ways
                ),
                None => text!("channels_live-chip", channel = label, what = say("care", "slow")),
            },
            (care, _) => text!("channels_live-chip", channel = label, what = say("care", care.as_str())),
        };
        json!({ "text": text, "class": class(standing.care) })
    };
    Ok(all.iter().map(chip).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_numbers_that_people_say() {
        assert_eq!([0.0, 0.5, 2.0, 12.4, 250.0].map(plain), ["0", "0.5", "2", "12", "250"]);
    }
}
