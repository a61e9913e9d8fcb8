//! `POST /broadcasts/{id}/next-stage`: starts the next group now.

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
            "startNextStage",
            "broadcasts",
            "Starts the next group now, whatever share of this one is handed over. For when a group waits for a provider that \
             is down.",
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
    steer::next_stage(&app, &actor, id).await.map(Json)
}
