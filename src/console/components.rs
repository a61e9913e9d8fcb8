//! The parts of the customers' service, and what is proposed for them. How they do, updates say.

use axum::{extract::Path, http::StatusCode};
use serde_json::json;

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    proposals,
    routes::{alone, places, proposed},
    words::{say, text},
};
use crate::{
    compose::status::ComponentStatus,
    problem::Problem,
    propose::{self, Change, ComponentText, Noun},
    store::components::Component,
};

/// The list.
pub(super) async fn list(desk: Desk) -> Answer {
    let row = |component: &Component| {
        json!({
            "id": component.id, "name": component.name, "description": component.description,
            "group": component.group, "status": say("component", component.status.as_str()),
            "well": component.status == ComponentStatus::Operational,
        })
    };
    let body = json!({
        "rows": desk.app.store.components().await?.iter().map(row).collect::<Vec<_>>(),
        "proposals": proposals::of(&desk, |proposal| proposal.noun == Noun::Component).await?,
    });
    let frame = Frame { template: "components", nav: "channels", title: text!("components-title"), exercise: false };
    page::show(&desk, &frame, body).await
}

/// The form for a new one.
pub(super) async fn new(desk: Desk) -> Answer {
    let position = desk.app.store.components().await?.len() as i64;
    edit(&desk, None, &ComponentText { position, ..ComponentText::default() }, None).await
}

/// The form for one.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let known = desk.app.store.components().await?;
    let found = known.iter().find(|component| component.id == id);
    let component = found.ok_or_else(|| Problem::missing(text!("component_edit-missing")))?;
    edit(&desk, Some(id), &component.into(), None).await
}

async fn edit(desk: &Desk, id: Option<i64>, text: &ComponentText, problem: Option<Problem>) -> Answer {
    let known = desk.app.store.components().await?;
    let mut groups: Vec<&str> =
        known.iter().map(|other| other.group.as_str()).filter(|group| !group.is_empty()).collect();
    groups.sort_unstable();
    groups.dedup();
    let body = json!({
        "id": id,
        "name": text.name,
        "description": text.description,
        "group": text.group,
        "groups": groups,
        "places": places(known.len() + usize::from(id.is_none()), text.position),
        "alone": alone(desk).await?,
        "problem": problem.as_ref().map(|problem| problem.detail.clone()),
        "at": problem.as_ref().and_then(|problem| problem.pointer.clone()),
    });
    let title = if id.is_some() { text!("component_edit-title-change") } else { text!("component_edit-new") };
    let frame = Frame { template: "component_edit", nav: "channels", title, exercise: false };
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// Proposes what the form says.
pub(super) async fn save(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    propose_as_typed(desk, Some(id), form).await
}

/// The same for a new one.
pub(super) async fn add(desk: Desk, form: Form) -> Answer {
    propose_as_typed(desk, None, form).await
}

async fn propose_as_typed(desk: Desk, target: Option<i64>, form: Form) -> Answer {
    let text = ComponentText {
        name: form.get("name").to_owned(),
        description: form.get("description").to_owned(),
        group: form.get("group").to_owned(),
        position: form.get("place").parse().unwrap_or_default(),
    };
    let change = if form.get("action") == "remove" { Change::Remove {} } else { Change::Component(text.clone()) };
    match propose::propose(&desk.app, &desk.actor, Noun::Component, target, &change).await {
        Ok(proposal) => proposed("/console/components", &proposal),
        Err(problem) if matches!(problem.status, 409 | 422) => edit(&desk, target, &text, Some(problem)).await,
        Err(problem) => Err(problem.into()),
    }
}
