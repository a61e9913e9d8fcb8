//! `POST /keys`: its secret is shown this once.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    people::manage::{self, KeyRequest},
    problem::Problem,
    store::people::ApiKey,
};

/// A fresh key.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewKey")]
struct Shown {
    /// The key.
    #[serde(flatten)]
    key: ApiKey,
    /// Send it as `Authorization: Bearer`. It is not kept and cannot be shown again.
    secret: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "createKey",
            "keys",
            "Makes a key and shows its secret, this once. It belongs to the signed-in person; over the machine's own socket, to the person named. No key makes a key, and there is no Idempotency-Key.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(new): Json<KeyRequest>,
) -> Result<Created<Shown>, Problem> {
    let (key, secret) = manage::add_key(&app, &actor, &new).await?;
    Ok(Created(Shown { key, secret }))
}
