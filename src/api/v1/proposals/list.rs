//! `GET /proposals`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    problem::Problem,
    propose::Proposal,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists the changes of components and contact routes that wait for a second person, the oldest first.";
    get_with(handle, describe("listProposals", "proposals", text, &[]))
}

async fn handle(State(app): State<App>) -> Result<Json<Page<Proposal>>, Problem> {
    Ok(Json(Page::whole(app.store.open_proposals().await?)))
}
