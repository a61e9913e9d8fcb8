//! Deciding: a second person's yes, bound to what they read; or back to the author with a reason.

use jiff::SignedDuration;

use super::{
    State,
    notes::{self, Given},
    reading, sign, sleepers,
};
use crate::{
    app::App,
    compose::content::Content,
    pace::AtNight,
    people::{
        Actor, Person, Role,
        ceremony::Purpose,
        factor,
        passkey::{self, Answer},
        sight, sign_in,
    },
    problem::Problem,
    send::Event,
    store::{broadcasts::Broadcast, named::Noun},
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
    /// What is done about people who sleep when it goes, where the approver chooses otherwise than the author: a part of
    /// this yes.
    #[serde(default)]
    pub quiet_hours: Option<AtNight>,
    /// A passkey's answer in place of the code. Only the console has one: it was asked there, about this digest.
    #[serde(skip)]
    pub passkey: Option<Answer>,
}

impl std::fmt::Debug for Yes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Yes")
            .field("digest", &self.digest)
            .field("recipients", &self.recipients)
            .field("quiet_hours", &self.quiet_hours)
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
    sight::look(app, actor, Noun::Update, update_id).await?;
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
        return Err(another_digest());
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
    let content = app.store.update(update_id).await?.content;
    let choice = sleepers::choice(app, &broadcast, &content, yes.quiet_hours).await?;
    let night = yes.quiet_hours.unwrap_or(sleepers::proposed(&broadcast));
    if let Some(late) = too_late(app, &broadcast, &content, night, now) {
        return Err(late.into());
    }
    let proof = prove(app, person, yes).await?;
    let (by, subject) = (actor.audit_name(), format!("broadcast:{}", broadcast.id));
    let (texts, opened) = reading::opened(app, broadcast.id, person.id).await?;
    let mut detail = serde_json::json!({
        "digest": yes.digest, "recipients": yes.recipients, "proof": proof, "texts": texts, "opened": opened,
    });
    if let Some(choice) = &choice {
        detail["quiet_hours"] = serde_json::json!(night);
        detail["approved_digest"] = serde_json::json!(choice.digest);
    }
    let entry = app.entry(&by, "update.approve", &subject, detail);
    app.store.approve_with(broadcast.id, &yes.digest, choice.as_ref(), person.id, yes.recipients, &entry).await?;
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

/// Proves, at the moment of their yes, that it is they; says by what.
///
/// # Errors
/// 403 where the password or the code is not right, or a second factor is asked for and missing.
pub async fn prove(app: &App, person: &Person, yes: &Yes) -> Result<&'static str, Problem> {
    match proof(app, person).await? {
        Proof::Factor => {
            let given = factor::Given { code: yes.code.clone(), passkey: yes.passkey.clone() };
            factor::prove(app, person, &given, &Purpose::Approve(yes.digest.clone())).await?;
            Ok(if given.passkey.is_some() { "passkey" } else { "code" })
        }
        Proof::Password => sign_in::prove(app, person, &yes.password).await.map(|()| "password"),
        Proof::Missing => Err(Problem::forbidden(
            "approvals take a second factor here, and you have none; set one up in Settings and come back",
        )),
    }
}

/// Asks for a passkey at an approval: the answer counts for what has this digest, and for nothing else.
///
/// # Errors
/// As [`may_approve`] and [`passkey::ask`]; 409 when none waits; 422 for another digest.
pub async fn ask_passkey(
    app: &App,
    actor: &Actor,
    update_id: i64,
    digest: &str,
    holder: &[u8],
) -> Result<serde_json::Value, Problem> {
    let person = may_approve(app, actor, update_id).await?;
    if waiting(app, update_id).await?.digest != digest {
        return Err(another_digest());
    }
    passkey::ask(app, person, holder, Purpose::Approve(digest.to_owned())).await
}

fn another_digest() -> Problem {
    Problem::invalid("/digest", "this is not what was submitted; read it again and approve that")
}

/// An approval that comes so late that the last reader would get it after the promised next update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLate {
    /// What was promised.
    pub promised: jiff::Timestamp,
    /// When the last reader would have this one.
    pub last_at: jiff::Timestamp,
    /// A promise that could be kept: half an hour later, at a time that people can say.
    pub works_at: jiff::Timestamp,
}

impl From<TooLate> for Problem {
    fn from(late: TooLate) -> Problem {
        let TooLate { promised, last_at, works_at } = late;
        Problem::conflict(format!(
            "the next update is promised for {promised}, and the last reader would get this one at {last_at}; send it back for a later promise, such as {works_at}"
        ))
        .with("last_at", last_at)
        .with("works_at", works_at)
    }
}

/// Whether it is too late to approve this now, with this choice about who sleeps.
pub fn too_late(
    app: &App,
    broadcast: &Broadcast,
    content: &Content,
    night: AtNight,
    now: jiff::Timestamp,
) -> Option<TooLate> {
    let promised = content.next_update_at?;
    let last_at = sleepers::last_at(app, broadcast, content, night, now);
    if last_at < promised {
        return None;
    }
    let second = (last_at + SignedDuration::from_mins(30)).as_second();
    let works_at = jiff::Timestamp::from_second((second + 299).div_euclid(300) * 300).unwrap_or(last_at);
    Some(TooLate { promised, last_at, works_at })
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
