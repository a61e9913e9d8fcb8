//! `PUT /components/{id}`.

use super::input::{Input, write};
use aide::axum::routing::{ApiMethodRouter, put_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    store::incidents::Component,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    put_with(
        handle,
        describe(
            "replaceComponent",
            "components",
            "Changes a component. It shows on the public pages at once.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(input): Json<Input>,
) -> Result<Json<Component>, Problem> {
    if id == 0 {
        return Err(Problem::missing("there is no such component"));
    }
    write(&app, &actor, id, &input).await.map(Json)
}
