//! `GET /me/passkeys` and `POST /me/passkeys/{id}/remove`. They are made and used in a browser: the console does that.

use aide::axum::routing::{ApiMethodRouter, get_with, post_with};
use axum::{extract::State, response::NoContent};

use super::Code;
use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    people::passkey::{self, Shown},
    problem::Problem,
};

pub(super) fn list() -> ApiMethodRouter<App> {
    get_with(
        handle_list,
        describe(
            "listPasskeys",
            "people",
            "Lists one's own passkeys, the oldest first. They are made in the console.",
            &[],
        ),
    )
}

async fn handle_list(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Vec<Shown>>, Problem> {
    passkey::list(&app, &actor).await.map(Json)
}

pub(super) fn remove() -> ApiMethodRouter<App> {
    post_with(
        handle_remove,
        describe(
            "removePasskey",
            "people",
            "Removes one of one's own passkeys. Takes a code from the phone or a recovery code, and no Idempotency-Key.",
            &[404, 429],
        ),
    )
}

async fn handle_remove(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(asked): Json<Code>,
) -> Result<NoContent, Problem> {
    passkey::remove(&app, &actor, id, &asked.code.as_str().into()).await?;
    Ok(NoContent)
}
