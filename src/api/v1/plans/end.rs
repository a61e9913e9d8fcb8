//! `POST /plans/{id}/end`.

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
    let text = "Ends work that goes on before its planned end, and says so.";
    post_with(handle, describe("endPlan", "schedule", text, &[404, 409]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Seen>, Problem> {
    work::end(&app, &actor, id).await.map(Json)
}
