//! Stop everything: one click, one person, no password, reversible. Afterwards the page says what stands still, and what
//! each button would start again. Pages that are open already are told.

use std::convert::Infallible;

use axum::response::{
    IntoResponse as _, Sse,
    sse::{Event as SseEvent, KeepAlive},
};
use futures_util::stream;
use onevoice_channels::contract::Channel;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::{Times, length},
    words::{say, text},
};
use crate::{
    approve::State,
    people::{Role, sight},
    plan,
    problem::Problem,
    send::Event,
    store::{broadcasts::Broadcast, progress::ChannelProgress},
    track::steer::{self, Held},
};

/// Between two words that something changed, in milliseconds.
const APART: u64 = 300;
/// How often a quiet stream looks whether the daemon stops, in milliseconds.
const LOOK: u64 = 1_000;

/// What stands still, and how it starts again.
pub(super) async fn show(desk: Desk) -> Answer {
    shown(&desk, "", None).await
}

async fn shown(desk: &Desk, reason: &str, problem: Option<&Problem>) -> Answer {
    let (app, times) = (&desk.app, Times::of(&desk.app));
    let mut stopped = Vec::new();
    // What somebody may not see has no line here, and is not started by them.
    for broadcast in sight::broadcasts_in(app, &desk.actor, &[State::Paused]).await? {
        stopped.push(row(desk, &times, &broadcast).await?);
    }
    let running = sight::broadcasts_in(app, &desk.actor, &[State::Running, State::Scheduled]).await?.len();
    let held = page::held(desk).await?;
    let restored = matches!(steer::why_held(app).await?, Some(Held::Restored(_)));
    let frame = Frame {
        template: "stop",
        nav: "",
        title: if held.is_some() { text!("stop-heading-stopped") } else { text!("stop-heading-none") },
        exercise: false,
    };
    let more: i64 = stopped.iter().filter_map(|row| row["more"].as_i64()).sum();
    let body = json!({
        "why": held, "stopped": stopped, "several": stopped.len() > 1, "count": stopped.len(), "more": more,
        "ids": stopped.iter().map(|row| row["id"].clone()).collect::<Vec<_>>(),
        "running": running, "reason": reason, "problem": problem.map(|problem| problem.detail.clone()),
        "may_start": desk.person.role >= if restored { Role::Administrator } else { Role::Author },
        "restored": restored,
    });
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| axum::http::StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// One broadcast that stands still: who has it, who would get it, and what has become of its promise meanwhile.
async fn row(desk: &Desk, times: &Times, broadcast: &Broadcast) -> Result<Value, Problem> {
    let app = &desk.app;
    let incident = app.store.incident(broadcast.incident_id).await?;
    let update = app.store.update(broadcast.update_id).await?;
    let progress = app.store.progress(broadcast.id).await?;
    let outcomes = || progress.values().flat_map(|channel| channel.outcomes.iter());
    let have: i64 = outcomes().filter(|(state, _)| state.may_have_it()).map(|(_, n)| n).sum();
    let total: i64 = progress.values().map(|channel| channel.total).sum();
    let more = total - outcomes().map(|(_, n)| n).sum::<i64>();
    let left = |(channel, progress): (&Channel, &ChannelProgress)| {
        let left = progress.total - progress.outcomes.values().sum::<i64>();
        plan::seconds(app, *channel, left, broadcast.exercise)
    };
    let longest = progress.iter().map(left).fold(0.0, f64::max);
    // A text that promises what is over already would be a second mistake.
    let stale = update.content.next_update_at.filter(|at| *at <= times.now).map(|at| times.near(at));
    Ok(json!({
        "id": broadcast.id, "title": incident.title, "number": update.number, "exercise": broadcast.exercise,
        "message": say("message", broadcast.message.as_str()), "have": have, "total": total, "more": more,
        "begun": broadcast.started_at.is_some(), "takes": length(longest.ceil() as u64), "stale": stale,
        "start": broadcast.start_at.filter(|at| *at > times.now).map(|at| times.full(at)),
    }))
}

/// Stops everything.
pub(super) async fn stop(desk: Desk) -> Answer {
    steer::stop_everything(&desk.app, &desk.actor).await?;
    page::to("/console/stop")
}

/// Starts again, with a reason: nothing of what was stopped, one of it, or all that the page showed.
pub(super) async fn start(desk: Desk, form: Form) -> Answer {
    let (app, actor) = (&desk.app, &desk.actor);
    let number = |text: &str| text.parse::<i64>().map_err(|_| Problem::unreadable(text!("stop-no-broadcast")));
    let resume: Vec<i64> = match form.get("action") {
        "all" => form.all("stopped").map(number).collect::<Result<_, _>>()?,
        "" | "none" => Vec::new(),
        one => vec![number(one.strip_prefix("one:").unwrap_or(one))?],
    };
    match steer::start_again(app, actor, form.get("reason"), &resume).await {
        Ok(()) => match resume.as_slice() {
            [one] => page::to(&format!("/console/broadcasts/{one}")),
            _ => page::to("/console"),
        },
        Err(problem) if matches!(problem.status, 409 | 422) => shown(&desk, form.get("reason"), Some(&problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// The parts of every page that say so.
pub(super) async fn held(desk: Desk) -> Answer {
    let chrome = json!({
        "csrf": desk.csrf(), "held": page::held(&desk).await?, "may_write": desk.person.role >= Role::Author,
    });
    Ok(axum::response::Html(page::fill("held_parts", &json!({ "chrome": chrome }))?).into_response())
}

/// Says that it may have changed; what, is fetched.
pub(super) async fn events(desk: Desk) -> Answer {
    let (listener, app) = (desk.app.engine.listen(), desk.app.clone());
    let stream = stream::unfold((listener, app), move |(mut listener, app)| async move {
        let clock = app.world.clock.clone();
        loop {
            tokio::select! {
                event = listener.recv() => match event {
                    Ok(Event::Desk) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return None,
                },
                () = clock.sleep(std::time::Duration::from_millis(LOOK)) => if app.engine.is_stopping() { return None },
            }
        }
        clock.sleep(std::time::Duration::from_millis(APART)).await;
        while !matches!(listener.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
        Some((Ok::<_, Infallible>(SseEvent::default().data("moved")), (listener, app)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}
