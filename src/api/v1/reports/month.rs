//! `GET /report`: what customers were told in a month.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        body::{Json, Search},
        document::describe,
    },
    app::App,
    problem::Problem,
    report::{self, Report},
};

/// Which one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The month, as `2026-11`; left out, the one of now.
    #[serde(default)]
    month: String,
    /// True for practice instead of the real thing.
    #[serde(default)]
    exercises: bool,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Reports what customers were told in a month, by component: incidents, updates, corrections, promises kept \
        and late, the time to the first update, and how many messages arrived. Restricted incidents are not in it.";
    get_with(handle, describe("readReport", "reports", text, &[422]))
}

async fn handle(State(app): State<App>, Search(asked): Search<Asked>) -> Result<Json<Report>, Problem> {
    report::of(&app, &asked.month, asked.exercises).await.map(Json)
}
