//! `POST /deadlines/{id}/done`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    schedule::deadline,
    store::deadlines::Deadline,
};

/// Whether it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mark {
    /// False where it was marked by mistake and is open again.
    done: bool,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(handle, describe("markDeadline", "promises", "Marks a deadline as done, or as open again.", &[404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(Mark { done }): Json<Mark>,
) -> Result<Json<Deadline>, Problem> {
    deadline::mark(&app, &actor, id, done).await.map(Json)
}
