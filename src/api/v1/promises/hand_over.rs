//! `POST /promises/{id}/hand_over`.

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
    problem::Problem,
    schedule::promise::{Entry, owner},
};

/// To whom.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct To {
    /// The person who keeps it from now on; somebody who may write.
    to: i64,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Hands a promise over to a colleague, who is told by mail and text. Whoever takes one over themselves after \
        people were called because nobody kept it spares the approvers their call.";
    post_with(handle, describe("handOverPromise", "promises", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(To { to }): Json<To>,
) -> Result<Json<Entry>, Problem> {
    let promise = owner::hand_over(&app, &actor, id, to).await?;
    Ok(Json(Entry::of(promise, app.world.clock.now(), app.config.promises.missed_after.0)))
}
