//! `GET /timers/{id}`.

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
    schedule::timed::timer::{self, Seen},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "One recurring notice, with its next five times and what became of the last.";
    get_with(handle, describe("readTimer", "schedule", text, &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Seen>, Problem> {
    timer::seen(&app, &actor, app.store.timer(id).await?).await.map(Json)
}
