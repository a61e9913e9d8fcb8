//! `POST /incidents/{id}/deadlines`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
        reply::Created,
    },
    app::App,
    problem::Problem,
    schedule::deadline::{self, New},
    store::deadlines::Deadline,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Writes another deadline of an incident down, such as a regulator's. Its owner and who is on duty are reminded.";
    post_with(handle, describe("addDeadline", "promises", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(new): Json<New>,
) -> Result<Created<Deadline>, Problem> {
    deadline::add(&app, &actor, id, &new).await.map(Created)
}
