//! `POST /proposals/{id}/accept`.

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
    let text = "Makes a proposed change count. Takes a signed-in approver who did not propose it; no key does.";
    post_with(handle, describe("acceptProposal", "proposals", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Proposal>, Problem> {
    propose::accept(&app, &actor, id).await.map(Json)
}
