//! `GET /updates/{id}/summons`: who was called about a waiting update, and who is next.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
        reply::Page,
    },
    app::App,
    approve::decide,
    problem::Problem,
    store::duty::Summons,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listSummons",
            "updates",
            "Lists the calls to those on duty about a waiting update: made, and still to be made if nobody opens it.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Page<Summons>>, Problem> {
    auth::update(&app, &actor, id).await?;
    let broadcast = decide::waiting(&app, id).await?;
    Ok(Json(Page::whole(app.store.summons_of(broadcast.id).await?)))
}
