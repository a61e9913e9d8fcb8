//! `GET /me/sessions`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::{extract::State, http::HeaderMap};

use crate::{
    api::{
        auth::{self, Caller},
        body::Json,
        document::describe,
        reply::Page,
    },
    app::App,
    people::own::{self, Session},
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("listOwnSessions", "people", "Lists where the caller is signed in.", &[]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
) -> Result<Json<Page<Session>>, Problem> {
    Ok(Json(Page::whole(own::sessions(&app, &actor, auth::bearer(&headers)?).await?)))
}
