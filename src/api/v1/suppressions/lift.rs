//! `POST /suppressions/lift`: may be written to again.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{extract::State, response::NoContent};
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    audience::manage,
    problem::Problem,
};

/// Which address, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Lift {
    /// `email` or `sms`.
    channel: Channel,
    /// The address.
    value: String,
    /// Why it may be written to again: "asked by telephone".
    reason: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "liftSuppression",
            "recipients",
            "Lets an address be written to again, for a reason that is kept.",
            &[404],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, Json(asked): Json<Lift>) -> Result<NoContent, Problem> {
    manage::lift(&app, &actor, asked.channel, &asked.value, &asked.reason).await?;
    Ok(NoContent)
}
