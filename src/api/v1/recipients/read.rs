//! `GET /recipients/{customer_id}`.

use aide::axum::routing::{ApiMethodRouter, get_with};
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
    people::{Role, Scope},
    problem::Problem,
    store::recipients::Known,
};

/// Which recipient.
#[derive(Deserialize, JsonSchema)]
struct Asked {
    /// Your own name for this person.
    customer_id: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe("readRecipient", "recipients", "Reads a recipient. A key needs the scope `audience`.", &[404]),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(asked): At<Asked>) -> Result<Json<Known>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Audience.as_str())?;
    Ok(Json(app.store.recipient(&asked.customer_id).await?))
}
