//! An incident's story, and the list of all of them.

use axum::extract::{Path, Query};
use serde_json::json;

use super::{
    enter::{Answer, Desk},
    form::Form,
    now,
    page::{self, Frame},
    time::Times,
    words::say,
};
use crate::{approve::State, compose::write, people::Role, problem::Problem};

/// Incidents on a page of the history.
const PAGE: i64 = 50;

/// Where the list goes on.
#[derive(serde::Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
}

/// Every incident.
pub(super) async fn history(desk: Desk, Query(After { after }): Query<After>) -> Answer {
    let times = Times::of(&desk.app);
    let found = desk.app.store.incidents(false, after, PAGE).await?;
    let mut scores = std::collections::BTreeMap::new();
    for incident in found.iter().filter(|incident| incident.exercise) {
        if let Some(score) = desk.app.store.exercise_score(incident.id).await? {
            scores.insert(incident.id, super::exercise::in_words(&score));
        }
    }
    let more = (found.len() as i64 == PAGE).then(|| found.last().map(|incident| incident.id)).flatten();
    let rows = found.iter().map(|incident| {
        json!({ "id": incident.id, "title": incident.title, "exercise": incident.exercise, "kind": say("kind", incident.kind.as_str()),
            "status": incident.status.map_or("Not told yet", |status| say("status", status.as_str())), "class": now::class(incident),
            "began": times.full(incident.created_at), "ended": incident.ended_at.map(|at| times.full(at)), "score": scores.get(&incident.id) })
    });
    let frame = Frame { template: "history", nav: "history", title: "History".to_owned(), exercise: false };
    page::show(&desk, &frame, json!({ "rows": rows.collect::<Vec<_>>(), "more": more })).await
}

/// One incident: its updates, what was sent, promises kept and late.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let times = Times::of(&desk.app);
    let incident = desk.app.store.incident(id).await?;
    let broadcasts = desk.app.store.broadcasts_of_incident(id).await?;
    let people = desk.app.store.people().await?;
    let name = |id: Option<i64>| people.iter().find(|person| Some(person.id) == id).map(|person| person.name.clone());
    let mut updates = Vec::new();
    let all = desk.app.store.updates(id).await?;
    for update in all.iter().rev().filter(|update| update.state != State::Discarded) {
        let facts = update
            .content
            .variants
            .first()
            .and_then(|variant| variant.facts_for(desk.app.default_locale(), desk.app.default_locale()));
        let sent =
            broadcasts.iter().filter(|broadcast| broadcast.update_id == update.id && broadcast.approved_at.is_some());
        let sent = sent.map(|broadcast| {
            json!({ "id": broadcast.id, "message": say("message", broadcast.message.as_str()), "state": say("state", broadcast.state.as_str()),
                "people": broadcast.people, "by": name(broadcast.approved_by), "at": broadcast.started_at.map(|at| times.full(at)) })
        });
        updates.push(json!({
            "id": update.id, "number": update.number, "status": say("status", update.content.status.as_str()),
            "headline": facts.map(|(_, facts)| facts.headline.clone()).unwrap_or_default(),
            "text": facts.map(|(_, facts)| facts.what_happened.clone()).unwrap_or_default(),
            "state": say("state", update.state.as_str()),
            "writing": matches!(update.state, State::Draft | State::Returned),
            "submitted": update.state == State::Submitted,
            "by": name(update.author_id),
            "sent": sent.collect::<Vec<_>>(),
        }));
    }
    let promises = desk.app.store.promises_of(id).await?;
    let (kept, late): (Vec<_>, Vec<_>) = promises
        .iter()
        .filter_map(|promise| promise.kept_at.map(|at| (promise, at)))
        .partition(|(promise, at)| *at <= promise.due_at);
    let colleagues = people.iter().filter(|person| person.active && person.role >= Role::Author);
    let colleagues: Vec<_> = colleagues.map(|person| json!({ "id": person.id, "name": person.name })).collect();
    let rows = promises.iter().map(|promise| {
        json!({ "id": promise.id, "time": times.full(promise.due_at), "owner": name(promise.owner_id),
            "kept": promise.kept_at.map(|at| times.near(at)), "late": promise.kept_at.unwrap_or(times.now) > promise.due_at,
            "colleagues": if promise.kept_at.is_none() { json!(colleagues) } else { json!([]) } })
    });
    let open = all.iter().any(|update| matches!(update.state, State::Draft | State::Returned | State::Submitted));
    let score = desk.app.store.exercise_score(id).await?;
    let body = json!({
        "scored": score.is_some(),
        "id": id, "title": incident.title, "exercise": incident.exercise, "kind": say("kind", incident.kind.as_str()),
        "status": incident.status.map_or("Not told yet", |status| say("status", status.as_str())), "class": now::class(&incident),
        "began": times.full(incident.created_at), "ended": incident.ended_at.map(|at| times.full(at)),
        "updates": updates, "promises": rows.collect::<Vec<_>>(), "kept": kept.len(), "late": late.len(),
        "next": (!open && score.is_none()).then(|| all.iter().map(|update| update.number).max().unwrap_or_default() + 1),
    });
    page::show(
        &desk,
        &Frame { template: "incident", nav: "history", title: incident.title.clone(), exercise: incident.exercise },
        body,
    )
    .await
}

/// Begins the next update, or goes on with the one that is being written.
pub(super) async fn begin(desk: Desk, Path(id): Path<i64>) -> Answer {
    let updates = desk.app.store.updates(id).await?;
    let open =
        updates.iter().rev().find(|update| matches!(update.state, State::Draft | State::Returned | State::Submitted));
    let update = match open {
        Some(update) => update.id,
        None => write::begin_update(&desk.app, &desk.actor, id, None).await?.id,
    };
    page::to(&format!("/console/updates/{update}"))
}

/// Hands a promise over to a colleague.
pub(super) async fn hand_over(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    desk.app.may(&desk.actor, Role::Author, "write")?;
    let to: i64 = form.get("to").parse().map_err(|_| Problem::invalid("/to", "choose a colleague"))?;
    let colleague = desk.app.store.person(to).await?;
    if !colleague.active || colleague.role < Role::Author {
        return Err(Problem::invalid("/to", "choose somebody who writes").into());
    }
    desk.app.store.hand_over_promise(id, to).await?;
    let (by, subject) = (desk.actor.audit_name(), format!("promise:{id}"));
    desk.app.store.audit(&desk.app.entry(&by, "promise.hand_over", &subject, json!({ "to": to }))).await?;
    desk.app.engine.tell(crate::send::Event::Desk);
    let incident: i64 = form.get("incident").parse().map_err(|_| Problem::unreadable("the form names no incident"))?;
    page::to(&if form.get("from") == "now" { "/console".to_owned() } else { format!("/console/incidents/{incident}") })
}
