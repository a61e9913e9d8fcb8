//! `POST /playbooks`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    problem::Problem,
    schedule::playbook::{Playbook, keep},
    store::playbooks::Stored,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "createPlaybook",
            "playbooks",
            "Writes a prepared message. Nothing is sent by it before two people approved it.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(playbook): Json<Playbook>,
) -> Result<Created<Stored>, Problem> {
    keep::save(&app, &actor, None, &playbook).await.map(Created)
}
