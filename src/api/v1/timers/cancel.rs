//! `DELETE /timers/{id}`.

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
    schedule::timed::timer,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Cancels a recurring notice. What it sent stays, and nothing more is sent.";
    delete_with(handle, describe("cancelTimer", "schedule", text, &[404, 409]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    timer::cancel(&app, &actor, id).await?;
    Ok(NoContent)
}
