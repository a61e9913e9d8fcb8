//! `POST /broadcasts/{id}/leave`: what may have arrived stays as it is.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{extract::State, response::NoContent};
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    track::steer,
};

/// What to leave.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Left {
    /// Of one channel.
    #[serde(default)]
    channel: Option<Channel>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text =
        "Leaves what may have arrived as it is, so that it waits for no decision. Sending it again stays possible.";
    post_with(handle, describe("leaveInDoubt", "broadcasts", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(asked): Json<Left>,
) -> Result<NoContent, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    steer::leave(&app, &actor, id, asked.channel).await?;
    Ok(NoContent)
}
