//! `POST /contact-routes`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    problem::Problem,
    propose::{self, Change, Noun, Proposal, RouteText},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Proposes a new contact route. It counts once an approver other than the caller has accepted the proposal that this answers with (at once only \
        where there has never been a second person).";
    post_with(handle, describe("createContactRoute", "contact routes", text, &[409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(text): Json<RouteText>,
) -> Result<Created<Proposal>, Problem> {
    propose::propose(&app, &actor, Noun::ContactRoute, None, &Change::ContactRoute(text)).await.map(Created)
}
