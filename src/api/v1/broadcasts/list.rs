//! `GET /broadcasts`: the newest first.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{Json, Search},
        document::describe,
        reply::{self, Page},
    },
    app::App,
    approve::State as Standing,
    people::sight,
    problem::Problem,
    store::broadcasts::Broadcast,
};

/// Which broadcasts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Where they stand.
    state: Option<Standing>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// The items of a page, at most 200.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("listBroadcasts", "broadcasts", "Lists broadcasts, the newest first.", &[400]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Broadcast>>, Problem> {
    let (limit, cursor) = (reply::limit(asked.limit)?, reply::number(asked.cursor.as_deref())?);
    let found = app.store.broadcasts(asked.state, cursor, limit + 1).await?;
    let mut page = Page::of(found, limit, |broadcast| broadcast.id.to_string());
    let hidden = sight::hidden(&app, &actor).await?;
    page.items.retain(|broadcast| !hidden.contains(&broadcast.incident_id));
    Ok(Json(page))
}
