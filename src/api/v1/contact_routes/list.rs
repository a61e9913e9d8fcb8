//! `GET /contact-routes`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    compose::route::ContactRoute,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe("listContactRoutes", "contact routes", "Lists every contact route, in the order of pages.", &[]),
    )
}

async fn handle(State(app): State<App>) -> Result<Json<Page<ContactRoute>>, Problem> {
    Ok(Json(Page::whole(app.store.routes().await?)))
}
