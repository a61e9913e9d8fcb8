//! `POST /broadcasts/{id}/retract`: takes it down for good.

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
    store::broadcasts::Broadcast,
    track::steer,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "retractBroadcast",
            "broadcasts",
            "Takes a broadcast down for good. What was not sent is not sent, and its banner and page entries go; what was sent stays with its readers.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Broadcast>, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    steer::retract(&app, &actor, id).await.map(Json)
}
