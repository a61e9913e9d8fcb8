//! Stop everything: one click, one person, no password, reversible. Starting again takes a reason.

use serde_json::json;

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    words::say,
};
use crate::{approve::State, track::steer};

/// What stands still, and how it starts again.
pub(super) async fn show(desk: Desk) -> Answer {
    let mut stopped = Vec::new();
    for broadcast in desk.app.store.broadcasts_in(&[State::Paused]).await? {
        let incident = desk.app.store.incident(broadcast.incident_id).await?;
        let update = desk.app.store.update(broadcast.update_id).await?;
        let progress = desk.app.store.progress(broadcast.id).await?;
        let outcomes = progress.values().flat_map(|channel| channel.outcomes.iter());
        let have: i64 = outcomes.filter(|(state, _)| state.may_have_it()).map(|(_, n)| n).sum();
        stopped.push(json!({ "id": broadcast.id, "title": incident.title, "number": update.number, "exercise": broadcast.exercise,
            "message": say("message", broadcast.message.as_str()), "have": have, "total": progress.values().map(|channel| channel.total).sum::<i64>() }));
    }
    let held = page::held(&desk).await?;
    let frame = Frame {
        template: "stop",
        nav: "",
        title: if held.is_some() { "Everything is stopped" } else { "Nothing is stopped" }.to_owned(),
        exercise: false,
    };
    page::show(&desk, &frame, json!({ "why": held, "stopped": stopped })).await
}

/// Stops everything.
pub(super) async fn stop(desk: Desk) -> Answer {
    steer::stop_everything(&desk.app, &desk.actor).await?;
    page::to("/console/stop")
}

/// Starts again, with a reason.
pub(super) async fn start(desk: Desk, form: Form) -> Answer {
    steer::start_again(&desk.app, &desk.actor, form.get("reason")).await?;
    page::to("/console")
}
