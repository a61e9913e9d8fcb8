//! `GET /incidents`: the newest first.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use jiff::Timestamp;
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
    compose::status::{Kind, Status},
    people::sight,
    problem::Problem,
    store::{history::Wanted, incidents::Incident},
};

/// Which incidents.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// True for those only that are not over.
    #[serde(default)]
    open: bool,
    /// Words that each stand in the title, or in what an update says.
    #[serde(default)]
    words: String,
    /// Of this kind.
    kind: Option<Kind>,
    /// Standing there for customers.
    status: Option<Status>,
    /// Whose updates speak of this component, by number.
    component: Option<i64>,
    /// True for practice only, false for none of it.
    exercise: Option<bool>,
    /// Not over before this.
    since: Option<Timestamp>,
    /// Opened before this.
    until: Option<Timestamp>,
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
    let wanted = Wanted {
        words: asked.words.split_whitespace().map(str::to_owned).collect(),
        kind: asked.kind,
        over: asked.open.then_some(false),
        status: asked.status,
        component: asked.component,
        exercise: asked.exercise,
        since: asked.since,
        until: asked.until,
    };
    let found = sight::incidents(&app, &actor, &wanted, cursor, limit + 1).await?;
    let page = Page::of(found, limit, |incident| incident.id.to_string());
    Ok(Json(page))
}
