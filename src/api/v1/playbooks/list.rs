//! `GET /playbooks`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    problem::Problem,
    store::playbooks::Stored,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listPlaybooks",
            "playbooks",
            "Lists every prepared message at its latest version, with who approved it.",
            &[],
        ),
    )
}

async fn handle(State(app): State<App>) -> Result<Json<Page<Stored>>, Problem> {
    Ok(Json(Page::whole(app.store.playbooks().await?)))
}
