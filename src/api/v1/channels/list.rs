//! `GET /channels`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    problem::Problem,
    send::standing::{self, Standing},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists every provider: how it stands, its limits and pace, how the last check of its credentials went, \
        what went wrong lately, and what needs care.";
    get_with(handle, describe("listChannels", "channels", text, &[]))
}

async fn handle(State(app): State<App>) -> Result<Json<Page<Standing>>, Problem> {
    Ok(Json(Page::whole(standing::all(&app).await?)))
}
