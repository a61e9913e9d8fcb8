//! `DELETE /segments/{id}`.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, response::NoContent};

use crate::{
    api::{
        auth::Caller,
        body::{At, Id},
        document::describe,
    },
    app::App,
    audience::manage,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    delete_with(
        handle,
        describe(
            "deleteSegment",
            "segments",
            "Removes a segment. Drafts that name it cannot be submitted any more.",
            &[404],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    manage::delete_segment(&app, &actor, id).await?;
    Ok(NoContent)
}
