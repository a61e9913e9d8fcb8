//! `GET /duty`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    problem::Problem,
    store::duty::Duty,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("listDuty", "people", "Lists the turns of duty that are not over.", &[]))
}

async fn handle(State(app): State<App>) -> Result<Json<Page<Duty>>, Problem> {
    Ok(Json(Page::whole(app.store.duties(app.world.clock.now()).await?)))
}
