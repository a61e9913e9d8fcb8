//! What people change of their own access: their password, and where they are signed in.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Actor, Person, credentials, sign_in};
use crate::{app::App, problem::Problem};

/// A place where somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OwnSession")]
pub struct Session {
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// True for the one that asks.
    pub current: bool,
}

fn person(actor: &Actor) -> Result<&Person, Problem> {
    match actor {
        Actor::Person(person) => Ok(person),
        _ => Err(Problem::forbidden("this is a person's own; sign in")),
    }
}

fn hashed(token: Option<&str>) -> Option<Vec<u8>> {
    token.map(credentials::hash_token)
}

/// Where somebody is signed in, the latest used first; `token` is the asking session's, where it is known.
///
/// # Errors
/// 403 for keys; the store's.
pub async fn sessions(app: &App, actor: &Actor, token: Option<&str>) -> Result<Vec<Session>, Problem> {
    let (person, now, own) = (person(actor)?, app.world.clock.now(), hashed(token));
    let since = |ago: SignedDuration| now.checked_sub(ago).unwrap_or(Timestamp::MIN);
    let known = app.store.sessions_of(person.id, since(sign_in::LONGEST), since(sign_in::IDLE)).await?;
    let session = |(hash, created_at, seen_at): (Vec<u8>, Timestamp, Timestamp)| Session {
        created_at,
        seen_at,
        current: Some(&hash) == own.as_ref(),
    };
    Ok(known.into_iter().map(session).collect())
}

/// Ends every session but the one that asks; all of them where that is not known.
///
/// # Errors
/// 403 for keys; the store's.
pub async fn end_others(app: &App, actor: &Actor, token: Option<&str>) -> Result<u64, Problem> {
    let person = person(actor)?;
    let (by, subject) = (actor.audit_name(), format!("person:{}", person.id));
    let entry = app.entry(&by, "person.end_sessions", &subject, serde_json::json!({}));
    Ok(app.store.end_sessions(person.id, hashed(token).as_deref(), &entry).await?)
}

/// Gives oneself another password; every other session ends.
///
/// # Errors
/// 403 for keys, and when the password of now is wrong; 422 for one that is too short, or the same; 429 after too many
/// tries.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    token: Option<&str>,
    current: &str,
    new: &str,
) -> Result<(), Problem> {
    let person = person(actor)?;
    sign_in::prove(app, person, current).await?;
    if new == current {
        return Err(Problem::invalid("/new", "is the password of now; choose another one"));
    }
    let hash = sign_in::hash_password(app, new).await.map_err(|mut problem| {
        problem.pointer = problem.pointer.map(|_| "/new".to_owned());
        problem
    })?;
    let (by, subject) = (actor.audit_name(), format!("person:{}", person.id));
    let entry = app.entry(&by, "person.own_password", &subject, serde_json::json!({}));
    app.store.change_own_password(person.id, &hash, hashed(token).as_deref(), &entry).await?;
    Ok(())
}
