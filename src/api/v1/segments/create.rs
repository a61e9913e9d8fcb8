//! `POST /segments`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    audience::manage,
    problem::Problem,
    store::recipients::Segment,
};

/// A segment as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SegmentInput")]
struct Input {
    /// Its name; at most 100 characters.
    name: String,
    /// The filter: `country = "DE" and tag "vip"`.
    filter: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(handle, describe("createSegment", "segments", "Makes a segment.", &[]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(new): Json<Input>,
) -> Result<Created<Segment>, Problem> {
    manage::put_segment(&app, &actor, None, &new.name, &new.filter).await.map(Created)
}
