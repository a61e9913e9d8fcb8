//! Other deadlines of an incident: the card on its page. They remind; the public sees none.

use axum::extract::Path;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    incident, page,
    time::Times,
    words::text,
};
use crate::{
    people::Person,
    problem::Problem,
    schedule::deadline::{self, New},
    store::incidents::Incident,
};

/// What was typed, and what is wrong with it.
pub(super) struct Given {
    title: String,
    due: String,
    owner: String,
    pub problem: Problem,
}

/// The card.
pub(super) async fn view(
    desk: &Desk,
    times: &Times,
    incident: &Incident,
    people: &[Person],
    given: Option<&Given>,
) -> Result<Value, Problem> {
    let name = |id: Option<i64>| people.iter().find(|person| Some(person.id) == id).map(|person| person.name.as_str());
    let found = desk.app.store.deadlines(Some(incident.id)).await?;
    let rows = found.iter().map(|deadline| {
        json!({
            "id": deadline.id, "title": deadline.title, "time": times.full(deadline.due_at),
            "away": times.away(deadline.due_at), "late": deadline.done_at.is_none() && deadline.due_at < times.now,
            "owner": name(deadline.owner_id), "by": name(deadline.done_by),
            "done": deadline.done_at.map(|at| times.near(at)),
        })
    });
    let owner = given.map_or_else(|| desk.person.id.to_string(), |given| given.owner.clone());
    let colleagues = people
        .iter()
        .filter(|person| person.active)
        .map(|person| json!({ "id": person.id, "name": person.name, "chosen": person.id.to_string() == owner }));
    Ok(json!({
        "rows": rows.collect::<Vec<_>>(),
        "colleagues": colleagues.collect::<Vec<_>>(),
        "problem": given.map(|given| given.problem.detail.as_str()),
        "title": given.map(|given| given.title.as_str()),
        "due": given.map_or_else(|| times.input(times.now + jiff::SignedDuration::from_hours(72)), |given| given.due.clone()),
    }))
}

/// Writes one down. What cannot be used comes back with what was typed.
pub(super) async fn add(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let due = Times::of(&desk.app).parse(form.get("due"));
    let added = match due {
        None => Err(Problem::invalid("/due_at", text!("deadlines-no-time"))),
        Some(due_at) => {
            let new = New { title: form.get("title").to_owned(), due_at, owner_id: form.get("owner").parse().ok() };
            deadline::add(&desk.app, &desk.actor, id, &new).await
        }
    };
    match added {
        Ok(_) => page::to(&format!("/console/incidents/{id}#deadlines")),
        Err(problem) if matches!(problem.status, 409 | 422) => {
            let [title, due, owner] = ["title", "due", "owner"].map(|name| form.get(name).to_owned());
            incident::shown(&desk, id, None, Some(&Given { title, due, owner, problem })).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Marks one as done, or as open again.
pub(super) async fn mark(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let deadline = deadline::mark(&desk.app, &desk.actor, id, form.get("action") == "done").await?;
    page::to(&format!("/console/incidents/{}#deadlines", deadline.incident_id))
}
