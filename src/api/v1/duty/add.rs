//! `POST /duty`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    people::duty::{self, Turn},
    problem::Problem,
    store::duty::Duty,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "addDuty",
            "people",
            "Puts an approver on duty. They are called when something waits for an approval, in the order of `place`.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(turn): Json<Turn>,
) -> Result<Created<Duty>, Problem> {
    duty::add(&app, &actor, &turn).await.map(Created)
}
