//! `POST /channels/{name}/test`: a test to oneself by that very provider.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use super::Name;
use crate::{
    api::{
        auth::Caller,
        body::{At, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    send::own_test::{self, OwnTest},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Sends a few words by this provider to the caller alone, marked as a test. Only where each reader gets \
        their own message: mail and text. It counts nowhere; five in ten minutes are allowed.";
    post_with(handle, describe("testChannel", "channels", text, &[404, 409, 429]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Name { name }): At<Name>,
) -> Result<Json<OwnTest>, Problem> {
    own_test::send(&app, &actor, &name).await.map(Json)
}
