//! Schedule: what is announced and what is due, by time, each with its next step.

use axum::extract::Query;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    plans,
    time::Times,
    timers::{self, Given},
    words::{say, text},
};
use crate::{
    people::{Person, Role},
    schedule::due::{self, Due, What},
};

/// What is asked for.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    exercises: String,
}

/// The page.
pub(super) async fn show(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    shown(&desk, !asked.exercises.is_empty(), &Given::default(), &Given::default()).await
}

/// What its address says of practice.
pub(super) fn practice(exercise: bool) -> &'static str {
    if exercise { "?exercises=1" } else { "" }
}

/// The page, with what was typed into the form of a timer or of a plan.
pub(super) async fn shown(desk: &Desk, exercises: bool, timer: &Given, plan: &Given) -> Answer {
    let times = Times::of(&desk.app);
    let people = desk.app.store.people().await?;
    let known = desk.app.store.playbooks().await?;
    let due = due::all(&desk.app, &desk.actor, exercises).await?;
    let body = json!({
        "rows": due.iter().map(|due| row(desk, &times, &people, due)).collect::<Vec<_>>(),
        "timers": timers::view(desk, &times, &known, &people, exercises, timer).await?,
        "plans": plans::view(desk, &times, &known, &people, exercises, plan).await?,
        "exercises": exercises,
    });
    let frame = Frame { template: "schedule", nav: "history", title: text!("schedule-heading"), exercise: exercises };
    page::show(desk, &frame, body).await
}

fn row(desk: &Desk, times: &Times, people: &[Person], due: &Due) -> Value {
    let who = due.person_id.and_then(|id| people.iter().find(|person| person.id == id));
    let mine = due.person_id == Some(desk.person.id);
    let writes = desk.person.role >= Role::Author;
    let of = |id: Option<i64>| id.unwrap_or_default();
    let (step, place) = match due.what {
        What::Promise if writes => (text!("schedule-write"), format!("/console/incidents/{}", of(due.incident_id))),
        What::Promise => (text!("schedule-story"), format!("/console/incidents/{}", of(due.incident_id))),
        What::Deadline => (text!("schedule-mark"), format!("/console/incidents/{}#deadlines", of(due.incident_id))),
        What::Start => (text!("schedule-look"), format!("/console/broadcasts/{}", of(due.broadcast_id))),
        What::Approval => (text!("schedule-read"), format!("/console/updates/{}/approve", of(due.update_id))),
        What::Maintenance if writes => (text!("schedule-move"), format!("/console/incidents/{}", of(due.incident_id))),
        What::Maintenance => (text!("schedule-story"), format!("/console/incidents/{}", of(due.incident_id))),
        What::Timer => (text!("schedule-see-timer"), "/console/schedule#timers".to_owned()),
        What::WorkAnnounced | What::WorkBegins | What::WorkEnds => {
            (text!("schedule-see-plan"), "/console/schedule#plans".to_owned())
        }
        What::DutyBegins | What::DutyEnds => (text!("schedule-see-duty"), "/console/settings#duty".to_owned()),
    };
    json!({
        "what": say("due", due.what.as_str()),
        "title": due.title,
        "at": due.at.map(|at| times.near(at)),
        "away": due.at.map(|at| times.away(at)),
        "late": due.at.is_some_and(|at| at < times.now),
        "who": who.map(|person| if mine { text!("schedule-you") } else { person.name.clone() }),
        "nobody": who.is_none() && matches!(due.what, What::Promise | What::Deadline),
        "step": step,
        "place": place,
    })
}
