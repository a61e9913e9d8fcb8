//! `GET /intake/voices`.

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
    people::sight,
    problem::Problem,
    store::voices::Voice,
};

/// Which voices.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// The most items.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists what monitoring has to say now, the oldest first: what holds before it is announced, what was announced, and what could not be, with the reason.";
    get_with(handle, describe("listIntakeVoices", "intake", text, &[400]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Voice>>, Problem> {
    let (cursor, limit) = (reply::number(asked.cursor.as_deref())?, reply::limit(asked.limit)?);
    let hidden = sight::hidden(&app, &actor).await?;
    let mut voices = app.store.voices(cursor, limit + 1).await?;
    for voice in &mut voices {
        voice.incident_id = voice.incident_id.filter(|id| !hidden.contains(id));
    }
    Ok(Json(Page::of(voices, limit, |voice| voice.id.to_string())))
}
