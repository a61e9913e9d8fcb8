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
    people::{Role, Scope},
    problem::Problem,
    send::Event,
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
            "Says that more people come this way than can be served, or no longer. The banner and the status page change at once; a submitted or running broadcast does not.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(asked): Json<Load>,
) -> Result<Json<ContactRoute>, Problem> {
    app.may(&actor, Role::Author, Scope::Write.as_str())?;
    let known = app.store.routes().await?.into_iter().find(|route| route.id == id);
    let mut route = known.ok_or_else(|| Problem::missing("there is no such contact route"))?;
    route.overloaded = asked.overloaded;
    let (by, detail) = (actor.audit_name(), serde_json::json!({ "overloaded": asked.overloaded }));
    app.store.put_route(&route, &app.entry(&by, "contact_route.overloaded", "", detail)).await?;
    app.engine.tell(Event::Public);
    Ok(Json(route))
}
