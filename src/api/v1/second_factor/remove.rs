//! `POST /me/second-factor/remove`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{extract::State, response::NoContent};

use super::Code;
use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    people::factor,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "removeSecondFactor",
            "people",
            "Turns one's own authenticator app off; passkeys stay. Takes a code of it, and no Idempotency-Key.",
            &[429],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, Json(asked): Json<Code>) -> Result<NoContent, Problem> {
    factor::remove(&app, &actor, &asked.code.as_str().into()).await?;
    Ok(NoContent)
}
