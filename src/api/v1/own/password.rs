//! `POST /me/password`: another password.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{extract::State, http::HeaderMap, response::NoContent};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::Json,
        document::describe,
    },
    app::App,
    people::own,
    problem::Problem,
};

/// The password of now, and the one to come.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Passwords {
    /// The one of now.
    current: String,
    /// The new one, at least 12 characters.
    new: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Gives the caller another password. Every other session of theirs ends; no key does this.";
    post_with(handle, describe("changeOwnPassword", "people", text, &[429]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
    Json(passwords): Json<Passwords>,
) -> Result<NoContent, Problem> {
    let token = auth::bearer(&headers)?;
    own::change_password(&app, &actor, token, &passwords.current, &passwords.new).await.map(|()| NoContent)
}
