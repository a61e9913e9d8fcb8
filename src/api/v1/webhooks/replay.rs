//! `POST /webhooks/{name}/replay`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use super::Name;
use crate::{
    api::{
        auth::Caller,
        body::{At, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    webhooks::manage::{self, Replay, Replayed},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Sends an endpoint one event again, or all since an instant, in order and with the ids that they had. Takes an administrator, and of a key the scope `admin`.";
    post_with(handle, describe("replayWebhook", "webhooks", text, &[404, 422]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Name { name }): At<Name>,
    Json(replay): Json<Replay>,
) -> Result<Json<Replayed>, Problem> {
    manage::replay(&app, &actor, &name, &replay).await.map(Json)
}
