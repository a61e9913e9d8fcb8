//! `GET /promises`: the ledger, what was due last first.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        auth::Caller,
        body::{Json, Search},
        document::describe,
        reply::{self, Page},
    },
    app::App,
    people::sight,
    problem::Problem,
    schedule::promise::{Entry, Sums},
    store::promises::Due,
};

/// Which promises.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Of this incident.
    incident: Option<i64>,
    /// Due from then on.
    from: Option<Timestamp>,
    /// Due before then.
    until: Option<Timestamp>,
    /// True for practice instead of the real thing.
    #[serde(default)]
    exercises: bool,
    /// Where the page before ended.
    cursor: Option<String>,
    /// The items of a page, at most 200.
    limit: Option<i64>,
}

/// A page of the ledger.
#[derive(Serialize, JsonSchema)]
struct Ledger {
    /// The promises of this page, with how each stands.
    #[serde(flatten)]
    page: Page<Entry>,
    /// How those of this page ended.
    sums: Sums,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists promises of a next update with how each stands or ended (open, overdue, kept, holding: kept by \"no news \
        yet\", late, missed), the one due last first, and sums up the page.";
    get_with(handle, describe("listPromises", "promises", text, &[400]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Ledger>, Problem> {
    let (limit, cursor) = (reply::limit(asked.limit)?, reply::number(asked.cursor.as_deref())?);
    let due = Due { incident_id: asked.incident, from: asked.from, until: asked.until, exercise: asked.exercises };
    let found = app.store.promises_due(&due, cursor, limit + 1).await?;
    let (now, missed) = (app.world.clock.now(), app.config.promises.missed_after.0);
    let entries = found.into_iter().map(|promise| Entry::of(promise, now, missed)).collect();
    let mut page = Page::of(entries, limit, |entry: &Entry| entry.promise.id.to_string());
    let hidden = sight::hidden(&app, &actor).await?;
    page.items.retain(|entry| !hidden.contains(&entry.promise.incident_id));
    let sums = page.items.iter().collect();
    Ok(Json(Ledger { page, sums }))
}
