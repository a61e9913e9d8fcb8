//! `POST /webhooks/{name}/test`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use super::Name;
use crate::{
    api::{auth::Caller, body::At, document::describe, reply::Created},
    app::App,
    problem::Problem,
    webhooks::manage::{self, Tested},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Sends an endpoint the event `webhook.test`, which says nothing. Takes an administrator, and of a key the scope `admin`.";
    post_with(handle, describe("testWebhook", "webhooks", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Name { name }): At<Name>,
) -> Result<Created<Tested>, Problem> {
    manage::test(&app, &actor, &name).await.map(Created)
}
