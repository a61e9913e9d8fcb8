//! `POST /me/second-factor`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    people::factor::{self, Offer},
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "offerSecondFactor",
            "people",
            "Makes a secret for an authenticator app. It counts once it is confirmed. Takes a signed-in person, not a key, and no Idempotency-Key.",
            &[409],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Offer>, Problem> {
    factor::offer(&app, &actor).await.map(Json)
}
