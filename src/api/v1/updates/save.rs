//! `PUT /updates/{id}`: a new version.

use aide::axum::routing::{ApiMethodRouter, put_with};
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
    compose::{content::Content, write},
    problem::Problem,
    store::incidents::Update,
};

/// An edit.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// The version that was read; 409 when somebody saved since.
    based_on: i64,
    /// The whole content.
    content: Content,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    put_with(
        handle,
        describe(
            "saveUpdate",
            "updates",
            "Saves a new version. What was submitted becomes a draft again. The same content again makes no version.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(asked): Json<Edit>,
) -> Result<Json<Update>, Problem> {
    auth::update(&app, &actor, id).await?;
    let saved = write::save(&app, &actor, id, asked.based_on, &asked.content).await;
    saved.map_err(|problem| problem.under("/content")).map(Json)
}
