//! `POST /segments/explain`: whether somebody is in a segment, and why.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    audience::fields::{self, Membership},
    problem::Problem,
};

/// A filter and a person to try it on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MembershipQuestion")]
struct Question {
    /// The filter.
    filter: String,
    /// Who.
    customer_id: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "explainSegment",
            "segments",
            "Says whether a person is in the segment of a filter, and which of its conditions hold for them. Writes nothing.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Question>,
) -> Result<Json<Membership>, Problem> {
    fields::membership(&app, &actor, &asked.filter, &asked.customer_id).await.map(Json)
}
