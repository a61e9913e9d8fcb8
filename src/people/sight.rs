//! Who may see what. A restricted incident, and whatever belongs to it, is there for named people only; for everybody
//! else there is none, in the words of one that never was.
//!
//! Both doors (the API's and the console's) ask [`address`] before a handler runs, so that no page can forget it.
//! Operations ask again, because bodies name incidents too. Lists leave out what is [`hidden`].

use std::collections::BTreeSet;

use axum::extract::{MatchedPath, RawPathParams};
use onevoice_channels::contract::DeliveryId;

use super::Actor;
use crate::{
    app::App,
    approve::State,
    problem::Problem,
    store::{
        StoreError,
        broadcasts::Broadcast,
        history::Wanted,
        inbox::Received,
        incidents::{Incident, Update},
        lookups::Promise,
        named::Noun,
    },
};

/// The person whose eyes an actor looks with. A key is nobody here: what it reads goes to a program.
fn eyes(actor: &Actor) -> Option<i64> {
    match actor {
        Actor::Person(person) => Some(person.id),
        Actor::Key { .. } | Actor::Source { .. } | Actor::Timer { .. } | Actor::Operator => None,
    }
}

/// Refuses what the actor may not see, as if there were none.
///
/// # Errors
/// 404 when there is none, or not for them.
pub async fn look(app: &App, actor: &Actor, noun: Noun, id: i64) -> Result<(), Problem> {
    let seen = app.store.is_seen(noun, id, eyes(actor)).await?;
    // Whoever may open the daemon's socket could read the database as well.
    if seen || *actor == Actor::Operator { Ok(()) } else { Err(StoreError::Missing(noun.as_str()).into()) }
}

/// Refuses an incident that the actor may not see.
///
/// # Errors
/// 404, as [`look`].
pub async fn may_see(app: &App, actor: &Actor, incident_id: i64) -> Result<(), Problem> {
    look(app, actor, Noun::Incident, incident_id).await
}

/// An incident that the actor may see.
///
/// # Errors
/// 404, as [`look`].
pub async fn incident(app: &App, actor: &Actor, id: i64) -> Result<Incident, Problem> {
    may_see(app, actor, id).await?;
    Ok(app.store.incident(id).await?)
}

/// An update that the actor may see.
///
/// # Errors
/// 404, as [`look`].
pub async fn update(app: &App, actor: &Actor, id: i64) -> Result<Update, Problem> {
    look(app, actor, Noun::Update, id).await?;
    Ok(app.store.update(id).await?)
}

/// A broadcast that the actor may see.
///
/// # Errors
/// 404, as [`look`].
pub async fn broadcast(app: &App, actor: &Actor, id: i64) -> Result<Broadcast, Problem> {
    look(app, actor, Noun::Broadcast, id).await?;
    Ok(app.store.broadcast(id).await?)
}

/// The incidents that lists leave out for this actor.
///
/// # Errors
/// The store's.
pub async fn hidden(app: &App, actor: &Actor) -> Result<BTreeSet<i64>, Problem> {
    if *actor == Actor::Operator {
        return Ok(BTreeSet::new());
    }
    Ok(app.store.hidden_from(eyes(actor)).await?.iter().map(|hidden| hidden.id).collect())
}

/// The incidents that are wanted and that the actor may see, the newest first, before `cursor`.
///
/// # Errors
/// The store's.
pub async fn incidents(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    cursor: i64,
    limit: i64,
) -> Result<Vec<Incident>, Problem> {
    let everything = *actor == Actor::Operator;
    Ok(app.store.find_incidents(wanted, (everything, eyes(actor)), cursor, limit).await?)
}

/// The updates in a state that the actor may see, the oldest first.
///
/// # Errors
/// The store's.
pub async fn updates_in(app: &App, actor: &Actor, state: State) -> Result<Vec<Update>, Problem> {
    let hidden = hidden(app, actor).await?;
    let mut found = app.store.updates_in(state).await?;
    found.retain(|update| !hidden.contains(&update.incident_id));
    Ok(found)
}

/// The broadcasts in one of these states that the actor may see, the oldest first.
///
/// # Errors
/// The store's.
pub async fn broadcasts_in(app: &App, actor: &Actor, states: &[State]) -> Result<Vec<Broadcast>, Problem> {
    let hidden = hidden(app, actor).await?;
    let mut found = app.store.broadcasts_in(states).await?;
    found.retain(|broadcast| !hidden.contains(&broadcast.incident_id));
    Ok(found)
}

/// The promises not kept yet that the actor may see, the nearest first.
///
/// # Errors
/// The store's.
pub async fn open_promises(app: &App, actor: &Actor, exercise: bool) -> Result<Vec<Promise>, Problem> {
    let hidden = hidden(app, actor).await?;
    let mut found = app.store.open_promises(exercise).await?;
    found.retain(|promise| !hidden.contains(&promise.incident_id));
    Ok(found)
}

/// What people wrote back, the newest before a number first, without what was about an incident that the actor may not see.
///
/// # Errors
/// The store's.
pub async fn replies(
    app: &App,
    actor: &Actor,
    incident: Option<i64>,
    open: bool,
    before: i64,
    limit: i64,
) -> Result<Vec<Received>, Problem> {
    let everything = *actor == Actor::Operator;
    Ok(app.store.inbox(incident, open, (everything, eyes(actor)), before, limit).await?)
}

/// What an address names: the noun before its first `{id}`, and the number in it.
fn named(matched: &str, id: &str) -> Option<(Noun, i64)> {
    let mut parts = matched.split('/').rev().skip_while(|part| *part != "{id}").skip(1).peekable();
    let noun = match *parts.peek()? {
        // A piece of practice is named by its incident.
        "incidents" | "exercises" => Noun::Incident,
        "updates" => Noun::Update,
        "broadcasts" => Noun::Broadcast,
        "promises" => Noun::Promise,
        "deadlines" => Noun::Deadline,
        // A delivery is named like 12-email-4711.
        "deliveries" | "outbox" => {
            return id.parse::<DeliveryId>().ok().map(|delivery| (Noun::Broadcast, delivery.broadcast));
        }
        _ => return None,
    };
    Some((noun, id.parse().ok()?))
}

/// Refuses an address that names what the actor may not see. Who is named for an incident is another operation's to say,
/// since an administrator may name somebody without seeing it.
///
/// # Errors
/// 404, as [`look`].
pub async fn address(app: &App, actor: &Actor, matched: &MatchedPath, parts: &RawPathParams) -> Result<(), Problem> {
    if matched.as_str().ends_with("/incidents/{id}/named") {
        return Ok(());
    }
    let id = parts.iter().find(|(name, _)| *name == "id").map(|(_, value)| value).unwrap_or_default();
    match named(matched.as_str(), id) {
        Some((noun, id)) => look(app, actor, noun, id).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_it_is_about() {
        assert_eq!(named("/console/updates/{id}/mail/{variant}/{locale}", "7"), Some((Noun::Update, 7)));
        assert_eq!(named("/api/v1/incidents/{id}", "7"), Some((Noun::Incident, 7)));
        assert_eq!(named("/api/v1/deliveries/{id}", "12-email-7"), Some((Noun::Broadcast, 12)));
        assert_eq!(named("/console/people/{id}", "7"), None);
        assert_eq!(named("/console/updates/{id}", "x"), None);
        assert_eq!(named("/console/updates", ""), None);
    }
}
