//! `POST /updates/{id}/rest`: the other channels.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id},
        document::describe,
        reply::Created,
    },
    app::App,
    problem::Problem,
    schedule::playbook::rest,
    store::broadcasts::Broadcast,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "askForTheRest",
            "playbooks",
            "Asks for an approval of what a prepared message put on the website, on the channels that it did not go to. Takes a signed-in person; no key.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Created<Broadcast>, Problem> {
    auth::update(&app, &actor, id).await?;
    rest::ask(&app, &actor, id).await.map(Created)
}
