//! `GET /recipients`: all by the page, or the first that are found.

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
    audience::manage,
    people::{Role, Scope},
    problem::Problem,
    store::recipients::Known,
};

/// Which recipients.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// What to look for; the answer is one page, the best matches first.
    q: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// The items of a page, at most 200.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listRecipients",
            "recipients",
            "Lists recipients, or finds them by the beginning of a customer id or address, or by a part of the name. A key needs the scope `audience`.",
            &[400],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Known>>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Audience.as_str())?;
    let (limit, cursor) = (reply::limit(asked.limit)?, reply::number(asked.cursor.as_deref())?);
    let wanted = asked.q.as_deref().map(str::trim).filter(|wanted| !wanted.is_empty());
    if let Some(wanted) = wanted {
        return Ok(Json(Page::whole(manage::find(&app, wanted, limit).await?)));
    }
    let found = app.store.recipients(cursor, limit + 1).await?;
    Ok(Json(Page::of(found, limit, |known| known.id.to_string())))
}
