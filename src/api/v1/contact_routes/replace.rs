//! `PUT /contact-routes/{id}`.

use aide::axum::routing::{ApiMethodRouter, put_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    propose::{self, Change, Noun, Proposal, RouteText},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Proposes what a contact route is to say. It counts once an approver other than the caller has accepted the proposal that this answers with (at once only \
        where there has never been a second person).";
    put_with(handle, describe("replaceContactRoute", "contact routes", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(text): Json<RouteText>,
) -> Result<Json<Proposal>, Problem> {
    propose::propose(&app, &actor, Noun::ContactRoute, Some(id), &Change::ContactRoute(text)).await.map(Json)
}
