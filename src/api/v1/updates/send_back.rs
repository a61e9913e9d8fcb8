//! `POST /updates/{id}/return`: back to its author, with a reason.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    approve::{decide, notes::Given},
    problem::Problem,
    store::incidents::Update,
};

/// Why it goes back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Return {
    /// What the author should change; may be empty where notes say it.
    #[serde(default)]
    reason: String,
    /// Notes at the passages that they are about.
    #[serde(default)]
    notes: Vec<Given>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "returnUpdate",
            "updates",
            "Sends an update back to its author, with a reason and with notes on passages. Takes a signed-in person who may approve it.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(asked): Json<Return>,
) -> Result<Json<Update>, Problem> {
    auth::update(&app, &actor, id).await?;
    decide::send_back(&app, &actor, id, &asked.reason, &asked.notes).await?;
    Ok(Json(app.store.update(id).await?))
}
