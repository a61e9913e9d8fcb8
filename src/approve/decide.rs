//! Deciding: a second person's yes, bound to what they read; or back to the author with a reason.

use jiff::SignedDuration;

use super::{
    State,
    notes::{self, Given},
    sign,
};
use crate::{
    app::App,
    people::{Actor, Person, Role, factor, sign_in},
    problem::Problem,
    send::Event,
    store::broadcasts::Broadcast,
};

/// An approver's yes, as they give it.
#[derive(Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Yes {
    /// The digest of what they read.
    pub digest: String,
    /// How many people it goes to, as they typed it.
    pub recipients: i64,
    /// Their password, again; not asked of who has a second factor.
    #[serde(default)]
    pub password: String,
    /// A code of their second factor, for who has one: from the phone, or a recovery code.
    #[serde(default)]
    pub code: String,
}

impl std::fmt::Debug for Yes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Yes")
            .field("digest", &self.digest)
            .field("recipients", &self.recipients)
            .finish_non_exhaustive()
    }
}

/// The broadcast of an update that waits for an approval.
///
/// # Errors
/// 409 when none waits.
pub async fn waiting(app: &App, update_id: i64) -> Result<Broadcast, Problem> {
    let update = app.store.update(update_id).await?;
    let of_update = app.store.broadcasts_of(update_id).await?;
    of_update.into_iter().rev().find(|broadcast| broadcast.state == State::Submitted).ok_or_else(|| {
        Problem::conflict(format!("this update is {}; it is not waiting for an approval", update.state.as_str()))
    })
}

/// Who may approve an update: a signed-in approver who wrote no word of it.
///
/// # Errors
/// 403, saying why not.
pub async fn may_approve<'a>(app: &App, actor: &'a Actor, update_id: i64) -> Result<&'a Person, Problem> {
    let Actor::Person(person) = actor else {
        return Err(Problem::forbidden("only a signed-in person approves; no key and no script can"));
    };
    app.may(actor, Role::Approver, "")?;
    if app.store.writers(update_id).await?.contains(&person.id) {
        return Err(Problem::forbidden("you wrote a part of this update; somebody else has to approve it"));
    }
    Ok(person)
}

/// Approves: binds the person's yes to the digest. It goes out when its start time has come.
///
/// # Errors
/// 403 for authors, keys, and a wrong password; 409 when it changed, expired or its promise can no longer be kept; 422
/// when the digest or the number is not the one submitted.
pub async fn approve(app: &App, actor: &Actor, update_id: i64, yes: &Yes) -> Result<Broadcast, Problem> {
    let person = may_approve(app, actor, update_id).await?;
    let broadcast = waiting(app, update_id).await?;
    let now = app.world.clock.now();
    if Some(person.id) == broadcast.submitted_by {
        return Err(Problem::forbidden("you submitted this update; somebody else has to approve it"));
    }
    if yes.digest != broadcast.digest {
        return Err(Problem::invalid("/digest", "this is not what was submitted; read it again and approve that"));
    }
    if yes.recipients != broadcast.people {
        let detail =
            format!("it goes to another number of people than {}; read the number and type it", yes.recipients);
        return Err(Problem::invalid("/recipients", detail));
    }
    if broadcast.expires_at < now {
        return Err(Problem::conflict("it waited too long and expired; the author has to submit it again"));
    }
    sign::complete(app, &broadcast).await?;
    promise_holds(app, &broadcast, now).await?;
    prove(app, person, yes).await?;
    let (by, subject) = (actor.audit_name(), format!("broadcast:{}", broadcast.id));
    let detail = serde_json::json!({ "digest": yes.digest, "recipients": yes.recipients });
    let entry = app.entry(&by, "update.approve", &subject, detail);
    app.store.approve_broadcast(broadcast.id, &yes.digest, person.id, yes.recipients, &entry).await?;
    tracing::info!(broadcast = broadcast.id, person = person.id, "approved");
    app.engine.wake();
    app.engine.tell(Event::Desk);
    Ok(app.store.broadcast(broadcast.id).await?)
}

/// How an approver proves, at the moment of their yes, that it is they.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By their password.
    Password,
    /// By their second factor.
    Factor,
    /// By a second factor that they do not have yet.
    Missing,
}

/// What this person is asked for.
///
/// # Errors
/// The store's.
pub async fn proof(app: &App, person: &Person) -> Result<Proof, Problem> {
    Ok(match factor::has(app, person.id).await? {
        true => Proof::Factor,
        false if app.config.approval.second_factor => Proof::Missing,
        false => Proof::Password,
    })
}

/// Proves, at the moment of their yes, that it is they.
///
/// # Errors
/// 403 where the password or the code is not right, or a second factor is asked for and missing.
pub async fn prove(app: &App, person: &Person, yes: &Yes) -> Result<(), Problem> {
    match proof(app, person).await? {
        Proof::Factor => factor::prove(app, person, &yes.code).await,
        Proof::Password => sign_in::prove(app, person, &yes.password).await,
        Proof::Missing => Err(Problem::forbidden(
            "approvals take a second factor here, and you have none; set one up in Settings and come back",
        )),
    }
}

/// Refuses an approval that comes so late that the last reader would get it after the promised next update.
async fn promise_holds(app: &App, broadcast: &Broadcast, now: jiff::Timestamp) -> Result<(), Problem> {
    let update = app.store.update(broadcast.update_id).await?;
    let Some(promised) = update.content.next_update_at else { return Ok(()) };
    let seconds = broadcast.plan.get("seconds").and_then(|seconds| seconds.as_object());
    let longest = seconds
        .into_iter()
        .flat_map(|seconds| seconds.values())
        .filter_map(serde_json::Value::as_f64)
        .fold(0.0, f64::max);
    let last = broadcast.start_at.unwrap_or(now).max(now) + SignedDuration::from_millis((longest * 1000.0) as i64);
    if last < promised {
        return Ok(());
    }
    Err(Problem::conflict(format!(
        "the next update is promised for {promised}, and the last reader would get this one at {last}; send it back for a later promise"
    ))
    .with("last_at", last))
}

/// Sends an update back to its author, with notes at the passages that they are about.
///
/// # Errors
/// 403 for who may not approve; 409 when it is not waiting; 422 without a reason and a note, or at a note.
pub async fn send_back(app: &App, actor: &Actor, update_id: i64, reason: &str, given: &[Given]) -> Result<(), Problem> {
    let person = may_approve(app, actor, update_id).await?;
    let reason = reason.trim();
    if (reason.is_empty() && given.is_empty()) || reason.len() > 2_000 {
        return Err(Problem::invalid("/reason", "say what the author should change, in at most 2,000 characters"));
    }
    let broadcast = waiting(app, update_id).await?;
    let notes = notes::check(app, person, &broadcast, given).await?;
    let (by, subject) = (actor.audit_name(), format!("broadcast:{}", broadcast.id));
    let entry = app.entry(&by, "update.return", &subject, serde_json::json!({ "notes": notes.len() }));
    app.store.return_with_notes(broadcast.id, reason, &notes, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}
