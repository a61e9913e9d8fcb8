//! `POST /contact-routes/{id}/overloaded`: too many come this way, or no longer.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    compose::route::ContactRoute,
    problem::Problem,
    propose::load,
};

/// How it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Load {
    /// True while more people come than can be served.
    overloaded: bool,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "markOverloaded",
            "contact routes",
            "Says that more people come this way than can be served, or no longer. The banner and the status page change at once, in the words approved with the route, and so do drafts; a submitted or running broadcast does not, and the approvers of one that waits are told.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(asked): Json<Load>,
) -> Result<Json<ContactRoute>, Problem> {
    load::set(&app, &actor, id, asked.overloaded).await.map(Json)
}
