//! `GET /components`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    problem::Problem,
    store::components::Component,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("listComponents", "components", "Lists every component, in the order of pages.", &[]))
}

async fn handle(State(app): State<App>) -> Result<Json<Page<Component>>, Problem> {
    Ok(Json(Page::whole(app.store.components().await?)))
}
