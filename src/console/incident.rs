//! An incident: its story, who may see it, and the one thing to do next.

use axum::{extract::Path, http::StatusCode};
use serde_json::{Value, json};

use super::{
    deadlines,
    enter::{Answer, Desk},
    form::Form,
    now,
    page::{self, Frame},
    restricted, sheet,
    story::Story,
    time::Times,
    words::{say, text},
};
use crate::{
    approve::State,
    compose::{staff, write},
    people::{Person, Role, sight},
    problem::Problem,
    schedule::promise::owner,
};

/// One incident: its updates, what was sent, promises kept and late.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    shown(&desk, id, None, None).await
}

/// The page, with what is wrong with a form of it.
pub(super) async fn shown(desk: &Desk, id: i64, problem: Option<&Problem>, given: Option<&deadlines::Given>) -> Answer {
    let times = Times::of(&desk.app);
    let incident = sight::incident(&desk.app, &desk.actor, id).await?;
    let people = desk.app.store.people().await?;
    let story = Story::read(desk, &incident, &people).await?;
    let named = desk.app.store.named(id).await?;
    let sees = |person: &&Person| !incident.restricted || named.iter().any(|named| named.person_id == person.id);
    let colleagues = people.iter().filter(|person| person.active && person.role >= Role::Author).filter(sees);
    let colleagues: Vec<_> = colleagues.map(|person| json!({ "id": person.id, "name": person.name })).collect();
    let score = desk.app.store.exercise_score(id).await?;
    let replies = desk.app.store.count_replies(id).await?;
    let body = json!({
        "scored": score.is_some(), "replies": { "all": replies.all, "open": replies.open },
        "id": id, "title": incident.title, "exercise": incident.exercise, "kind": say("kind", incident.kind.as_str()),
        "status": now::status(&incident), "class": now::class(&incident),
        "began": times.full(incident.created_at), "ended": incident.ended_at.map(|at| times.full(at)),
        "updates": story.updates(desk, &times).await?, "besides": story.besides(desk, &times, &incident).await?,
        "promises": story.promises(desk, &times, &incident, &colleagues).await?,
        "sheet": sheet_of(desk, &times, id).await?,
        "deadlines": deadlines::view(desk, &times, &incident, &people, given).await?,
        "who": restricted::view(desk, &incident, problem).await?, "next": if score.is_some() { Value::Null } else { json!(story.next(desk)) }, "also": story.also(desk),
    });
    let frame =
        Frame { template: "incident", nav: "history", title: incident.title.clone(), exercise: incident.exercise };
    let mut response = page::show(desk, &frame, body).await?;
    let problem = problem.or(given.map(|given| &given.problem));
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// What colleagues go by now; null where nothing went out for them.
async fn sheet_of(desk: &Desk, times: &Times, id: i64) -> Result<Value, Problem> {
    let Some(current) = staff::current(&desk.app, id).await? else { return Ok(Value::Null) };
    Ok(json!({ "update": current.update, "since": times.full(current.since), "withdrawn": current.withdrawn,
        "newer": current.newer, "sheets": sheet::shown(desk, current.sheets.iter()) }))
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
    let to: i64 = form.get("to").parse().map_err(|_| Problem::invalid("/to", text!("incident-no-colleague")))?;
    owner::hand_over(&desk.app, &desk.actor, id, to).await?;
    let incident: i64 = form.get("incident").parse().map_err(|_| Problem::unreadable(text!("incident-lost")))?;
    page::to(&if form.get("from") == "now" { "/console".to_owned() } else { format!("/console/incidents/{incident}") })
}
