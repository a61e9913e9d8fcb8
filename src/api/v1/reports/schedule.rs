//! `GET /schedule`: what is due, and when.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{Json, Search},
        document::describe,
        reply::Page,
    },
    app::App,
    problem::Problem,
    schedule::due::{self, Due},
};

/// Of what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// True for practice instead of the real thing.
    #[serde(default)]
    exercises: bool,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists what is due, the nearest first: promised updates, starts, approvals that run out, planned work, \
        turns of duty.";
    get_with(handle, describe("readSchedule", "reports", text, &[]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Due>>, Problem> {
    Ok(Json(Page::whole(due::all(&app, &actor, asked.exercises).await?)))
}
