//! `GET /proposals/{id}`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    propose::Proposal,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Reads a proposed change, and what became of it.";
    get_with(handle, describe("readProposal", "proposals", text, &[404]))
}

async fn handle(State(app): State<App>, At(Id { id }): At<Id>) -> Result<Json<Proposal>, Problem> {
    Ok(Json(app.store.proposal(id).await?))
}
