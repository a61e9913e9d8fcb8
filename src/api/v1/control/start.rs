//! `POST /start`: lets things start again.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{extract::State, response::NoContent};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
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
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "startAgain",
            "installation",
            "Lets things start again. Broadcasts that were stopped stay stopped until each is resumed. After a restored database it takes an administrator.",
            &[],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, Json(asked): Json<Start>) -> Result<NoContent, Problem> {
    steer::start_again(&app, &actor, &asked.reason).await?;
    Ok(NoContent)
}
