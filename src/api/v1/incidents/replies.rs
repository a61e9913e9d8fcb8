//! `GET /incidents/{id}/replies`: what people wrote back.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json, Search},
        document::describe,
        reply::{self, Page, bad_cursor},
    },
    app::App,
    people::{Role, Scope},
    problem::Problem,
    store::replies::Reply,
};

/// Which replies.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api::v1) struct Asked {
    /// Where the page before ended.
    cursor: Option<String>,
    /// The items of a page, at most 200.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists what people wrote back after a message of an incident, the oldest first. A key needs the scope `audience`.";
    get_with(handle, describe("listReplies", "incidents", text, &[400, 404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Reply>>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Audience.as_str())?;
    auth::may_see(&app, &actor, id).await?;
    page(&app, Some(id), asked).await
}

/// A page of replies: of an incident, or of none.
pub(in crate::api::v1) async fn page(
    app: &App,
    incident: Option<i64>,
    asked: Asked,
) -> Result<Json<Page<Reply>>, Problem> {
    let limit = reply::limit(asked.limit)?;
    let after = asked.cursor.map_or(Ok(0), |cursor| cursor.parse().map_err(|_| bad_cursor()))?;
    let found = app.store.replies(incident, after, limit + 1).await?;
    Ok(Json(Page::of(found, limit, |last| last.id.to_string())))
}
