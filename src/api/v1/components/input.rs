//! A component as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    app::App,
    compose::status::ComponentStatus,
    people::{Actor, Role, Scope},
    problem::{Problem, line},
    send::Event,
    store::incidents::Component,
};

/// A component as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ComponentInput")]
pub struct Input {
    /// Its name, as customers know it; at most 100 characters.
    name: String,
    /// What it is; at most 500 characters.
    #[serde(default)]
    description: String,
    /// The heading that it stands under; empty for none.
    #[serde(default)]
    group: String,
    /// How it does, without an update that says so; left out, it stays as it is.
    #[serde(default)]
    status: Option<ComponentStatus>,
    /// Its place in lists.
    #[serde(default)]
    position: i64,
}

/// Writes a component: a new one (id 0), or the one of that number.
pub async fn write(app: &App, actor: &Actor, id: i64, input: &Input) -> Result<Component, Problem> {
    app.may(actor, Role::Author, Scope::Write.as_str())?;
    let now = app.world.clock.now();
    let before = app.store.components().await?.into_iter().find(|component| component.id == id);
    let or_empty = |pointer: &str, text: &str, most| {
        if text.trim().is_empty() { Ok(String::new()) } else { line(pointer, text, most) }
    };
    let status = input.status.or(before.map(|component| component.status)).unwrap_or(ComponentStatus::Operational);
    let component = Component {
        id,
        name: line("/name", &input.name, 100)?,
        description: or_empty("/description", &input.description, 500)?,
        group: or_empty("/group", &input.group, 100)?,
        status,
        position: input.position,
        created_at: now,
        updated_at: now,
    };
    let by = actor.audit_name();
    let id = app
        .store
        .put_component(&component, &app.entry(&by, "component.put", "", serde_json::json!({ "status": status })))
        .await?;
    app.engine.tell(Event::Public);
    let written = app.store.components().await?.into_iter().find(|component| component.id == id);
    written.ok_or_else(|| Problem::missing("there is no such component"))
}
