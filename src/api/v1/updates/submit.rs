//! `POST /updates/{id}/submit`: freezes it for a second person.

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
    path,
    problem::Problem,
    store::broadcasts::Broadcast,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "submitUpdate",
            "updates",
            "Submits an update for approval. Its audience and every text are frozen now; the answer has the digest that an approval is bound to.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Created<Broadcast>, Problem> {
    auth::update(&app, &actor, id).await?;
    path::prepare(&app, &actor, id).await.map(Created)
}
