//! `POST /webhooks/{name}/enable`.

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
    webhooks::manage::{self, Standing},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Switches an endpoint on that was switched off after days of failure or because it said that it is gone. What waits for it is delivered now, in order. Takes an administrator, and of a key the scope `admin`.";
    post_with(handle, describe("enableWebhook", "webhooks", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Name { name }): At<Name>,
) -> Result<Json<Standing>, Problem> {
    manage::enable(&app, &actor, &name).await.map(Json)
}
