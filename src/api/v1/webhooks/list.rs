//! `GET /webhooks`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    problem::Problem,
    webhooks::manage::{self, Standing},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists the endpoints that are told what happens, and how each stands: what waits, since when it fails, and \
        whether it is switched off. Addresses and keys stand in the configuration and are never shown.";
    get_with(handle, describe("listWebhooks", "webhooks", text, &[]))
}

async fn handle(State(app): State<App>) -> Result<Json<Page<Standing>>, Problem> {
    Ok(Json(Page::whole(manage::all(&app).await?)))
}
