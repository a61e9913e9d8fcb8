//! `PUT /contact-routes/{id}`.

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
    compose::route::ContactRoute,
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    put_with(
        handle,
        describe(
            "replaceContactRoute",
            "contact routes",
            "Changes a contact route. It shows on the public pages at once.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(input): Json<Input>,
) -> Result<Json<ContactRoute>, Problem> {
    if id == 0 {
        return Err(Problem::missing("there is no such contact route"));
    }
    write(&app, &actor, id, &input).await.map(Json)
}
