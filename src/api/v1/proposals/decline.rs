//! `POST /proposals/{id}/decline`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    propose::{self, Proposal},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Ends a proposed change without it: whoever proposed it takes it back, or an approver says no.";
    post_with(handle, describe("declineProposal", "proposals", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Proposal>, Problem> {
    propose::decline(&app, &actor, id).await.map(Json)
}
