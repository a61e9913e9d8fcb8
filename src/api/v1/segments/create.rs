//! `POST /segments`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use super::input::Input;
use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    audience::manage,
    problem::Problem,
    store::recipients::Segment,
};

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
