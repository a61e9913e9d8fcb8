//! `POST /intake/calls/{id}/replay`: the same again, by the rules as they are now.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id},
        document::describe,
        reply::Created,
    },
    app::App,
    intake::take::{self, Taken},
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Takes a call of monitoring again, by the rules as they are now, as if it came now. A key needs the scope `write`.";
    post_with(handle, describe("replayIntakeCall", "intake", text, &[404, 409]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Created<Taken>, Problem> {
    take::replay(&app, &actor, id).await.map(Created)
}
