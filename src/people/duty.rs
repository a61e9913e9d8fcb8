//! On duty: who is called when something waits for an approval, in which order, from when to when.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Actor, Role};
use crate::{app::App, problem::Problem, send::Event, store::duty::Duty};

/// A turn to be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Who; somebody who may approve.
    pub person_id: i64,
    /// The order in which they are called, 1 to 20: 1 first.
    pub place: i64,
    /// From when.
    pub from_at: Timestamp,
    /// Until when.
    pub until_at: Timestamp,
}

fn manages(app: &App, actor: &Actor) -> Result<(), Problem> {
    app.may(actor, Role::Administrator, "admin").map(drop)
}

/// Puts somebody on duty.
///
/// # Errors
/// 403 for less than an administrator; 404 for nobody; 422 at the field.
pub async fn add(app: &App, actor: &Actor, turn: &Turn) -> Result<Duty, Problem> {
    manages(app, actor)?;
    let person = app.store.person(turn.person_id).await?;
    if !person.active || person.role < Role::Approver {
        return Err(Problem::invalid(
            "/person_id",
            format!("{} may not approve; make them an approver first", person.name),
        ));
    }
    if !(1..=20).contains(&turn.place) {
        return Err(Problem::invalid("/place", "the order is a number from 1 to 20; 1 is called first"));
    }
    if turn.until_at <= turn.from_at || turn.until_at <= app.world.clock.now() {
        return Err(Problem::invalid("/until_at", "a turn of duty ends after it begins, and not in the past"));
    }
    let mut duty =
        Duty { id: 0, person_id: turn.person_id, place: turn.place, from_at: turn.from_at, until_at: turn.until_at };
    let by = actor.audit_name();
    let entry = app.entry(&by, "duty.add", "", serde_json::json!({ "person": turn.person_id }));
    duty.id = app.store.add_duty(&duty, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(duty)
}

/// Takes a turn away.
///
/// # Errors
/// 403 for less than an administrator; 404.
pub async fn remove(app: &App, actor: &Actor, id: i64) -> Result<(), Problem> {
    manages(app, actor)?;
    let (by, subject) = (actor.audit_name(), format!("duty:{id}"));
    app.store.remove_duty(id, &app.entry(&by, "duty.remove", &subject, serde_json::json!({}))).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}
