//! `GET /incidents/{id}`: with its updates and promises.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    compose::staff,
    problem::Problem,
    schedule::promise::{Entry, Sums},
    store::{
        deadlines::Deadline,
        incidents::{Incident, Update},
        story::Deed,
    },
};

/// An incident with all that belongs to it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentWithUpdates")]
struct Whole {
    /// The incident.
    #[serde(flatten)]
    incident: Incident,
    /// Its updates in order.
    updates: Vec<Update>,
    /// What colleagues answer and say on the phone now; null where nothing went out for them.
    staff_sheet: Option<staff::Current>,
    /// What was promised to customers, in order, with how each stands or ended.
    promises: Vec<Entry>,
    /// How those sum up.
    promise_sums: Sums,
    /// Other deadlines, the nearest first.
    deadlines: Vec<Deadline>,
    /// What was done with it, in order: sent back, stopped, corrected, handed over.
    deeds: Vec<Deed>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("readIncident", "incidents", "Reads an incident with its updates and promises.", &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Whole>, Problem> {
    auth::may_see(&app, &actor, id).await?;
    let (store, now, missed) = (&app.store, app.world.clock.now(), app.config.promises.missed_after.0);
    let promises = store.promises_of(id).await?;
    let promises: Vec<Entry> = promises.into_iter().map(|promise| Entry::of(promise, now, missed)).collect();
    Ok(Json(Whole {
        incident: store.incident(id).await?,
        updates: store.updates(id).await?,
        staff_sheet: staff::current(&app, id).await?,
        promise_sums: promises.iter().collect(),
        promises,
        deadlines: store.deadlines(Some(id)).await?,
        deeds: store.deeds(id).await?,
    }))
}
