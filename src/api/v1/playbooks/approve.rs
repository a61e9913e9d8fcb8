//! `POST /playbooks/{id}/approve`: one of the two.

use aide::axum::routing::{ApiMethodRouter, post_with};
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
    approve::decide::Yes,
    problem::Problem,
    schedule::playbook::keep,
    store::playbooks::Stored,
};

/// An approver's yes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InAdvance {
    /// The digest of what they read.
    digest: String,
    /// Their password, again; not asked of who has a second factor.
    #[serde(default)]
    password: String,
    /// A code of their second factor, for who has one.
    #[serde(default)]
    code: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "approvePlaybook",
            "playbooks",
            "Approves a prepared message in advance; the second yes lets it be used. Takes a signed-in approver who wrote no word of it since it was last approved; no key. Takes no Idempotency-Key.",
            &[404, 409, 429],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(given): Json<InAdvance>,
) -> Result<Json<Stored>, Problem> {
    let yes = Yes {
        digest: given.digest,
        recipients: 0,
        password: given.password,
        code: given.code,
        quiet_hours: None,
        passkey: None,
    };
    keep::approve(&app, &actor, id, &yes).await.map(Json)
}
