//! `GET /plans/{id}`.

use aide::axum::routing::{ApiMethodRouter, get_with};
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
    let text = "Planned work, with what lies ahead of it and what became of what has come.";
    get_with(handle, describe("readPlan", "schedule", text, &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Seen>, Problem> {
    work::seen(&app, &actor, app.store.work(id).await?).await.map(Json)
}
