//! `GET /updates/{id}/versions`: every version.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
        reply::Page,
    },
    app::App,
    problem::Problem,
    store::incidents::Version,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("listVersions", "updates", "Lists every version of an update, in order.", &[404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Page<Version>>, Problem> {
    auth::update(&app, &actor, id).await?;
    Ok(Json(Page::whole(app.store.versions(id).await?)))
}
