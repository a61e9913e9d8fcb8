//! `DELETE /updates/{id}`: drops a draft.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, response::NoContent};

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id},
        document::describe,
    },
    app::App,
    compose::write,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    delete_with(handle, describe("discardUpdate", "updates", "Drops a draft that never went out.", &[404, 409]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    auth::update(&app, &actor, id).await?;
    write::discard(&app, &actor, id).await?;
    Ok(NoContent)
}
