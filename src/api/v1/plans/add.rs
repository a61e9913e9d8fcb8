//! `POST /plans`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    problem::Problem,
    schedule::timed::work::{self, New, Seen},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Plans work by a prepared message. It is announced at once and at each lead before its beginning, begins and \
        ends at its time (its components are under maintenance meanwhile), and is one incident of the kind `maintenance`. \
        Within the bounds that two people approved all of that goes out with no person; what lies outside waits for an \
        approval.";
    post_with(handle, describe("addPlan", "schedule", text, &[409]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, Json(new): Json<New>) -> Result<Created<Seen>, Problem> {
    work::add(&app, &actor, &new).await.map(Created)
}
