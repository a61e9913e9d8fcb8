//! `GET /updates/{id}/notes`: what an approver wants changed, and where.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
        reply::Page,
    },
    app::App,
    problem::Problem,
    store::remarks::Note,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listNotes",
            "updates",
            "Lists the notes on passages that an update was sent back with, until it is submitted again.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Page<Note>>, Problem> {
    auth::update(&app, &actor, id).await?;
    Ok(Json(Page::whole(app.store.notes(id).await?)))
}
