//! `POST /incidents/{id}/updates`: the next update's draft.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
        reply::Created,
    },
    app::App,
    compose::{content::Content, write},
    problem::Problem,
    store::incidents::Update,
};

/// What a draft begins with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Beginning {
    /// What it says; without it, what still holds from the update before.
    content: Option<Content>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "beginUpdate",
            "updates",
            "Begins the incident's next update. Without content it starts from the one before.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(asked): Json<Beginning>,
) -> Result<Created<Update>, Problem> {
    auth::may_see(&app, &actor, id).await?;
    write::begin_update(&app, &actor, id, asked.content).await.map_err(|problem| problem.under("/content")).map(Created)
}
