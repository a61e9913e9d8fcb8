//! `POST /people/{id}/second-factor/reset`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{extract::State, response::NoContent};

use crate::{
    api::{
        auth::Caller,
        body::{At, Id},
        document::describe,
    },
    app::App,
    people::factor,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "resetSecondFactor",
            "people",
            "Takes away every second factor of a colleague who lost theirs; their sessions end. Takes a signed-in administrator or the operator, not a key.",
            &[404],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    factor::reset(&app, &actor, id).await?;
    Ok(NoContent)
}
