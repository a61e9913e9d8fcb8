//! `GET /intake/calls`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        body::{Json, Search},
        document::describe,
        reply::{self, Page},
    },
    app::App,
    problem::Problem,
    store::calls::Call,
};

/// Which calls.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Of one source.
    source: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// The most items.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text =
        "Lists what monitoring called with and what became of it, the newest first. Kept for `intake.keep_days`.";
    get_with(handle, describe("listIntakeCalls", "intake", text, &[400]))
}

async fn handle(State(app): State<App>, Search(asked): Search<Asked>) -> Result<Json<Page<Call>>, Problem> {
    let (cursor, limit) = (reply::number(asked.cursor.as_deref())?, reply::limit(asked.limit)?);
    let calls = app.store.calls(asked.source.as_deref(), cursor, limit + 1).await?;
    Ok(Json(Page::of(calls, limit, |call| call.id.to_string())))
}
