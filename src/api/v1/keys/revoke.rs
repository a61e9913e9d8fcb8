//! `DELETE /keys/{id}`.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, response::NoContent};

use crate::{
    api::{
        auth::Caller,
        body::{At, Id},
        document::describe,
    },
    app::App,
    people::manage,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    delete_with(handle, describe("revokeKey", "keys", "Takes a key back, at once.", &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    manage::revoke_key(&app, &actor, id).await?;
    Ok(NoContent)
}
