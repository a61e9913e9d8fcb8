//! `GET /updates/{id}/sign-offs`: who has to sign, and who did.

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
    approve::{
        decide,
        sign::{self, Required},
    },
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listSignOffs",
            "updates",
            "Lists the sign-offs that a waiting update needs, with since when they are waited for, and who signed.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Page<Required>>, Problem> {
    auth::update(&app, &actor, id).await?;
    let broadcast = decide::waiting(&app, id).await?;
    Ok(Json(Page::whole(sign::required(&app, &broadcast).await?)))
}
