//! Who is named for a restricted incident: chosen by those who see it. An administrator may name somebody without seeing
//! it, so that nobody can lock the house out, and that is said aloud.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Actor, Person, Role, sight};
use crate::{
    app::App,
    problem::Problem,
    send::Event,
    store::{
        StoreError,
        named::{HiddenIncident, Named, Noun},
    },
};

/// What changes; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Whether only named people see it. False shows it to everybody again, and takes an approver.
    pub restricted: Option<bool>,
    /// The numbers of people who may see it from now on.
    pub add: Vec<i64>,
    /// The numbers of people who may no longer.
    pub remove: Vec<i64>,
}

/// Who may see an incident, and who is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "WhoSeesIt")]
pub struct Circle {
    /// True where only named people see it.
    pub restricted: bool,
    /// They, in the order in which they were named.
    pub named: Vec<Named>,
    /// Whom it takes and who is not named.
    pub missing: Missing,
}

/// Whom it takes to send an update, and who is not among those who see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MissingFromIt")]
pub struct Missing {
    /// True where no two people see it of whom one writes and the other approves.
    pub second_person: bool,
    /// The sign-offs that nobody who sees it holds.
    pub sign_offs: Vec<String>,
    /// True where somebody is on duty, and no approver among them sees it.
    pub on_duty: bool,
}

/// Who may see an incident.
///
/// # Errors
/// 404 for who may not.
pub async fn read(app: &App, actor: &Actor, id: i64) -> Result<Circle, Problem> {
    let incident = sight::incident(app, actor, id).await?;
    let named = app.store.named(id).await?;
    let missing = match incident.restricted {
        true => missing(app, &named, incident.kind).await?,
        false => Missing::default(),
    };
    Ok(Circle { restricted: incident.restricted, named, missing })
}

async fn missing(app: &App, named: &[Named], kind: crate::compose::status::Kind) -> Result<Missing, Problem> {
    let people = app.store.people().await?;
    let sees = |person: &&Person| person.active && named.iter().any(|named| named.person_id == person.id);
    let seeing: Vec<&Person> = people.iter().filter(sees).collect();
    let holding = |role| seeing.iter().filter(|person| person.role >= role).count();
    let asked = app.config.approval.sign_off.iter().filter(|sign_off| sign_off.may_concern(kind));
    let asked: BTreeSet<&str> = asked.map(|sign_off| sign_off.name.as_str()).collect();
    let held = |name: &&str| seeing.iter().any(|person| person.signs.iter().any(|held| held == *name));
    let duty = app.store.on_duty(app.world.clock.now()).await?;
    let called = |person: &&Person| person.role >= Role::Approver && duty.contains(&person.id);
    Ok(Missing {
        second_person: holding(Role::Author) < 2 || holding(Role::Approver) < 1,
        sign_offs: asked.into_iter().filter(|name| !held(name)).map(str::to_owned).collect(),
        on_duty: !duty.is_empty() && !seeing.iter().copied().any(|person| called(&person)),
    })
}

/// Changes who may see an incident. Whoever restricts it is named.
///
/// # Errors
/// 403 for viewers; 404 for who may not see it, but for an administrator who only adds; 409 when nobody who writes would
/// be left; 422 for somebody without access.
pub async fn change(app: &App, actor: &Actor, id: i64, change: &Change) -> Result<(), Problem> {
    let person = app.may(actor, Role::Author, "write")?;
    let adds_only = change.restricted.is_none() && change.remove.is_empty();
    let is_seen = match sight::may_see(app, actor, id).await {
        Ok(()) => true,
        Err(problem) if adds_only && administers(actor) && is_there(app, id).await => {
            drop(problem);
            false
        }
        Err(problem) => return Err(problem),
    };
    let was = app.store.incident(id).await?.restricted;
    let restricted = change.restricted.unwrap_or(was);
    if was && !restricted {
        app.may(actor, Role::Approver, "write")?;
    }
    let mut add = change.add.clone();
    if !was && restricted {
        let Some(person) =
            person.filter(|_| !matches!(actor, Actor::Key { .. } | Actor::Source { .. } | Actor::Timer { .. }))
        else {
            return Err(Problem::forbidden("whoever restricts an incident has to see it afterwards; sign in to do it"));
        };
        add.push(person.id);
    }
    for person in &change.add {
        let known = app.store.person(*person).await.ok().filter(|known| known.active);
        known.ok_or_else(|| Problem::invalid("/add", format!("nobody who has access is number {person}")))?;
    }
    let (by, subject) = (actor.audit_name(), format!("incident:{id}"));
    let action = match (was, restricted) {
        (false, true) => "incident.restrict",
        (true, false) => "incident.unrestrict",
        _ if is_seen => "incident.name",
        _ => "incident.name_unseen",
    };
    let entry = app.entry(&by, action, &subject, serde_json::json!({ "add": add, "remove": change.remove }));
    app.store.restrict(id, restricted, (&add, &change.remove), person.map(|person| person.id), &entry).await?;
    if !is_seen {
        tracing::warn!(incident = id, by, people = ?change.add, "an administrator named people for an incident they do not see");
    }
    // A restricted incident leaves the public page; one that is no longer comes back.
    app.engine.tell(Event::Public);
    app.engine.tell(Event::Desk);
    Ok(())
}

fn administers(actor: &Actor) -> bool {
    matches!(actor, Actor::Person(person) if person.role == Role::Administrator)
}

async fn is_there(app: &App, id: i64) -> bool {
    !matches!(app.store.is_seen(Noun::Incident, id, None).await, Err(StoreError::Missing(_)))
}

/// The restricted incidents that an administrator does not see: numbers only, so that they can name somebody.
///
/// # Errors
/// 403 for others.
pub async fn unseen(app: &App, actor: &Actor) -> Result<Vec<HiddenIncident>, Problem> {
    app.may(actor, Role::Administrator, "admin")?;
    let mut unseen = app.store.hidden_from(actor.person().map(|person| person.id)).await?;
    if *actor == Actor::Operator {
        unseen.clear();
    }
    Ok(unseen)
}
