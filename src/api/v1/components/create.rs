//! `POST /components`.

use super::input::{Input, write};
use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    problem::Problem,
    store::incidents::Component,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe("createComponent", "components", "Makes a component. It shows on the public pages at once.", &[]),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(input): Json<Input>,
) -> Result<Created<Component>, Problem> {
    write(&app, &actor, 0, &input).await.map(Created)
}
