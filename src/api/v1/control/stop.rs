//! `POST /stop`: every broadcast, and whatever would start.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    problem::Problem,
    track::steer,
};

/// What was stopped.
#[derive(Serialize, JsonSchema)]
struct Stopped {
    /// Broadcasts that were going out or scheduled, by number.
    broadcasts: Vec<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe("stopEverything", "installation", "Stops everything. One person, no approval, reversible.", &[]),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Stopped>, Problem> {
    let broadcasts = steer::stop_everything(&app, &actor).await?;
    Ok(Json(Stopped { broadcasts }))
}
