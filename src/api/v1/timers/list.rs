//! `GET /timers`.

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
    schedule::timed::timer::{self, Seen},
};

/// Which timers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// True for those that were cancelled, too.
    #[serde(default)]
    cancelled: bool,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists recurring notices, each with its next five times and what became of the last.";
    get_with(handle, describe("listTimers", "schedule", text, &[]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Seen>>, Problem> {
    let mut seen = Vec::new();
    for timer in app.store.timers(asked.cancelled).await? {
        seen.push(timer::seen(&app, &actor, timer).await?);
    }
    Ok(Json(Page::whole(seen)))
}
