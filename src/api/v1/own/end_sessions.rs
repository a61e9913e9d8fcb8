//! `DELETE /me/sessions`: signs out everywhere else.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, http::HeaderMap, response::NoContent};

use crate::{
    api::{
        auth::{self, Caller},
        document::describe,
    },
    app::App,
    people::own,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Ends every session of the caller but the one that asks.";
    delete_with(handle, describe("endOwnSessions", "people", text, &[]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, headers: HeaderMap) -> Result<NoContent, Problem> {
    own::end_others(&app, &actor, auth::bearer(&headers)?).await.map(|_| NoContent)
}
