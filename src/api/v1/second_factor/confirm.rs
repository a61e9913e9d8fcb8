//! `POST /me/second-factor/confirm`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    people::factor::{self, RecoveryCodes},
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "confirmSecondFactor",
            "people",
            "Confirms an authenticator app with the password and a code of the app. Answers ten recovery codes, this once. Takes no Idempotency-Key.",
            &[409, 429],
        ),
    )
}

/// What confirms it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Confirm {
    /// The password, again.
    password: String,
    /// What the app shows.
    code: String,
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Confirm>,
) -> Result<Json<RecoveryCodes>, Problem> {
    factor::confirm(&app, &actor, &asked.password, &asked.code).await.map(Json)
}
