//! `POST /updates/{id}/approve`: a second person's yes.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    approve::decide::{self, Yes},
    problem::Problem,
    store::broadcasts::Broadcast,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "approveUpdate",
            "updates",
            "Approves what was read. Takes a signed-in approver who wrote no word of it, the digest, the number of people and the password; no key. Takes no Idempotency-Key: a second yes is refused with 409.",
            &[404, 429],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(yes): Json<Yes>,
) -> Result<Json<Broadcast>, Problem> {
    auth::update(&app, &actor, id).await?;
    decide::approve(&app, &actor, id, &yes).await.map(Json)
}
