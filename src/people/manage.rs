//! Managing people and keys. What gives somebody more than they had takes a signed-in administrator or the operator:
//! a key that could make people could make itself an approver.

use jiff::Timestamp;
use lettre::Address;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Actor, Person, Role, Scope, credentials, sign_in};
use crate::{
    app::App,
    audience::recipient,
    problem::{Problem, line},
    send::Event,
    store::people::{ApiKey, Change},
};

/// Somebody new.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The mail address they sign in with.
    pub email: String,
    /// How colleagues know them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their first password, at least 12 characters.
    pub password: String,
    /// Where they are texted when an approval waits: an E.164 number; empty for nowhere.
    #[serde(default)]
    pub phone: String,
}

/// What becomes of a person; what is left out stays.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PersonChange {
    /// How colleagues know them.
    pub name: Option<String>,
    /// What they may do; a new role ends their sessions.
    pub role: Option<Role>,
    /// False takes their access away: sessions end and keys are taken back.
    pub active: Option<bool>,
    /// A new password, at least 12 characters; it ends their sessions.
    pub password: Option<String>,
    /// Where they are texted when an approval waits: an E.164 number; empty for nowhere.
    pub phone: Option<String>,
    /// The sign-offs that they may give, by the names in the configuration.
    pub signs: Option<Vec<String>>,
}

/// A key to be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Whose it is: the signed-in person's, or for administrators anybody's.
    #[serde(default)]
    pub person_id: Option<i64>,
}

fn no_key(actor: &Actor) -> Result<(), Problem> {
    match actor {
        Actor::Key { .. } | Actor::Source { .. } | Actor::Timer { .. } => {
            Err(Problem::forbidden("no key does this, so that none can make itself more than it is; sign in"))
        }
        Actor::Person(_) | Actor::Operator => Ok(()),
    }
}

/// Adds a person.
///
/// # Errors
/// 403 for less than an administrator, and for keys; 409 for a mail address that is somebody's; 422 at the field.
pub async fn add(app: &App, actor: &Actor, new: &NewPerson) -> Result<Person, Problem> {
    app.may(actor, Role::Administrator, "admin")?;
    no_key(actor)?;
    let email = line("/email", &new.email, 254)?;
    let _: Address =
        email.parse().map_err(|_| Problem::invalid("/email", "is no mail address; write it like ana@acme.example"))?;
    let name = line("/name", &new.name, 200)?;
    let phone = phone(app, &new.phone)?;
    let hash = sign_in::hash_password(app, &new.password).await?;
    let by = actor.audit_name();
    let entry = app.entry(&by, "person.add", "", serde_json::json!({ "role": new.role }));
    let id = app.store.add_person(&email, &name, new.role, &hash, &entry).await?;
    if !phone.is_empty() {
        let (subject, change) = (format!("person:{id}"), Change { phone: Some(&phone), ..Change::default() });
        let entry = app.entry(&by, "person.change", &subject, serde_json::json!({ "phone": true }));
        app.store.change_person(id, &change, &entry).await?;
    }
    app.engine.tell(Event::Desk);
    Ok(app.store.person(id).await?)
}

/// Changes a person.
///
/// # Errors
/// 403 for less than an administrator, and for keys but to take access away; 404; 409 for the last active administrator.
pub async fn change(app: &App, actor: &Actor, id: i64, change: &PersonChange) -> Result<Person, Problem> {
    app.may(actor, Role::Administrator, "admin")?;
    let takes_away = PersonChange { active: Some(false), ..PersonChange::default() };
    if *change != takes_away {
        no_key(actor)?;
    }
    let name = change.name.as_deref().map(|name| line("/name", name, 200)).transpose()?;
    let hash = match &change.password {
        Some(password) => Some(sign_in::hash_password(app, password).await?),
        None => None,
    };
    let phone = change.phone.as_deref().map(|given| phone(app, given)).transpose()?;
    if let Some(unknown) =
        change.signs.iter().flatten().find(|name| !app.config.approval.signs().contains(&name.as_str()))
    {
        return Err(Problem::invalid("/signs", format!("there is no sign-off {unknown:?} in the configuration")));
    }
    let (by, subject) = (actor.audit_name(), format!("person:{id}"));
    let detail = serde_json::json!({ "role": change.role, "active": change.active, "password": hash.is_some(), "phone": phone.is_some(), "signs": change.signs });
    let entry = app.entry(&by, "person.change", &subject, detail);
    let change = Change {
        name: name.as_deref(),
        role: change.role,
        active: change.active,
        password_hash: hash.as_deref(),
        phone: phone.as_deref(),
        signs: change.signs.as_deref(),
    };
    app.store.change_person(id, &change, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.person(id).await?)
}

/// A number to text, or none.
fn phone(app: &App, given: &str) -> Result<String, Problem> {
    if given.trim().is_empty() {
        return Ok(String::new());
    }
    recipient::address(Channel::Sms, given, app.config.sms.home())
        .map_err(|detail| Problem::invalid("/phone", format!("the phone number {detail}")))
}

/// Makes a key; answers it with its secret, which is shown this once.
///
/// # Errors
/// 403 for keys, and for another's key by less than an administrator; 404 for an unknown owner; 422 at the field.
pub async fn add_key(app: &App, actor: &Actor, new: &KeyRequest) -> Result<(ApiKey, String), Problem> {
    no_key(actor)?;
    let now = app.world.clock.now();
    let owner = match (actor.person(), new.person_id) {
        (Some(person), None) => person.id,
        (Some(person), Some(id)) if person.id == id => id,
        (None, None) => return Err(Problem::invalid("/person_id", "a key belongs to a person; say to whom")),
        // Who held a colleague's key could write in their name and then approve it in their own.
        (Some(_), Some(_)) => {
            return Err(Problem::forbidden(
                "a key is made by the person it belongs to, or by the operator on the machine itself",
            ));
        }
        (None, Some(id)) => id,
    };
    if !app.store.person(owner).await?.active {
        return Err(Problem::invalid("/person_id", "this person's access was taken away"));
    }
    if new.scopes.is_empty() {
        return Err(Problem::invalid("/scopes", "a key without a scope does nothing; name one at least"));
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::invalid("/expires_at", "is over already"));
    }
    let fresh = credentials::new_key(app.world.random.as_ref());
    let mut scopes = new.scopes.clone();
    scopes.sort();
    scopes.dedup();
    let mut key = ApiKey {
        id: 0,
        prefix: fresh.prefix,
        name: line("/name", &new.name, 200)?,
        person_id: owner,
        scopes: scopes.into_iter().map(|scope| scope.as_str().to_owned()).collect(),
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    let by = actor.audit_name();
    let entry = app.entry(&by, "key.add", "", serde_json::json!({ "person": owner, "scopes": key.scopes }));
    key.id = app.store.add_key(&key, &fresh.hash, &entry).await?;
    Ok((key, fresh.shown))
}

/// The keys that an actor may look after: all for an administrator, else their own.
///
/// # Errors
/// The store's.
pub async fn keys(app: &App, actor: &Actor) -> Result<Vec<ApiKey>, Problem> {
    let mut keys = app.store.keys().await?;
    if app.may(actor, Role::Administrator, "admin").is_err() {
        let own = actor.person().map(|person| person.id);
        keys.retain(|key| Some(key.person_id) == own);
    }
    Ok(keys)
}

/// Takes a key back, at once.
///
/// # Errors
/// 404 for a key that does not exist, or that the actor may not look after.
pub async fn revoke_key(app: &App, actor: &Actor, id: i64) -> Result<(), Problem> {
    if !matches!(actor, Actor::Person(_)) {
        app.may(actor, Role::Administrator, "admin")?;
    }
    if !keys(app, actor).await?.iter().any(|key| key.id == id) {
        return Err(Problem::missing("there is no such key"));
    }
    let (by, subject) = (actor.audit_name(), format!("key:{id}"));
    app.store.revoke_key(id, &app.entry(&by, "key.revoke", &subject, serde_json::json!({}))).await?;
    Ok(())
}
