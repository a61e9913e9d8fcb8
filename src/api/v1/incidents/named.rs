//! `GET` and `POST /incidents/{id}/named`: who may see an incident.

use aide::axum::routing::{ApiMethodRouter, get_with, post_with};
use axum::{extract::State, response::NoContent};

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    people::restrict::{self, Change, Circle},
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let seen = "Reads who may see an incident, and who is missing among them whom it takes to send an update.";
    let named = "Changes who may see an incident. It is restricted from then on to named people, or no longer. Whoever restricts it is named; an administrator may add people without seeing it.";
    get_with(read, describe("readNamed", "incidents", seen, &[404]))
        .merge(post_with(change, describe("changeNamed", "incidents", named, &[404, 409])))
}

async fn read(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Circle>, Problem> {
    restrict::read(&app, &actor, id).await.map(Json)
}

async fn change(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(change): Json<Change>,
) -> Result<NoContent, Problem> {
    restrict::change(&app, &actor, id, &change).await?;
    Ok(NoContent)
}
