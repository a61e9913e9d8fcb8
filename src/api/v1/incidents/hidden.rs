//! `GET /incidents/hidden`: what an administrator does not see, by number.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Page},
    app::App,
    people::restrict,
    problem::Problem,
    store::named::HiddenIncident,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists the restricted incidents that an administrator does not see, by number alone, so that they can name somebody where nobody is left.";
    get_with(handle, describe("listHiddenIncidents", "incidents", text, &[]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Page<HiddenIncident>>, Problem> {
    Ok(Json(Page::whole(restrict::unseen(&app, &actor).await?)))
}
