//! `POST /backup`: a consistent copy of the database.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    people::{Role, Scope},
    problem::Problem,
    store::StoreError,
};

/// Where the copy goes.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Backup {
    /// A file that does not exist yet, in a folder that does.
    path: PathBuf,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "backUp",
            "installation",
            "Writes a consistent copy of the database to a new file on the daemon's machine. A daemon that opens the copy starts stopped.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Backup>,
) -> Result<Created<Backup>, Problem> {
    app.may(&actor, Role::Administrator, Scope::Admin.as_str())?;
    let wrong = |why: String| Problem::invalid("/path", why);
    if !asked.path.is_absolute() || !asked.path.parent().is_some_and(|folder| folder.is_dir()) {
        return Err(wrong("give a whole path, in a folder that exists on the daemon's machine".to_owned()));
    }
    app.store.backup(&asked.path).await.map_err(|error| match error {
        StoreError::File { source, .. } => wrong(source.to_string()),
        other => other.into(),
    })?;
    let by = actor.audit_name();
    app.store.audit(&app.entry(&by, "backup", "database", serde_json::json!({}))).await?;
    Ok(Created(asked))
}
