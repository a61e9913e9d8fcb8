//! `GET /exercises`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::Json,
        document::describe,
        reply::Page,
    },
    app::App,
    problem::Problem,
    store::exercises::Score,
};

/// Scores in an answer.
const MOST: i64 = 200;

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listExercises",
            "exercises",
            "Lists the scores of exercises, the last one that ended first; at most 200.",
            &[],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Page<Score>>, Problem> {
    let mut scores = Vec::new();
    for score in app.store.exercise_scores(None, MOST).await? {
        if auth::may_see(&app, &actor, score.incident_id).await.is_ok() {
            scores.push(score);
        }
    }
    Ok(Json(Page::whole(scores)))
}
