//! Now: what customers hear from us, which promises stand, what goes out, who waits for whom.

use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    time::Times,
    words::say,
};
use crate::{
    approve::State,
    problem::Problem,
    store::{
        broadcasts::Broadcast,
        incidents::{Incident, Update},
        lookups::Promise,
    },
};

/// Incidents that fit on the page.
const MOST: i64 = 50;

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    let app = &desk.app;
    let times = Times::of(app);
    let mut promises = app.store.open_promises(false).await?;
    promises.extend(app.store.open_promises(true).await?);
    let mut incidents = Vec::new();
    let mut open = 0;
    for incident in app.store.incidents(true, 0, MOST).await? {
        let promise = promises.iter().find(|promise| promise.incident_id == incident.id);
        open += usize::from(!incident.exercise);
        incidents.push(card(&desk, &times, &incident, promise).await?);
    }
    let mut running = Vec::new();
    for broadcast in app.store.broadcasts_in(&[State::Running, State::Paused, State::Scheduled]).await? {
        running.push(going_out(&desk, &times, &broadcast).await?);
    }
    let channels = super::channels::chips(&desk).await?;
    let ready = channels.iter().filter(|channel| channel["class"] == "ok").count();
    let body = json!({
        "open": open,
        "duty": super::duty::names(&desk).await?,
        "ready": ready,
        "configured": channels.len(),
        "incidents": incidents,
        "running": running,
        "waiting": waiting(&desk, &times).await?,
        "proposals": super::proposals::waiting(&desk).await?,
        "channels": channels,
    });
    page::show(&desk, &Frame { template: "now", nav: "now", title: "Now".to_owned(), exercise: false }, body).await
}

async fn card(desk: &Desk, times: &Times, incident: &Incident, promise: Option<&Promise>) -> Result<Value, Problem> {
    let updates = desk.app.store.updates(incident.id).await?;
    let last = updates.iter().rev().find(|update| update.state == State::Approved);
    let draft =
        updates.iter().rev().find(|update| matches!(update.state, State::Draft | State::Returned | State::Submitted));
    let told = match last {
        Some(update) => Some(told(desk, times, update).await?),
        None => None,
    };
    let next = updates.iter().map(|update| update.number).max().unwrap_or_default();
    Ok(json!({
        "id": incident.id,
        "title": incident.title,
        "exercise": incident.exercise,
        "status": incident.status.map_or("Not told yet", |status| say("status", status.as_str())),
        "class": class(incident),
        "told": told,
        "promise": promise.map(|promise| json!({
            "at": promise.due_at.to_string(),
            "time": times.full(promise.due_at),
            "away": times.away(promise.due_at),
            "class": if promise.due_at < times.now { "late" } else if promise.due_at.duration_since(times.now).as_secs() < 900 { "near" } else { "" },
            "held": last.is_some_and(|update| update.content.next_update_at.is_some()),
        })),
        "draft": draft.map(|draft| json!({ "id": draft.id, "number": draft.number, "state": say("state", draft.state.as_str()),
            "submitted": draft.state == State::Submitted })),
        "next": if draft.is_some() { next } else { next + 1 },
    }))
}

/// The badge's colour.
pub(super) fn class(incident: &Incident) -> &'static str {
    match incident.status.map(|status| status.as_str()) {
        Some("investigating" | "identified" | "in_progress") => "warn",
        Some("monitoring" | "verifying" | "resolved" | "completed") => "ok",
        _ => "info",
    }
}

/// "Update 2, 20 min ago: … · sent to 48,201 of 48,213".
async fn told(desk: &Desk, times: &Times, update: &Update) -> Result<Value, Problem> {
    let broadcasts = desk.app.store.broadcasts_of(update.id).await?;
    let sent = broadcasts.iter().rev().find(|broadcast| broadcast.started_at.is_some());
    let headline = update
        .content
        .variants
        .first()
        .and_then(|variant| variant.facts_for(desk.app.default_locale(), desk.app.default_locale()));
    let mut told = json!({
        "number": update.number,
        "headline": headline.map(|(_, facts)| facts.headline.clone()).unwrap_or_default(),
        "broadcast": null,
    });
    if let Some(broadcast) = sent {
        let (total, have, arrived) = reach(desk, broadcast).await?;
        told["broadcast"] = json!({ "id": broadcast.id, "total": total, "have": have, "arrived": arrived,
            "away": times.away(broadcast.started_at.unwrap_or(times.now)) });
    }
    Ok(told)
}

/// Deliveries in all, handed over, and arrived as far as the networks tell.
async fn reach(desk: &Desk, broadcast: &Broadcast) -> Result<(i64, i64, i64), Problem> {
    use crate::track::DeliveryState as Outcome;
    let progress = desk.app.store.progress(broadcast.id).await?;
    let sum = |wanted: &[Outcome]| {
        progress
            .values()
            .flat_map(|channel| channel.outcomes.iter())
            .filter(|(state, _)| wanted.contains(state))
            .map(|(_, n)| n)
            .sum()
    };
    let total = progress.values().map(|channel| channel.total).sum();
    Ok((total, sum(&[Outcome::Delivered, Outcome::Accepted]), sum(&[Outcome::Delivered])))
}

async fn going_out(desk: &Desk, times: &Times, broadcast: &Broadcast) -> Result<Value, Problem> {
    let update = desk.app.store.update(broadcast.update_id).await?;
    let incident = desk.app.store.incident(broadcast.incident_id).await?;
    let (total, have, _) = reach(desk, broadcast).await?;
    Ok(json!({
        "id": broadcast.id,
        "message": say("message", broadcast.message.as_str()),
        "number": update.number,
        "title": incident.title,
        "exercise": broadcast.exercise,
        "state": say("state", broadcast.state.as_str()),
        "paused": broadcast.state == State::Paused,
        "start": broadcast.start_at.filter(|_| broadcast.started_at.is_none()).map(|at| times.full(at)),
        "total": total,
        "have": have,
    }))
}

/// What waits for somebody's yes, the oldest first.
pub(super) async fn waiting(desk: &Desk, times: &Times) -> Result<Vec<Value>, Problem> {
    let mut rows = Vec::new();
    for update in desk.app.store.updates_in(State::Submitted).await? {
        let Ok(broadcast) = crate::approve::decide::waiting(&desk.app, update.id).await else { continue };
        let incident = desk.app.store.incident(update.incident_id).await?;
        let by = match broadcast.submitted_by {
            Some(id) => desk.app.store.person(id).await?.name,
            None => "a program".to_owned(),
        };
        rows.push(json!({
            "update": update.id,
            "number": update.number,
            "title": incident.title,
            "exercise": incident.exercise,
            "by": by,
            "away": times.away(broadcast.submitted_at),
            "people": broadcast.people,
            "expires": times.full(broadcast.expires_at),
            "awaited": crate::approve::sign::required(&desk.app, &broadcast).await?.iter().filter(|one| one.signed.is_none()).map(|one| one.name.clone()).collect::<Vec<_>>().join(" and "),
            "chase": super::approve::chase::sentence(desk, times, &broadcast).await?,
            "mine": crate::approve::decide::may_approve(&desk.app, &desk.actor, update.id).await.is_ok(),
        }));
    }
    Ok(rows)
}
