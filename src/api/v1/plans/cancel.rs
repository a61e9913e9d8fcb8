//! `POST /plans/{id}/cancel`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    schedule::timed::work::{self, Seen},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Cancels planned work that has not begun. Those who were told of it are told; where nobody was, nothing is said.";
    post_with(handle, describe("cancelPlan", "schedule", text, &[404, 409]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Seen>, Problem> {
    work::cancel(&app, &actor, id).await.map(Json)
}
