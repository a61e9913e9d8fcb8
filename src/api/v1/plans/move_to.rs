//! `POST /plans/{id}/move`.

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
    schedule::timed::work::{self, Seen, Times},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Gives planned work other times: those who were told of the old ones are told, and all that lies ahead is timed \
        anew. Work that goes on can be given a later end.";
    post_with(handle, describe("movePlan", "schedule", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(times): Json<Times>,
) -> Result<Json<Seen>, Problem> {
    work::move_to(&app, &actor, id, &times).await.map(Json)
}
