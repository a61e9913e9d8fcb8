//! `POST /timers`.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    problem::Problem,
    schedule::timed::timer::{self, New, Seen},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Sets a recurring notice up: a prepared message that is sent at each time of a cron expression, meant in a time \
        zone. Within the bounds that two people approved each goes out with no person, as an incident of its own, and what \
        lies outside waits for an approval. A time that the clocks skip comes when they skip it, and one that they show twice \
        comes once. The answer has its next five times.";
    post_with(handle, describe("addTimer", "schedule", text, &[409]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, Json(new): Json<New>) -> Result<Created<Seen>, Problem> {
    timer::add(&app, &actor, &new).await.map(Created)
}
