//! Going out: how far it is, what went wrong and what happens next, and the buttons that stop, correct and take down.

mod posts;
mod sure;

use std::{collections::BTreeMap, convert::Infallible};

use axum::{
    extract::Path,
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
    reach,
    time::{Times, length, number},
    timing, waits,
    words::{say, text},
};
use crate::{
    api::auth,
    approve::State,
    pace::{AtNight, Timing},
    people::Role,
    problem::Problem,
    render::MessageKind,
    send::Event,
    store::{broadcasts::Broadcast, incidents::Update, progress::ChannelProgress},
    track::{self, DeliveryState as Outcome, steer, withdraw},
};

/// For more failures than this nobody is asked whether they have it another way: it would take too long.
const MOST_FAILED: i64 = 2_000;
/// Between two pushes of progress, in milliseconds.
const PUSH_EVERY: u64 = 300;
/// How often a quiet stream looks whether the daemon stops.
const LOOK: std::time::Duration = std::time::Duration::from_secs(1);

/// The page.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let broadcast = auth::broadcast(&desk.app, &desk.actor, id).await?;
    if !matches!(
        broadcast.state,
        State::Scheduled | State::Running | State::Paused | State::Completed | State::Partial | State::Retracted
    ) {
        return page::to(&format!("/console/updates/{}/approve", broadcast.update_id));
    }
    let body = view(&desk, &broadcast).await?;
    let title = body["heading"].as_str().unwrap_or_default().to_owned();
    page::show(&desk, &Frame { template: "broadcast", nav: "now", title, exercise: broadcast.exercise }, body).await
}

/// The part that moves.
pub(super) async fn fragment(desk: Desk, Path(id): Path<i64>) -> Answer {
    let broadcast = auth::broadcast(&desk.app, &desk.actor, id).await?;
    page::piece(&desk, "broadcast_live", view(&desk, &broadcast).await?)
}

/// Says that something moved; what, is fetched. So a lost word is made good by the next.
pub(super) async fn events(desk: Desk, Path(id): Path<i64>) -> Answer {
    auth::broadcast(&desk.app, &desk.actor, id).await?;
    let listener = desk.app.engine.listen();
    let stream = stream::unfold((listener, desk), move |(mut listener, desk)| async move {
        let (app, clock) = (&desk.app, desk.app.world.clock.clone());
        loop {
            tokio::select! {
                event = listener.recv() => match event {
                    Ok(Event::Progress { broadcast } | Event::State { broadcast }) if broadcast == id => break,
                    Ok(Event::Desk) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return None,
                },
                () = clock.sleep(LOOK) => if app.engine.is_stopping() { return None },
            }
        }
        // One word for a burst: outcomes are committed many times a second.
        clock.sleep(std::time::Duration::from_millis(PUSH_EVERY)).await;
        while !matches!(listener.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
        // Who was named when they began to listen may no longer be.
        auth::broadcast(app, &desk.actor, id).await.ok()?;
        Some((Ok::<_, Infallible>(SseEvent::default().data("moved")), (listener, desk)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

/// Every button of the page.
pub(super) async fn act(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let (app, actor) = (&desk.app, &desk.actor);
    auth::broadcast(app, actor, id).await?;
    let channel = Channel::parse(form.get("channel"));
    let mut place = id;
    if matches!(form.get("action"), "retract" | "correct" | "resend" | "delete") && form.get("sure") != "1" {
        return sure::ask(&desk, id, form.get("action"), channel).await;
    }
    match form.get("action") {
        "pause" => drop(steer::pause(app, actor, id).await?),
        "resume" => drop(steer::resume(app, actor, id).await?),
        "retract" => drop(steer::retract(app, actor, id).await?),
        "delete" => drop(withdraw::ask(app, actor, id).await?),
        "next_group" => drop(steer::next_stage(app, actor, id).await?),
        "correct" => place = steer::correct(app, actor, id).await?.id,
        "retry" => drop(steer::retry(app, actor, id, false, channel).await?),
        "resend" => drop(steer::retry(app, actor, id, true, channel).await?),
        "leave" => steer::leave(app, actor, id, channel).await?,
        other => return Err(Problem::unreadable(text!("broadcast-no-button", name = format!("{other:?}"))).into()),
    }
    page::to(&format!("/console/broadcasts/{place}"))
}

async fn view(desk: &Desk, broadcast: &Broadcast) -> Result<Value, Problem> {
    let app = &desk.app;
    let times = Times::of(app);
    let progress = app.store.progress(broadcast.id).await?;
    let update = app.store.update(broadcast.update_id).await?;
    let incident = app.store.incident(broadcast.incident_id).await?;
    let by = match broadcast.approved_by {
        Some(id) => Some(app.store.person(id).await?.name),
        // By a prepared message, which two people approved in advance.
        None => match app.store.instance(broadcast.update_id).await?.filter(|instance| instance.sent_at.is_some()) {
            Some(instance) => {
                let stored = app.store.playbook_version(instance.playbook_id, instance.version).await?;
                Some(text!("broadcast-in-advance", names = super::quick::approved_by(desk, &stored).await?))
            }
            None => None,
        },
    };
    let sum = |wanted: &[Outcome]| -> i64 {
        progress
            .values()
            .flat_map(|channel| &channel.outcomes)
            .filter(|(state, _)| wanted.contains(state))
            .map(|(_, n)| n)
            .sum()
    };
    let total: i64 = progress.values().map(|channel| channel.total).sum();
    let handed = sum(&[Outcome::Delivered, Outcome::Accepted]);
    let (doubt, failed) = (sum(&[Outcome::InDoubt]), sum(&[Outcome::Failed]));
    let reach = track::reach::read(app, broadcast).await?;
    let last = reach.iter().filter_map(|(channel, reach)| Some((reach.done_at?, channel))).max();
    let left_alone = app.store.left_in_doubt(broadcast.id).await?;
    let undecided = |(channel, progress): (&Channel, &ChannelProgress)| {
        let doubt = progress.outcomes.get(&Outcome::InDoubt).copied().unwrap_or_default();
        (doubt - left_alone.get(channel).copied().unwrap_or_default()).max(0)
    };
    let decide: i64 = progress.iter().map(undecided).sum();
    let siblings = app.store.broadcasts_of(broadcast.update_id).await?;
    let correction = siblings.iter().find(|other| other.is_correction_of(broadcast.id)).map(|other| other.id);
    let may_write = desk.person.role >= Role::Author;
    let posts = app.store.posts_out(broadcast.id).await?;
    let deleting = app.store.withdrawals(broadcast.id).await?;
    let state = broadcast.state;
    let running = state == State::Running;
    let happens = heading(state, broadcast.start_at.is_some_and(|at| at > times.now));
    let heading = match broadcast.message {
        MessageKind::Update => text!("broadcast-update", number = update.number, happens = happens),
        MessageKind::Correction => text!("broadcast-correction", number = update.number, happens = happens),
        MessageKind::Holding => text!("broadcast-holding", number = update.number, happens = happens),
    };
    let duration = broadcast
        .started_at
        .map(|at| broadcast.ended_at.unwrap_or(times.now).duration_since(at).as_secs().max(0).unsigned_abs());
    let staged = broadcast.timing.as_ref().filter(|timing| timing.is_staged());
    let groups = staged.and_then(|timing| groups(timing, &update, broadcast));
    let mut paced: Vec<String> = broadcast.timing.as_ref().and_then(timing::spread).into_iter().collect();
    paced.extend(groups.as_ref().map(|(said, _)| said.clone()));
    let next_group =
        groups.map(|(_, next)| next).filter(|_| may_write && matches!(state, State::Running | State::Paused));
    let skips = broadcast.timing.as_ref().is_some_and(|timing| timing.quiet_hours == AtNight::NotAtAll);
    let troubles =
        troubles(desk, &times, broadcast, may_write && !matches!(state, State::Retracted), &left_alone).await?;
    let mut rows = Vec::new();
    for (channel, progress) in &progress {
        let mut row = row(&times, *channel, progress, skips);
        posts::note(&mut row, &times, *channel, &deleting);
        let got = reach.get(channel);
        let waits = got.is_some_and(|got| running && got.left > 0 && channel.is_personal());
        let waits = if waits { waits::of(app, &times, *channel, broadcast.exercise) } else { Vec::new() };
        row["rate"] = json!(
            got.filter(|_| channel.is_personal())
                .and_then(|got| got.per_second)
                .filter(|rate| *rate > 0.0)
                .map(waits::rounded)
        );
        row["last"] = json!(got.and_then(|got| got.done_at).map(|at| times.near(at)));
        row["waits"] = json!(waits);
        rows.push(row);
    }
    let replies = desk.app.store.count_replies(incident.id).await?;
    let otherwise = if running || failed == 0 { None } else { otherwise(desk, broadcast).await? };
    Ok(json!({
        "id": broadcast.id,
        "heading": heading,
        "title": incident.title,
        "incident": incident.id,
        "replies": { "all": replies.all, "open": replies.open },
        "exercise": broadcast.exercise,
        "state": say("state", state.as_str()),
        "badge": match state { State::Running | State::Scheduled => "info", State::Completed => "ok", State::Paused | State::Partial => "warn", _ => "bad" },
        "duration": duration.map(length),
        "by": by,
        "approved": broadcast.approved_at.map(|at| times.full(at)),
        "start": broadcast.start_at.filter(|_| broadcast.started_at.is_none()).map(|at| json!({ "at": times.full(at), "away": times.away(at) })),
        "handed": number(handed),
        "total": total,
        "arrived": number(sum(&[Outcome::Delivered])),
        "last_label": match last {
            Some((_, channel)) => text!("broadcast-last-by", channel = say("channel", channel.as_str())),
            None if state == State::Retracted => text!("broadcast-taken-down"),
            None if broadcast.ended_at.is_some() => text!("broadcast-last-went"),
            None => text!("broadcast-last-expected"),
        },
        "last": broadcast.ended_at.or(last.map(|(at, _)| at)).map_or_else(|| "–".to_owned(), |at| times.near(at)),
        "decide": number(decide),
        "undecided": decide > 0,
        "rows": rows,
        "chart": reach::chart(&times, &reach),
        "otherwise": otherwise,
        "troubles": troubles,
        "paced": paced,
        "next_group": next_group,
        "have": sum(&[Outcome::Delivered, Outcome::Accepted, Outcome::InDoubt]),
        "failed": failed,
        "can": {
            "pause": may_write && state.allows(State::Paused),
            "resume": may_write && state == State::Paused,
            "retract": may_write && state.allows(State::Retracted),
            "correct": correction.is_none() && may_correct(desk, broadcast),
            "delete": may_write && state == State::Retracted && posts > 0 && deleting.is_empty(),
            "retry": may_write && failed > 0 && (running || matches!(state, State::Partial | State::Paused)),
            "resend": may_write && doubt > 0 && (running || matches!(state, State::Partial | State::Paused)),
        },
        "correction": correction,
        "posts": posts,
        "night": broadcast.timing.as_ref().filter(|timing| !timing.windows.is_empty()).map(|timing| say("night", timing.quiet_hours.as_str())),
        "undeleted": posts::undeleted(&times, &deleting, may_write),
    }))
}

/// Whether this person may send the correction of what went out: its author, or any approver.
fn may_correct(desk: &Desk, broadcast: &Broadcast) -> bool {
    let author = broadcast.submitted_by == Some(desk.person.id) && desk.person.role >= Role::Author;
    let may = author || desk.person.role >= Role::Approver;
    may && broadcast.message == MessageKind::Update && broadcast.started_at.is_some()
}

/// What happens to it. Between the yes and the first message lies a moment, which is not "later".
fn heading(state: State, later: bool) -> &'static str {
    if state == State::Scheduled && !later { say("heading", "starting") } else { say("heading", state.as_str()) }
}

/// Which group is written to and which one waits, in words; and what the one that waits is called. None once all are.
fn groups(timing: &Timing, update: &Update, broadcast: &Broadcast) -> Option<(String, String)> {
    let variants = &update.content.variants;
    let open = usize::try_from(broadcast.stage).ok()?;
    let next = timing::group(timing, variants, open + 1);
    if next.is_empty() || broadcast.ended_at.is_some() {
        return None;
    }
    let now = timing::group(timing, variants, open);
    let said = text!("broadcast-groups", next = next.as_str(), percent = timing.stage_percent, now = now);
    Some((said, next))
}

/// One channel: its bar, and what it waits for.
fn row(times: &Times, channel: Channel, progress: &ChannelProgress, skips: bool) -> Value {
    let total = progress.total.max(1) as f64;
    let of = |wanted: &[Outcome]| -> i64 {
        progress.outcomes.iter().filter(|(state, _)| wanted.contains(state)).map(|(_, n)| n).sum()
    };
    let parts = [
        ("arrived", of(&[Outcome::Delivered])),
        ("handed", of(&[Outcome::Accepted])),
        ("doubt", of(&[Outcome::InDoubt])),
        ("failed", of(&[Outcome::Failed])),
        ("waiting", of(&[Outcome::Suppressed, Outcome::Superseded, Outcome::Retracted])),
    ];
    let mut x = 0.0;
    let mut rects = Vec::new();
    for (class, n) in parts.into_iter().filter(|(_, n)| *n > 0) {
        let width = n as f64 * 100.0 / total;
        rects.push(json!({ "class": class, "x": format!("{x:.3}%"), "width": format!("{width:.3}%") }));
        x += width;
    }
    let done: i64 = parts.iter().map(|(_, n)| n).sum();
    let mut notes = Vec::new();
    for state in [Outcome::InDoubt, Outcome::Failed, Outcome::Suppressed, Outcome::Superseded, Outcome::Retracted] {
        let n = of(&[state]);
        if n > 0 {
            let outcome = say("outcome", state.as_str());
            let asleep = skips && state == Outcome::Suppressed;
            notes.push(match asleep {
                true => text!("broadcast-note-asleep", n = n, outcome = outcome),
                false => text!("broadcast-note", n = n, outcome = outcome),
            });
        }
    }
    let tries = progress.waiting - progress.asleep;
    if progress.asleep > 0 {
        notes.push(text!("broadcast-note-morning", n = progress.asleep));
    }
    if tries > 0 {
        let ahead = progress.next_due_at.filter(|at| *at > times.now);
        notes.push(match ahead {
            Some(at) => text!("broadcast-note-tries-next", n = tries, away = times.away(at)),
            None => text!("broadcast-note-tries", n = tries),
        });
    }
    let handed = of(&[Outcome::Delivered, Outcome::Accepted]);
    json!({
        "label": say("channel", channel.as_str()),
        "rects": rects,
        "done": number(done),
        "total": number(progress.total),
        "aria": text!("broadcast-bar", handed = handed, total = progress.total, arrived = of(&[Outcome::Delivered])),
        "note": notes.join(" · "),
    })
}

/// What went wrong in plain words, and what happens next by itself; where it takes a decision, the choices.
async fn troubles(
    desk: &Desk,
    times: &Times,
    broadcast: &Broadcast,
    may_decide: bool,
    left_alone: &BTreeMap<Channel, i64>,
) -> Result<Vec<Value>, Problem> {
    let found = desk.app.store.troubles(broadcast.id).await?;
    let rows = found.into_iter().map(|(channel, state, reason, n, due)| {
        let what = if reason.is_empty() { capital(say("outcome", &state)) } else { say("reason", &reason).to_owned() };
        let in_doubt = state == Outcome::InDoubt.as_str();
        let decided = in_doubt && left_alone.get(&channel).is_some_and(|left| *left >= n);
        let next = match due {
            Some(_) if broadcast.state == State::Paused => text!("broadcast-next-paused"),
            Some(at) if at > times.now => text!("broadcast-next-at", away = times.away(at)),
            Some(_) => text!("broadcast-next-turn"),
            None if decided => text!("broadcast-next-left"),
            None => say("next", &state).to_owned(),
        };
        json!({ "what": what, "channel": say("channel", channel.as_str()), "channel_name": channel, "n": number(n), "next": next,
            "decide": may_decide && in_doubt, "decided": decided })
    });
    Ok(rows.collect())
}

/// Whether those who could not be reached one way have it another way.
async fn otherwise(desk: &Desk, broadcast: &Broadcast) -> Result<Option<String>, Problem> {
    let (people, reached) = desk.app.store.reached_otherwise(broadcast.id, MOST_FAILED).await?;
    if people == 0 || people == MOST_FAILED {
        return Ok(None);
    }
    Ok(Some(text!("broadcast-otherwise", people = people, reached = reached, nothing = people - reached)))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
