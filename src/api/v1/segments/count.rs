//! `POST /segments/count`: how many people a filter has.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    audience::manage,
    people::{Role, Scope},
    problem::Problem,
    store::count::Count,
};

/// A filter to count.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The filter.
    filter: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "countSegment",
            "segments",
            "Counts the people and addresses of a filter, without writing anything.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Question>,
) -> Result<Json<Count>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Read.as_str())?;
    manage::count(&app, &asked.filter).await.map(Json)
}
