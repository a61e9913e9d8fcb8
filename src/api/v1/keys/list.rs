//! `GET /keys`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Page},
    app::App,
    people::manage,
    problem::Problem,
    store::people::ApiKey,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listKeys",
            "keys",
            "Lists keys: every one for an administrator, else one's own. Secrets are never shown again.",
            &[],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Page<ApiKey>>, Problem> {
    Ok(Json(Page::whole(manage::keys(&app, &actor).await?)))
}
