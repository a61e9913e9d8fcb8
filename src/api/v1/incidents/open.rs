//! `POST /incidents`: something that customers will be told about.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{auth::Caller, body::Json, document::describe, reply::Created},
    app::App,
    compose::write::{self, NewIncident},
    problem::Problem,
    store::incidents::Incident,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "openIncident",
            "incidents",
            "Opens an incident. Nobody is told before an update of it is approved.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(new): Json<NewIncident>,
) -> Result<Created<Incident>, Problem> {
    write::open_incident(&app, &actor, &new).await.map(Created)
}
