//! `DELETE /recipients/{customer_id}`.

use aide::axum::routing::{ApiMethodRouter, delete_with};
use axum::{extract::State, response::NoContent};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{auth::Caller, body::At, document::describe},
    app::App,
    audience::manage,
    problem::Problem,
};

/// Which recipient.
#[derive(Deserialize, JsonSchema)]
struct Asked {
    /// Your own name for this person.
    customer_id: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    delete_with(
        handle,
        describe(
            "deleteRecipient",
            "recipients",
            "Removes a recipient. What they were sent stays in the record without their name.",
            &[404],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(asked): At<Asked>) -> Result<NoContent, Problem> {
    match manage::delete(&app, &actor, &[asked.customer_id]).await? {
        0 => Err(Problem::missing("there is no such recipient")),
        _ => Ok(NoContent),
    }
}
