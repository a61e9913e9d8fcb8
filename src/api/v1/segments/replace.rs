//! `PUT /segments/{id}`.

use aide::axum::routing::{ApiMethodRouter, put_with};
use axum::extract::State;

use super::input::Input;
use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    audience::manage,
    problem::Problem,
    store::recipients::Segment,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    put_with(
        handle,
        describe(
            "replaceSegment",
            "segments",
            "Changes a segment. What was submitted keeps its frozen audience.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(new): Json<Input>,
) -> Result<Json<Segment>, Problem> {
    manage::put_segment(&app, &actor, Some(id), &new.name, &new.filter).await.map(Json)
}
