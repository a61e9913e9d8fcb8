//! `POST /broadcasts/{id}/retry`: sends again what failed, or what is in doubt.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// What to send again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Again {
    /// True for what may have arrived, false for what failed.
    #[serde(default)]
    in_doubt: bool,
    /// Of one channel.
    #[serde(default)]
    channel: Option<Channel>,
}

/// What was put back to be sent.
#[derive(Serialize, JsonSchema)]
struct Queued {
    /// How many deliveries.
    deliveries: i64,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "retryBroadcast",
            "broadcasts",
            "Sends again what failed, or what is in doubt. Of what is in doubt, some may get it twice.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(asked): Json<Again>,
) -> Result<Json<Queued>, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    let deliveries = steer::retry(&app, &actor, id, asked.in_doubt, asked.channel).await?;
    Ok(Json(Queued { deliveries }))
}
