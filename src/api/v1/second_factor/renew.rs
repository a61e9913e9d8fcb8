//! `POST /me/second-factor/recovery-codes`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use super::Code;
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
            "renewRecoveryCodes",
            "people",
            "Answers ten fresh recovery codes for a code, this once. The old ones no longer count. Takes no Idempotency-Key.",
            &[429],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    factor::renew(&app, &actor, &asked.code.as_str().into()).await.map(Json)
}
