//! `PUT /recipients/{customer_id}`: adds or replaces.

use aide::axum::routing::{ApiMethodRouter, put_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{At, Json},
        document::describe,
    },
    app::App,
    audience::manage,
    problem::Problem,
    store::recipients::{Known, Recipient},
};

/// Which recipient.
#[derive(Deserialize, JsonSchema)]
struct Asked {
    /// Your own name for this person.
    customer_id: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    put_with(
        handle,
        describe("putRecipient", "recipients", "Writes a recipient, whole: what is left out becomes empty.", &[]),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(asked): At<Asked>,
    Json(mut recipient): Json<Recipient>,
) -> Result<Json<Known>, Problem> {
    if recipient.customer_id.is_empty() {
        recipient.customer_id = asked.customer_id;
    } else if recipient.customer_id != asked.customer_id {
        return Err(Problem::invalid(
            "/customer_id",
            "differs from the one in the address; leave it out, or make them the same",
        ));
    }
    manage::put(&app, &actor, recipient).await.map(Json)
}
