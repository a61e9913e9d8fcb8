//! `POST /playbooks/{id}/preview`: as it would go out.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    people::{Role, Scope},
    preview::Preview,
    problem::Problem,
    schedule::playbook::{
        fill::{Asked, Exceeded},
        instance::{self, About},
    },
};

/// What is asked of a prepared message, and for which incident.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "InstanceInput")]
pub(super) struct Input {
    /// Stage and values.
    pub asked: Asked,
    /// The incident to go on with; left out, one is opened.
    #[serde(default)]
    pub incident_id: Option<i64>,
    /// For a new incident: true for practice.
    #[serde(default)]
    pub exercise: bool,
}

impl Input {
    pub fn about(&self) -> About {
        About { incident: self.incident_id, exercise: self.exercise }
    }
}

/// An instance as it would go out.
#[derive(Serialize, JsonSchema)]
struct InstancePreview {
    /// The values as they were taken.
    asked: Asked,
    /// Every text on the channels that it may go to alone, and what the checker says.
    preview: Preview,
    /// The bounds that it passes; empty where one person may send it.
    exceeded: Vec<Exceeded>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe("previewPlaybook", "playbooks", "Shows a prepared message with values, as it would go out.", &[404]),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(input): Json<Input>,
) -> Result<Json<InstancePreview>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Read.as_str())?;
    if let Some(incident) = input.incident_id {
        auth::may_see(&app, &actor, incident).await?;
    }
    let stored = app.store.playbook(id).await?;
    let looked = instance::look(&app, &stored.playbook, input.about(), &input.asked, false).await;
    let looked = looked.map_err(|problem| problem.under("/asked"))?;
    Ok(Json(InstancePreview { asked: looked.filled.asked, preview: looked.preview, exceeded: looked.exceeded }))
}
