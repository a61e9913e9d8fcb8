//! `POST /components`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    problem::Problem,
    propose::{self, Change, ComponentText, Noun, Proposal},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Proposes a new component. It counts once an approver other than the caller has accepted the proposal that this answers with (at once only \
        where there has never been a second person).";
    post_with(handle, describe("createComponent", "components", text, &[409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(text): Json<ComponentText>,
) -> Result<Created<Proposal>, Problem> {
    propose::propose(&app, &actor, Noun::Component, None, &Change::Component(text)).await.map(Created)
}
