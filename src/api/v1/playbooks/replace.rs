//! `PUT /playbooks/{id}`.

use aide::axum::routing::{ApiMethodRouter, put_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    schedule::playbook::{Playbook, keep},
    store::playbooks::Stored,
};

/// The next version.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Next {
    /// The version that it is based on.
    based_on: i64,
    /// What it says.
    playbook: Playbook,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    put_with(
        handle,
        describe(
            "replacePlaybook",
            "playbooks",
            "Writes the next version of a prepared message. That voids its approvals.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(next): Json<Next>,
) -> Result<Json<Stored>, Problem> {
    let saved = keep::save(&app, &actor, Some((id, next.based_on)), &next.playbook).await;
    saved.map_err(|problem| problem.under("/playbook")).map(Json)
}
