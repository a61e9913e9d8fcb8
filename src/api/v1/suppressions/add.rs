//! `POST /suppressions`: not to be written to any more.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    audience::manage::{self, NewSuppression},
    problem::Problem,
    store::recipients::Suppression,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "addSuppression",
            "recipients",
            "Marks an address as not to be written to. It holds from the next message on, also in broadcasts that are going out.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(new): Json<NewSuppression>,
) -> Result<Created<Suppression>, Problem> {
    manage::suppress(&app, &actor, &new).await.map(Created)
}
