//! `DELETE /contact-routes/{id}`.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    propose::{self, Change, Noun, Proposal},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Proposes to remove a contact route. It counts once an approver other than the caller has accepted the proposal that this answers with (at once only \
        where there has never been a second person).";
    delete_with(handle, describe("deleteContactRoute", "contact routes", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Proposal>, Problem> {
    propose::propose(&app, &actor, Noun::ContactRoute, Some(id), &Change::Remove {}).await.map(Json)
}
