//! `POST /exercises/{id}/end`.

use aide::axum::routing::{ApiMethodRouter, post_with};
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
    post_with(
        handle,
        describe(
            "endExercise",
            "exercises",
            "Ends an exercise, by its incident's number, and keeps its score. What still goes to the outbox is stopped, and its drafts are dropped.",
            &[404],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Json<Score>, Problem> {
    auth::may_see(&app, &actor, id).await?;
    exercise::end(&app, &actor, id).await.map(Json)
}
