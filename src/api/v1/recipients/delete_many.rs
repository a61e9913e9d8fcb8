//! `POST /recipients/delete`: many at once.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    audience::manage,
    problem::Problem,
};

/// Whom to remove.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Deletion {
    /// At most 1,000.
    customer_ids: Vec<String>,
}

/// Who was removed.
#[derive(Serialize, JsonSchema)]
struct Deleted {
    /// How many.
    removed: u64,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "deleteRecipients",
            "recipients",
            "Removes up to 1,000 recipients. Unknown ones are passed over.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Deletion>,
) -> Result<Json<Deleted>, Problem> {
    let removed = manage::delete(&app, &actor, &asked.customer_ids).await?;
    Ok(Json(Deleted { removed }))
}
