//! `POST /announcements`: what a machine asks people to say.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        auth::{self, Caller},
        body::Json,
        document::describe,
        reply::Created,
    },
    app::App,
    compose::{
        content::Content,
        draft,
        status::Kind,
        write::{self, NewIncident},
    },
    path,
    people::{Actor, Role, Scope},
    problem::Problem,
    store::{
        broadcasts::Broadcast,
        incidents::{Incident, Update},
    },
};

/// What is to be said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Announcement {
    /// The incident to go on with.
    #[serde(default)]
    incident_id: Option<i64>,
    /// A new incident: its working title.
    #[serde(default)]
    title: Option<String>,
    /// A new incident: what it is.
    #[serde(default)]
    kind: Option<Kind>,
    /// A new incident: true for practice.
    #[serde(default)]
    exercise: bool,
    /// What the update says.
    content: Content,
    /// False leaves it as a draft.
    #[serde(default = "submits")]
    submit: bool,
}

fn submits() -> bool {
    true
}

/// What was queued.
#[derive(Serialize, JsonSchema)]
struct Announced {
    /// True when an approver has it before them.
    awaits_approval: bool,
    /// The incident.
    incident: Incident,
    /// The update.
    update: Update,
    /// What waits for an approval.
    broadcast: Option<Broadcast>,
    /// Why it could not be submitted; the draft is kept.
    problem: Option<Problem>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "announce",
            "announcements",
            "Queues an announcement for a person's approval in one call. It opens an incident or goes on with one, drafts the update and submits it; nothing is sent by itself. A draft that the checker stops is kept for a person to mend: then `awaits_approval` is false and `problem` says why.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Announcement>,
) -> Result<Created<Announced>, Problem> {
    app.may(&actor, Role::Author, Scope::Announce.as_str())?;
    let actor = within(actor);
    // Looked at before anything is opened, so that a refused request leaves nothing behind.
    draft::validate(&app, &asked.content).map_err(|problem| problem.under("/content"))?;
    let incident = incident(&app, &actor, &asked).await?;
    if incident.kind.step(incident.status, asked.content.status).is_none() {
        let detail = format!("{} cannot come next in this incident", asked.content.status.as_str());
        return Err(Problem::invalid("/content/status", detail).with("incident_id", incident.id));
    }
    let update = write::begin_update(&app, &actor, incident.id, Some(asked.content)).await?;
    let (broadcast, problem) = match asked.submit {
        true => path::prepare(&app, &actor, update.id)
            .await
            .map_or_else(|problem| (None, Some(problem)), |waiting| (Some(waiting), None)),
        false => (None, None),
    };
    let update = app.store.update(update.id).await?;
    Ok(Created(Announced { awaits_approval: broadcast.is_some(), incident, update, broadcast, problem }))
}

/// What the scope `announce` covers: writing and submitting, within this operation alone.
fn within(actor: Actor) -> Actor {
    match actor {
        Actor::Key { id, owner, .. } => {
            let scopes = [Scope::Write, Scope::Submit].map(|scope| scope.as_str().to_owned()).to_vec();
            Actor::Key { id, owner, scopes }
        }
        other => other,
    }
}

async fn incident(app: &App, actor: &Actor, asked: &Announcement) -> Result<Incident, Problem> {
    match (asked.incident_id, &asked.title, asked.kind) {
        (Some(id), None, None) => {
            auth::may_see(app, actor, id).await?;
            Ok(app.store.incident(id).await?)
        }
        (None, Some(title), Some(kind)) => {
            if kind.step(None, asked.content.status).is_none() {
                return Err(Problem::invalid("/content/status", "is no first status of this kind"));
            }
            let new = NewIncident { kind, title: title.clone(), exercise: asked.exercise, restricted: false };
            write::open_incident(app, actor, &new).await
        }
        _ => Err(Problem::invalid(
            "/incident_id",
            "give the incident to go on with, or title and kind of a new one, and not both",
        )),
    }
}
