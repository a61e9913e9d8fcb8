//! `POST /announcements`: what a machine says by a prepared message, or asks people to say.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::by_playbook::{self, NameOrNumber, Values};
use crate::{
    api::{
        auth::{self, Caller},
        body::Json,
        document::describe,
        reply::Made,
    },
    app::App,
    compose::{
        content::Content,
        draft,
        status::{Kind, Status},
        write::{self, NewIncident},
    },
    path,
    people::{Actor, Role, Scope},
    preview::Preview,
    problem::Problem,
    schedule::playbook::{announce::Outcome, fill::Exceeded},
    store::{
        broadcasts::Broadcast,
        incidents::{Incident, Update},
    },
};

/// What is to be said: by a prepared message (`playbook`, `stage`, `dedup_key`), or in full (`content`).
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Announcement {
    /// A prepared message, by number or by name: `payments-fail`. Within its bounds it goes out at once.
    #[serde(default)]
    pub playbook: Option<NameOrNumber>,
    /// By a prepared message: where it stands.
    #[serde(default)]
    pub stage: Option<Status>,
    /// By a prepared message: its values. What is left out takes the usual one.
    #[serde(default)]
    pub variables: Values,
    /// By a prepared message: what you call the outage. The same key goes on with the same incident until that is over.
    #[serde(default)]
    pub dedup_key: Option<String>,
    /// By a prepared message: components that are concerned besides its own, by number or name.
    #[serde(default)]
    pub components: Vec<NameOrNumber>,
    /// By a prepared message: true says what would happen, and writes nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// In full: the incident to go on with.
    #[serde(default)]
    pub incident_id: Option<i64>,
    /// A new incident: its working title.
    #[serde(default)]
    pub title: Option<String>,
    /// A new incident: what it is.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// A new incident: true for practice.
    #[serde(default)]
    pub exercise: bool,
    /// In full: what the update says.
    #[serde(default)]
    pub content: Option<Content>,
    /// In full: false leaves it as a draft.
    #[serde(default = "submits")]
    pub submit: bool,
}

fn submits() -> bool {
    true
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Announced {
    /// By a prepared message: what became of it, or would.
    pub outcome: Option<Outcome>,
    /// True when an approver has it before them.
    pub awaits_approval: bool,
    /// True where nothing was written.
    pub dry_run: bool,
    /// The incident.
    pub incident: Option<Incident>,
    /// The update.
    pub update: Option<Update>,
    /// What goes out, or waits for an approval.
    pub broadcast: Option<Broadcast>,
    /// By a prepared message: the bounds that are passed; empty where it goes out.
    pub exceeded: Vec<Exceeded>,
    /// Why it could not be submitted; the draft is kept.
    pub problem: Option<Problem>,
    /// A dry run: every text.
    pub preview: Option<Preview>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "announce",
            "announcements",
            "Announces in one call. By a prepared message (`playbook`) it goes out at once within the bounds that two people approved; what lies outside waits for an approval, and `exceeded` says why. The same `dedup_key` goes on with the same incident, and the same stage again is no second message. In full (`content`) it opens an incident or goes on with one, drafts the update and submits it for approval. A draft that the checker stops is kept for a person to mend: then `awaits_approval` is false and `problem` says why.",
            &[404, 409],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(asked): Json<Announcement>,
) -> Result<Made<Announced>, Problem> {
    app.may(&actor, Role::Author, Scope::Announce.as_str())?;
    if let Some(playbook) = &asked.playbook {
        return by_playbook::handle(&app, &actor, &asked, playbook).await;
    }
    let actor = within(actor);
    let content = in_full(&asked)?;
    // Looked at before anything is opened, so that a refused request leaves nothing behind.
    draft::validate(&app, content).map_err(|problem| problem.under("/content"))?;
    let incident = incident(&app, &actor, &asked, content).await?;
    if incident.kind.step(incident.status, content.status).is_none() {
        let detail = format!("{} cannot come next in this incident", content.status.as_str());
        return Err(Problem::invalid("/content/status", detail).with("incident_id", incident.id));
    }
    let update = write::begin_update(&app, &actor, incident.id, Some(content.clone())).await?;
    let (broadcast, problem) = match asked.submit {
        true => path::prepare(&app, &actor, update.id)
            .await
            .map_or_else(|problem| (None, Some(problem)), |waiting| (Some(waiting), None)),
        false => (None, None),
    };
    let update = Some(app.store.update(update.id).await?);
    let announced = Announced {
        outcome: None,
        awaits_approval: broadcast.is_some(),
        dry_run: false,
        incident: Some(incident),
        update,
        broadcast,
        exceeded: Vec::new(),
        problem,
        preview: None,
    };
    Ok(Made(StatusCode::CREATED, announced))
}

/// The content of an announcement in full, which has nothing of a prepared message.
fn in_full(asked: &Announcement) -> Result<&Content, Problem> {
    let prepared = [
        (asked.stage.is_some(), "stage"),
        (!asked.variables.is_empty(), "variables"),
        (asked.dedup_key.is_some(), "dedup_key"),
        (!asked.components.is_empty(), "components"),
        (asked.dry_run, "dry_run"),
    ];
    if let Some((_, name)) = prepared.iter().find(|(given, _)| *given) {
        return Err(Problem::invalid("/playbook", format!("`{name}` belongs to a prepared message; say which one")));
    }
    asked.content.as_ref().ok_or_else(|| {
        Problem::invalid("/content", "is missing: give `playbook` for a prepared message, or `content` in full")
    })
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

async fn incident(app: &App, actor: &Actor, asked: &Announcement, content: &Content) -> Result<Incident, Problem> {
    match (asked.incident_id, &asked.title, asked.kind) {
        (Some(id), None, None) => {
            auth::may_see(app, actor, id).await?;
            Ok(app.store.incident(id).await?)
        }
        (None, Some(title), Some(kind)) => {
            if kind.step(None, content.status).is_none() {
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
