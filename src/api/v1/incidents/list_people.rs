//! `GET`, `PUT` and `DELETE /incidents/{id}/list`: customer ids that were given for one incident.

use aide::axum::routing::{ApiMethodRouter, delete_with, get_with, put_with};
use axum::{extract::State, response::NoContent};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    audience::listed,
    people::{Role, Scope},
    problem::Problem,
    store::lists::IncidentList,
};

/// Customer ids without anybody that an answer names.
const MOST: i64 = 1_000;

/// A list to keep.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewIncidentList")]
struct Given {
    /// Customer ids, at most 200,000.
    customer_ids: Vec<String>,
}

/// A list that is kept.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "KeptIncidentList")]
struct Kept {
    /// What is known of it.
    #[serde(flatten)]
    list: IncidentList,
    /// Customer ids that nobody has; the first 1,000.
    not_found: Vec<String>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let give = "Keeps a list of customer ids for one incident, in place of the one before. A variant with `list` `on` or `off` chooses by it; it is forgotten in time.";
    get_with(
        read,
        describe(
            "readIncidentList",
            "incidents",
            "Reads the list of customer ids that was given for an incident.",
            &[404],
        ),
    )
    .merge(put_with(put, describe("putIncidentList", "incidents", give, &[404])))
    .merge(delete_with(forget, describe("forgetIncidentList", "incidents", "Forgets an incident's list now.", &[404])))
}

async fn read(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Kept>, Problem> {
    app.may(&actor, Role::Author, Scope::Audience.as_str())?;
    auth::may_see(&app, &actor, id).await?;
    let list = app.store.incident_list(id, app.world.clock.now()).await?;
    let list = list.ok_or_else(|| Problem::missing("this incident has no list, or it was forgotten"))?;
    kept(&app, id, list).await
}

async fn put(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(given): Json<Given>,
) -> Result<Json<Kept>, Problem> {
    auth::may_see(&app, &actor, id).await?;
    let list = listed::give(&app, &actor, id, &given.customer_ids).await?;
    kept(&app, id, list).await
}

async fn forget(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<NoContent, Problem> {
    auth::may_see(&app, &actor, id).await?;
    listed::forget(&app, &actor, id).await?;
    Ok(NoContent)
}

async fn kept(app: &App, id: i64, list: IncidentList) -> Result<Json<Kept>, Problem> {
    Ok(Json(Kept { not_found: app.store.incident_listed(id, false, MOST).await?, list }))
}
