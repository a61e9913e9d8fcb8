//! `GET` and `POST /updates/{id}/preview`: what it will be on every channel, saved or as it is typed.

use aide::axum::routing::{ApiMethodRouter, get_with, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    compose::content::Content,
    people::{Role, Scope},
    preview::{self, Preview},
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let saved = "Shows an update as it would go out. Every text, what the checker says, the numbers and the cost.";
    let typed = "Shows content that is not saved as it would go out.";
    get_with(saved_version, describe("previewUpdate", "updates", saved, &[404, 422]))
        .merge(post_with(typed_content, describe("previewContent", "updates", typed, &[404])))
}

async fn saved_version(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Preview>, Problem> {
    auth::update(&app, &actor, id).await?;
    preview::preview(&app, id, None).await.map(Json)
}

async fn typed_content(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(content): Json<Content>,
) -> Result<Json<Preview>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Read.as_str())?;
    auth::update(&app, &actor, id).await?;
    preview::preview(&app, id, Some(content)).await.map(Json)
}
