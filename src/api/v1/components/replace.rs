//! `PUT /components/{id}`.

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
    propose::{self, Change, ComponentText, Noun, Proposal},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Proposes what a component is to say. It counts once an approver other than the caller has accepted the proposal that this answers with (at once only \
        where there has never been a second person).";
    put_with(handle, describe("replaceComponent", "components", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(text): Json<ComponentText>,
) -> Result<Json<Proposal>, Problem> {
    propose::propose(&app, &actor, Noun::Component, Some(id), &Change::Component(text)).await.map(Json)
}
