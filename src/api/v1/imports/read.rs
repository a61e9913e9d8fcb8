//! `GET /imports/{id}`: what came of an import.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    people::{Role, Scope},
    problem::Problem,
    store::imports::Import,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Reads what came of an import, with the lines that could not be used. A key needs the scope `audience`.";
    get_with(handle, describe("readImport", "recipients", text, &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Import>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Audience.as_str())?;
    Ok(Json(app.store.import(id).await?))
}
