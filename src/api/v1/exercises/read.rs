//! `GET /exercises/{id}`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    store::exercises::Score,
    track::exercise,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "readExercise",
            "exercises",
            "Reads how an exercise went, or goes so far, by its incident's number.",
            &[404],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Score>, Problem> {
    auth::may_see(&app, &actor, id).await?;
    exercise::score(&app, id).await.map(Json)
}
