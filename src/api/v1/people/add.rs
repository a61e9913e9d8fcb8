//! `POST /people`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    people::{
        Person,
        manage::{self, NewPerson},
    },
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "addPerson",
            "people",
            "Adds a person. Takes a signed-in administrator or the operator, not a key, and no Idempotency-Key.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(new): Json<NewPerson>,
) -> Result<Created<Person>, Problem> {
    manage::add(&app, &actor, &new).await.map(Created)
}
