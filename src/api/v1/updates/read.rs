//! `GET /updates/{id}`: with what waits for an approval.

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
    approve::State as Standing,
    problem::Problem,
    store::{broadcasts::Broadcast, incidents::Update},
};

/// An update with what its approver needs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UpdateForApproval")]
struct Whole {
    /// The update.
    #[serde(flatten)]
    update: Update,
    /// What waits for an approval: its `digest` and `people` are what an approval names.
    waiting: Option<Broadcast>,
    /// Everyone who wrote a word of it, by number; none of them may approve it.
    writers: Vec<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe("readUpdate", "updates", "Reads an update, and what of it waits for an approval.", &[404]),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Whole>, Problem> {
    let update = auth::update(&app, &actor, id).await?;
    let broadcasts = app.store.broadcasts_of(id).await?;
    let waiting = broadcasts.into_iter().rev().find(|broadcast| broadcast.state == Standing::Submitted);
    Ok(Json(Whole { update, waiting, writers: app.store.writers(id).await? }))
}
