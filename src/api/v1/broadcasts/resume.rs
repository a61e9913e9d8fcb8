//! `POST /broadcasts/{id}/resume`: sends on.

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
    post_with(handle, describe("resumeBroadcast", "broadcasts", "Sends on.", &[404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Broadcast>, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    steer::resume(&app, &actor, id).await.map(Json)
}
