//! `GET /me`: who asks, and by which way.

use aide::axum::routing::{ApiMethodRouter, get_with};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    people::{Actor, Person},
    problem::Problem,
};

/// Who asks.
#[derive(Serialize, JsonSchema)]
struct Me {
    /// By which way.
    way: Way,
    /// The person; null for the operator.
    person: Option<Person>,
    /// The key's number.
    key_id: Option<i64>,
    /// What the key may do.
    scopes: Option<Vec<String>>,
}

/// How somebody proved who they are.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Way {
    /// Signed in with a password.
    Session,
    /// By a key of theirs.
    Key,
    /// By the daemon's socket.
    Operator,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("readMe", "sessions", "Says who asks.", &[]))
}

async fn handle(Caller(actor): Caller) -> Result<Json<Me>, Problem> {
    let (way, key_id, scopes) = match &actor {
        Actor::Person(_) => (Way::Session, None, None),
        Actor::Key { id, scopes, .. } => (Way::Key, Some(*id), Some(scopes.clone())),
        // Monitoring has no way to ask here.
        Actor::Source { .. } | Actor::Timer { .. } => (Way::Key, None, None),
        Actor::Operator => (Way::Operator, None, None),
    };
    Ok(Json(Me { way, person: actor.person().cloned(), key_id, scopes }))
}
