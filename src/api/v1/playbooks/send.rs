//! `POST /playbooks/{id}/send`: one person alone, within the bounds.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use super::preview::Input;
use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
        reply::Created,
    },
    app::App,
    problem::Problem,
    schedule::playbook::instance::{self, Sent},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "sendPlaybook",
            "playbooks",
            "Sends a prepared message on the channels that it may go to alone. Within its bounds it goes out at once; what lies outside waits for an approval, and `exceeded` says why. Takes a signed-in person; no key.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(input): Json<Input>,
) -> Result<Created<Sent>, Problem> {
    if let Some(incident) = input.incident_id {
        auth::may_see(&app, &actor, incident).await?;
    }
    let sent = instance::send(&app, &actor, id, input.about(), &input.asked).await;
    sent.map_err(|problem| problem.under("/asked")).map(Created)
}
