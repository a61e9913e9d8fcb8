//! `GET /updates/{id}/nothing`: who gets nothing, and why.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json, Search},
        document::describe,
        reply::{self, Page},
    },
    app::App,
    plan::nothing,
    problem::Problem,
    store::nothing::LeftOut,
};

/// Which of them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// `at_all`, which it is without: on no channel; `email` or `sms`: not on this one; `in_none`: in no variant.
    on: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// The items of a page, at most 200.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listLeftOut",
            "updates",
            "Lists who gets nothing of the latest version as things are now, with the reason by channel. A key needs the scope `audience`.",
            &[400, 404, 422],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<LeftOut>>, Problem> {
    let limit = reply::limit(asked.limit)?;
    let which = nothing::which(asked.on.as_deref().unwrap_or("at_all"))?;
    let after = reply::number(asked.cursor.as_deref())?;
    let most = usize::try_from(limit + 1).unwrap_or_default();
    let found = nothing::list(&app, &actor, id, which, after, most).await?;
    Ok(Json(Page::of(found, limit, |left| left.id.to_string())))
}
