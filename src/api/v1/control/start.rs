//! `POST /start`: lets things start again.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{extract::State, response::NoContent};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::Json,
        document::describe,
    },
    app::App,
    problem::Problem,
    track::steer,
};

/// Why it may go on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Start {
    /// Why it is right to start again.
    reason: String,
    /// Broadcasts that were stopped and are sent on; the others stay stopped until each is resumed.
    #[serde(default)]
    resume: Vec<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "startAgain",
            "installation",
            "Lets things start again. Broadcasts that were stopped stay stopped, but for those named. After a restored database it takes an administrator.",
            &[404, 409],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, Json(asked): Json<Start>) -> Result<NoContent, Problem> {
    for id in &asked.resume {
        auth::broadcast(&app, &actor, *id).await?;
    }
    steer::start_again(&app, &actor, &asked.reason, &asked.resume).await?;
    Ok(NoContent)
}
