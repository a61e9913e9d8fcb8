//! `GET /playbooks/{id}`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    store::playbooks::Stored,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("readPlaybook", "playbooks", "Reads a prepared message at its latest version.", &[404]))
}

async fn handle(State(app): State<App>, At(Id { id }): At<Id>) -> Result<Json<Stored>, Problem> {
    Ok(Json(app.store.playbook(id).await?))
}
