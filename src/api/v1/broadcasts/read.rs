//! `GET /broadcasts/{id}`: how it stands.

use super::{progress::Progress, trouble::Trouble};
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
    problem::Problem,
    store::broadcasts::Broadcast,
};

/// A broadcast and how it stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BroadcastWithProgress")]
struct Whole {
    /// The broadcast.
    #[serde(flatten)]
    broadcast: Broadcast,
    /// How far it is.
    progress: Progress,
    /// What went wrong or waits, the most frequent first.
    troubles: Vec<Trouble>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "readBroadcast",
            "broadcasts",
            "Reads a broadcast: how far it is by channel, what went wrong in words, when it will be done.",
            &[404],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Whole>, Problem> {
    let broadcast = auth::broadcast(&app, &actor, id).await?;
    let progress = Progress::read(&app, id).await?;
    Ok(Json(Whole { broadcast, progress, troubles: Trouble::read(&app, id).await? }))
}
