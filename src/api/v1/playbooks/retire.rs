//! `DELETE /playbooks/{id}`.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, response::NoContent};

use crate::{
    api::{
        auth::Caller,
        body::{At, Id},
        document::describe,
    },
    app::App,
    problem::Problem,
    schedule::playbook::keep,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    delete_with(handle, describe("retirePlaybook", "playbooks", "Puts a prepared message away for good.", &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    keep::retire(&app, &actor, id).await?;
    Ok(NoContent)
}
