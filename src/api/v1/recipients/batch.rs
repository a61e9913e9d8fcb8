//! `POST /recipients/batch`: many at once, each by itself.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{self, Json},
        document::describe,
    },
    app::App,
    audience::{
        manage::{self, Batch},
        recipient::Fault,
    },
    problem::Problem,
    store::recipients::Recipient,
};

/// Whom to write.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Many {
    /// At most 1,000, each customer id once.
    #[schemars(with = "Vec<Recipient>")]
    recipients: Vec<serde_json::Value>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "putRecipients",
            "recipients",
            "Writes up to 1,000 recipients. Each is looked at by itself: the good ones are written together, and the others answered with their faults.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Many>,
) -> Result<Json<Batch>, Problem> {
    let read = |value| {
        let problem = |problem: Problem| Fault::new(problem.pointer.unwrap_or_default(), problem.detail);
        body::read_value::<Recipient>(value).map_err(problem)
    };
    let given: Vec<_> = asked.recipients.into_iter().map(read).collect();
    manage::put_many(&app, &actor, given).await.map(Json)
}
