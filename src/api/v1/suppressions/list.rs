//! `GET /suppressions`: all by the page, or those of one address.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{Json, Search},
        document::describe,
        reply::{self, Page, bad_cursor},
    },
    app::App,
    audience::manage,
    people::{Role, Scope},
    problem::Problem,
    store::recipients::Suppression,
};

/// Which suppressions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Of one address: its channel.
    channel: Option<Channel>,
    /// Of one address: the address.
    value: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// The items of a page, at most 200.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listSuppressions",
            "recipients",
            "Lists addresses that must not be written to; of one address when it is given. A key needs the scope `audience`.",
            &[400, 422],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Suppression>>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Audience.as_str())?;
    let limit = reply::limit(asked.limit)?;
    let only = match (asked.channel, &asked.value) {
        (None, None) => None,
        (Some(channel), Some(value)) => Some((channel, manage::stored(&app, channel, value)?)),
        _ => return Err(Problem::unreadable("give channel and value together, or none of them")),
    };
    let after = asked.cursor.as_deref().map(place).transpose()?;
    let only = only.as_ref().map(|(channel, value)| (*channel, value.as_str()));
    let after = after.as_ref().map(|(channel, value, reason)| (*channel, value.as_str(), reason.as_str()));
    let found = app.store.suppressions(only, after, limit + 1).await?;
    Ok(Json(Page::of(found, limit, |last| serde_json::json!([last.channel, last.value, last.reason]).to_string())))
}

fn place(cursor: &str) -> Result<(Channel, String, String), Problem> {
    serde_json::from_str(cursor).map_err(|_| bad_cursor())
}
