//! `GET /people`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Page},
    app::App,
    people::{Person, Role, Scope},
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("listPeople", "people", "Lists everyone who has, or had, access.", &[]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Page<Person>>, Problem> {
    app.may(&actor, Role::Administrator, Scope::Admin.as_str())?;
    Ok(Json(Page::whole(app.store.people().await?)))
}
