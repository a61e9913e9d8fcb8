//! `GET /segments`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    problem::Problem,
    store::recipients::Segment,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("listSegments", "segments", "Lists every segment.", &[]))
}

async fn handle(State(app): State<App>) -> Result<Json<Page<Segment>>, Problem> {
    Ok(Json(Page::whole(app.store.segments().await?)))
}
