//! `GET /webhooks/{name}/events`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Name;
use crate::{
    api::{
        auth::Caller,
        body::{At, Json, Search},
        document::describe,
        reply::{self, Page},
    },
    app::App,
    problem::Problem,
    store::webhooks::Listed,
    webhooks::manage,
};

/// Which events.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// `waiting`, `delivered` or `failed`.
    state: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// The most items.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists what an endpoint was told, the newest first, and what came of it. Kept for `webhooks.keep_days`.";
    get_with(handle, describe("listWebhookEvents", "webhooks", text, &[400, 404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Name { name }): At<Name>,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Listed>>, Problem> {
    let (cursor, limit) = (reply::number(asked.cursor.as_deref())?, reply::limit(asked.limit)?);
    let events = manage::events(&app, &actor, &name, asked.state.as_deref(), cursor, limit + 1).await?;
    Ok(Json(Page::of(events, limit, |event| event.number.to_string())))
}
