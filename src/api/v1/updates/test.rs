//! `POST /updates/{id}/test`: a test to oneself.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json, Search},
        document::describe,
    },
    app::App,
    problem::Problem,
    send::trial::{self, Trial},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "testUpdate",
            "updates",
            "Sends the latest version to the caller alone, by email or, with `channel=sms`, to their phone, marked as a test. It needs no approval and counts nowhere; five in ten minutes are allowed.",
            &[404, 409, 429],
        ),
    )
}

/// By which way.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct By {
    /// `email`, which it is without, or `sms`.
    #[serde(default)]
    channel: Option<Channel>,
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Search(By { channel }): Search<By>,
) -> Result<Json<Trial>, Problem> {
    auth::update(&app, &actor, id).await?;
    trial::send(&app, &actor, id, channel.unwrap_or(Channel::Email)).await.map(Json)
}
