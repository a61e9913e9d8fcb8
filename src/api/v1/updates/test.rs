//! `POST /updates/{id}/test`: a test to oneself.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    send::trial::{self, Trial},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "testUpdate",
            "updates",
            "Sends the latest version by email to the caller alone, marked as a test. It needs no approval and counts nowhere; five in ten minutes are allowed.",
            &[404, 409, 429],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Trial>, Problem> {
    auth::update(&app, &actor, id).await?;
    trial::send(&app, &actor, id).await.map(Json)
}
