//! `GET /incidents/{id}/deadlines`.

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
    store::deadlines::Deadline,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text =
        "Lists the other deadlines of an incident, the nearest first. They only remind, and the public sees none.";
    get_with(handle, describe("listDeadlines", "promises", text, &[404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Page<Deadline>>, Problem> {
    auth::may_see(&app, &actor, id).await?;
    Ok(Json(Page::whole(app.store.deadlines(Some(id)).await?)))
}
