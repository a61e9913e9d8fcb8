//! `GET /plans`.

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
    schedule::timed::work::{self, Seen},
};

/// Which plans.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// True for those that are over or were cancelled, too.
    #[serde(default)]
    over: bool,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists planned work, the next one first, each with what lies ahead and what became of what has come.";
    get_with(handle, describe("listPlans", "schedule", text, &[]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Seen>>, Problem> {
    work::all(&app, &actor, asked.over).await.map(|plans| Json(Page::whole(plans)))
}
