//! `DELETE /duty/{id}`.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, response::NoContent};

use crate::{
    api::{
        auth::Caller,
        body::{At, Id},
        document::describe,
    },
    app::App,
    people::duty,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    delete_with(handle, describe("removeDuty", "people", "Takes a turn of duty away.", &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    duty::remove(&app, &actor, id).await?;
    Ok(NoContent)
}
