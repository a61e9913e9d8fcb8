//! `GET /incidents`: the newest first.

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
    people::Actor,
    problem::Problem,
    store::incidents::Incident,
};

/// Which incidents.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// True for those only that are not over.
    #[serde(default)]
    open: bool,
    /// Where the page before ended.
    cursor: Option<String>,
    /// The items of a page, at most 200.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("listIncidents", "incidents", "Lists incidents, the newest first.", &[400]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Incident>>, Problem> {
    let (limit, cursor) = (reply::limit(asked.limit)?, reply::number(asked.cursor.as_deref())?);
    let found = app.store.incidents(asked.open, cursor, limit + 1).await?;
    let mut page = Page::of(found, limit, |incident| incident.id.to_string());
    if matches!(actor, Actor::Key { .. }) {
        page.items.retain(|incident| !incident.restricted);
    }
    Ok(Json(page))
}
