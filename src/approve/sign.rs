//! Required sign-offs: who has to read an update before it can be approved. A reader remarks and signs, and sends
//! nothing. A signature is on a digest: what is edited has to be read again.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide;
use crate::{
    app::App,
    people::{Actor, Person, Role, sight},
    problem::Problem,
    send::Event,
    store::{broadcasts::Broadcast, named::Noun, remarks::Said},
};

/// A sign-off that an update needs, and how it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Required {
    /// Its name.
    pub name: String,
    /// Since when it is waited for.
    pub since: Timestamp,
    /// The numbers of the people who may give it.
    pub people: Vec<i64>,
    /// The signature, once it is there.
    pub signed: Option<Said>,
}

/// What a reader says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The sign-off's name.
    pub name: String,
    /// The digest of what they read.
    pub digest: String,
    /// True to sign, false to remark only.
    pub sign: bool,
    /// Their remark; may be empty where they sign.
    #[serde(default)]
    pub remark: String,
}

/// The sign-offs that a waiting broadcast needs.
///
/// # Errors
/// The store's.
pub async fn required(app: &App, broadcast: &Broadcast) -> Result<Vec<Required>, Problem> {
    let configured = &app.config.approval.sign_off;
    if configured.is_empty() {
        return Ok(Vec::new());
    }
    let incident = app.store.incident(broadcast.incident_id).await?;
    let severity = app.store.update(broadcast.update_id).await?.content.severity;
    let (said, mut people) = (app.store.said(broadcast.id).await?, app.store.people().await?);
    if incident.restricted {
        let named = app.store.named(incident.id).await?;
        people.retain(|person| named.iter().any(|named| named.person_id == person.id));
    }
    let mut required: Vec<Required> = Vec::new();
    for sign_off in configured.iter().filter(|sign_off| sign_off.concerns(incident.kind, severity)) {
        if required.iter().any(|known| known.name == sign_off.name) {
            continue;
        }
        let holds = |person: &&Person| person.active && person.signs.contains(&sign_off.name);
        let counts = |said: &&Said| said.signed && said.name == sign_off.name && said.digest == broadcast.digest;
        required.push(Required {
            name: sign_off.name.clone(),
            since: broadcast.submitted_at,
            people: people.iter().filter(holds).map(|person| person.id).collect(),
            signed: said.iter().find(counts).cloned(),
        });
    }
    Ok(required)
}

/// Refuses what somebody still has to sign.
///
/// # Errors
/// 409, with who is waited for.
pub async fn complete(app: &App, broadcast: &Broadcast) -> Result<(), Problem> {
    let required = required(app, broadcast).await?;
    let awaited: Vec<&str> = required.iter().filter(|one| one.signed.is_none()).map(|one| one.name.as_str()).collect();
    if awaited.is_empty() {
        return Ok(());
    }
    let detail =
        format!("it waits for the signature of {}; it can be approved once that is there", awaited.join(" and "));
    Err(Problem::conflict(detail).with("awaited", awaited))
}

/// Whether a person may give a sign-off for an update: they hold it, and wrote no word.
///
/// # Errors
/// 403, saying why not.
pub async fn may_sign<'a>(app: &App, actor: &'a Actor, update_id: i64, name: &str) -> Result<&'a Person, Problem> {
    let Actor::Person(person) = actor else {
        return Err(Problem::forbidden("only a signed-in person signs; no key and no script can"));
    };
    app.may(actor, Role::Viewer, "")?;
    sight::look(app, actor, Noun::Update, update_id).await?;
    if !person.signs.iter().any(|held| held == name) {
        return Err(Problem::forbidden(format!("you do not sign for {name}; an administrator can give you that")));
    }
    if app.store.writers(update_id).await?.contains(&person.id) {
        return Err(Problem::forbidden("you wrote a part of this update; somebody else has to sign it"));
    }
    Ok(person)
}

/// Signs, or remarks.
///
/// # Errors
/// 403 for who does not hold it, wrote a part, or is no signed-in person; 409 when it does not wait, or was signed; 422
/// for another digest, a name that is not asked for, or nothing said.
pub async fn say(app: &App, actor: &Actor, update_id: i64, word: &Word) -> Result<Broadcast, Problem> {
    let person = may_sign(app, actor, update_id, &word.name).await?;
    let broadcast = decide::waiting(app, update_id).await?;
    if !required(app, &broadcast).await?.iter().any(|one| one.name == word.name) {
        return Err(Problem::invalid("/name", format!("this update does not ask for the sign-off {:?}", word.name)));
    }
    if word.digest != broadcast.digest {
        return Err(Problem::invalid("/digest", "this is not what was submitted; read it again and sign that"));
    }
    let remark = word.remark.trim();
    if remark.len() > 2_000 || (remark.is_empty() && !word.sign) {
        return Err(Problem::invalid("/remark", "say what you think of it, in at most 2,000 characters"));
    }
    let said = Said {
        name: word.name.clone(),
        person_id: person.id,
        signed: word.sign,
        remark: remark.to_owned(),
        at: app.world.clock.now(),
        digest: word.digest.clone(),
    };
    let (by, subject) = (actor.audit_name(), format!("broadcast:{}", broadcast.id));
    let action = if word.sign { "update.sign" } else { "update.remark" };
    let detail = serde_json::json!({ "name": word.name, "digest": word.digest });
    app.store.say(broadcast.id, &said, &app.entry(&by, action, &subject, detail)).await?;
    app.engine.tell(Event::Desk);
    Ok(broadcast)
}
