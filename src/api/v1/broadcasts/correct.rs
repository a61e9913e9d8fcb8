//! `POST /broadcasts/{id}/correct`: sends its staged correction.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id},
        document::describe,
        reply::Created,
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
            "correctBroadcast",
            "broadcasts",
            "Sends the correction that was approved with an update. The original is taken down first; exactly those get it who have the wrong text, or may have it.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Created<Broadcast>, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    steer::correct(&app, &actor, id).await.map(Created)
}
