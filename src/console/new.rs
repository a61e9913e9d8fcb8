//! Tell customers something: what it is, and whether it is practice. Then straight to writing.

use axum::extract::Query;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::Times,
    words::{say, text},
};
use crate::{
    approve::State,
    compose::{
        status::{ComponentStatus, Kind},
        write::{self, NewIncident},
    },
    people::sight,
    problem::Problem,
};

/// Practice or not.
#[derive(serde::Deserialize)]
pub(super) struct Wanted {
    /// Set for practice.
    pub exercise: Option<String>,
    /// What it is about, once that was chosen.
    pub component: Option<i64>,
}

/// What is being written already.
pub(super) async fn drafts(desk: &Desk) -> Result<Vec<Value>, Problem> {
    let times = Times::of(&desk.app);
    let mut drafts = Vec::new();
    for state in [State::Draft, State::Returned] {
        for update in sight::updates_in(&desk.app, &desk.actor, state).await? {
            let incident = desk.app.store.incident(update.incident_id).await?;
            drafts.push(json!({ "id": update.id, "number": update.number, "title": incident.title, "exercise": incident.exercise,
                "state": say("state", state.as_str()), "saved": times.away(update.saved_at) }));
        }
    }
    Ok(drafts)
}

/// The form, with what is being written already.
pub(super) async fn show(desk: Desk, Query(wanted): Query<Wanted>) -> Answer {
    let (drafts, exercise) = (drafts(&desk).await?, wanted.exercise.is_some());
    let components = desk.app.store.components().await?;
    let component = components.iter().find(|component| wanted.component == Some(component.id));
    let kinds: Vec<_> = Kind::ALL
        .iter()
        .map(|kind| json!({ "name": kind.as_str(), "label": say("kind", kind.as_str()), "checked": *kind == Kind::Incident,
            "hint": match kind { Kind::Incident => text!("new-kind-incident"), Kind::Maintenance => text!("new-kind-maintenance"), Kind::Notice => text!("new-kind-notice") } }))
        .collect();
    let title = text!("new-heading", exercise = exercise.to_string());
    let frame = Frame { template: "new", nav: "write", title: title.clone(), exercise };
    page::show(
        &desk,
        &frame,
        json!({ "drafts": drafts, "kinds": kinds, "exercise": exercise, "title": title,
        "component": component.map(|component| json!({ "id": component.id, "name": component.name })) }),
    )
    .await
}

/// Opens the incident with its first update.
pub(super) async fn open(desk: Desk, form: Form) -> Answer {
    let kind = Kind::parse(form.get("kind")).ok_or_else(|| Problem::invalid("/kind", text!("new-no-kind")))?;
    let new = NewIncident {
        kind,
        title: form.get("title").to_owned(),
        exercise: form.get("exercise") == "1",
        restricted: form.get("restricted") == "1",
    };
    let incident = write::open_incident(&desk.app, &desk.actor, &new).await?;
    let mut content = write::blank(&desk.app, &incident).await?;
    // What was said to be broken is touched; how badly, the author says.
    let component = form.get("component").parse().ok().filter(|_| kind == Kind::Incident);
    content.components.extend(component.map(|id: i64| (id, ComponentStatus::PartialOutage)));
    let update = write::begin_update(&desk.app, &desk.actor, incident.id, Some(content)).await?;
    // Nobody else sees it yet, so who approves it is named before anything is written.
    if incident.restricted {
        return page::to(&format!("/console/incidents/{}#who", incident.id));
    }
    page::to(&format!("/console/updates/{}", update.id))
}
