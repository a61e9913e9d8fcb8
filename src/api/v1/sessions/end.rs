//! `DELETE /sessions/current`: the token no longer counts.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, http::HeaderMap, response::NoContent};

use crate::{
    api::{auth, document::describe},
    app::App,
    people::credentials,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    delete_with(handle, describe("signOut", "sessions", "Signs out. The token does not count from here on.", &[409]))
}

async fn handle(State(app): State<App>, headers: HeaderMap) -> Result<NoContent, Problem> {
    match auth::bearer(&headers)? {
        Some(token) if !token.starts_with("ov_") => app.store.end_session(&credentials::hash_token(token)).await?,
        _ => return Err(Problem::conflict("this request has no session to end; a key is taken back at /keys")),
    }
    Ok(NoContent)
}
