//! `DELETE /contact-routes/{id}`.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, response::NoContent};

use crate::{
    api::{
        auth::Caller,
        body::{At, Id},
        document::describe,
    },
    app::App,
    people::{Role, Scope},
    problem::Problem,
    send::Event,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    delete_with(handle, describe("deleteContactRoute", "contact routes", "Removes a contact route.", &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    app.may(&actor, Role::Author, Scope::Write.as_str())?;
    let (by, subject) = (actor.audit_name(), format!("contact_route:{id}"));
    app.store.delete_route(id, &app.entry(&by, "contact_route.delete", &subject, serde_json::json!({}))).await?;
    app.engine.tell(Event::Public);
    Ok(NoContent)
}
