//! `PATCH /people/{id}`.

use aide::axum::routing::{ApiMethodRouter, patch_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    people::{
        Person,
        manage::{self, PersonChange},
    },
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    patch_with(
        handle,
        describe(
            "changePerson",
            "people",
            "Changes a person's name, role, activity or password. Sessions end where it takes something away. A key can take access away and no more. The last active administrator stays.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(change): Json<PersonChange>,
) -> Result<Json<Person>, Problem> {
    manage::change(&app, &actor, id, &change).await.map(Json)
}
