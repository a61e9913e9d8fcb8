//! The second factor: an authenticator app's codes, passkeys (`passkey.rs`), and recovery codes for when neither is there. It
//! is asked for at the sign-in and, anew, at an approval.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Actor, Person, Role,
    ceremony::Purpose,
    credentials,
    passkey::{self, Answer},
    sign_in, totp,
};
use crate::{app::App, problem::Problem};

/// Recovery codes that a person is given.
const CODES: usize = 10;

/// What an authenticator app is told. Shown until it is confirmed, and never again.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Offer {
    /// The secret in base32, to be typed.
    pub secret: String,
    /// The same as an `otpauth://` address, to be shown as a QR code.
    pub uri: String,
}

/// Recovery codes, as they are shown once.
#[derive(Clone, Serialize, JsonSchema)]
pub struct RecoveryCodes {
    /// Each is used once in place of a code from the phone.
    pub recovery_codes: Vec<String>,
}

/// A proof of the second factor, as it is given.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// A code from the phone, or a recovery code.
    pub code: String,
    /// A passkey's answer; where there is one, no code is looked at.
    pub passkey: Option<Answer>,
}

impl From<&str> for Given {
    fn from(code: &str) -> Given {
        Given { code: code.to_owned(), passkey: None }
    }
}

/// How a person's authenticator app stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None, and none begun.
    None,
    /// An app was offered and is not confirmed.
    Offered,
    /// It counts.
    Counts,
}

pub(super) fn signed_in(actor: &Actor) -> Result<&Person, Problem> {
    match actor {
        Actor::Person(person) => Ok(person),
        Actor::Key { .. } | Actor::Source { .. } | Actor::Timer { .. } | Actor::Operator => {
            Err(Problem::forbidden("a second factor belongs to a signed-in person; no key and no script sets one up"))
        }
    }
}

/// How a person's authenticator app stands.
///
/// # Errors
/// The store's.
pub async fn standing(app: &App, person_id: i64) -> Result<Standing, Problem> {
    Ok(match app.store.totp(person_id).await? {
        None => Standing::None,
        Some(totp) if totp.confirmed => Standing::Counts,
        Some(_) => Standing::Offered,
    })
}

/// Whether a person has a second factor that counts, of whatever kind.
///
/// # Errors
/// The store's.
pub async fn has(app: &App, person_id: i64) -> Result<bool, Problem> {
    Ok(standing(app, person_id).await? == Standing::Counts || !app.store.passkeys(person_id).await?.is_empty())
}

fn offered(app: &App, person: &Person, secret: &[u8]) -> Offer {
    let uri = totp::uri(&app.config.organisation.name, &person.email, secret);
    Offer { secret: totp::base32(secret), uri }
}

/// Begins: makes a secret for the person's app. It counts once a code of it was given.
///
/// # Errors
/// 403 for keys; 409 when one counts already.
pub async fn offer(app: &App, actor: &Actor) -> Result<Offer, Problem> {
    let person = signed_in(actor)?;
    let mut secret = [0_u8; totp::SECRET];
    app.world.random.fill(&mut secret);
    app.store.offer_totp(person.id, &secret).await?;
    Ok(offered(app, person, &secret))
}

/// What was offered and is not confirmed yet.
///
/// # Errors
/// The store's.
pub async fn pending(app: &App, person: &Person) -> Result<Option<Offer>, Problem> {
    let pending = app.store.totp(person.id).await?.filter(|totp| !totp.confirmed);
    Ok(pending.map(|totp| offered(app, person, &totp.secret)))
}

/// Confirms the app with a code of it. Takes the password too: whoever finds an open page must not make it theirs.
///
/// # Errors
/// 403 with a wrong password or code; 409 when none was offered, or one counts already; 429 after too many tries.
pub async fn confirm(app: &App, actor: &Actor, password: &str, code: &str) -> Result<RecoveryCodes, Problem> {
    let person = signed_in(actor)?;
    sign_in::prove(app, person, password).await?;
    let Some(totp) = app.store.totp(person.id).await?.filter(|totp| !totp.confirmed) else {
        return Err(Problem::conflict("there is no authenticator app to confirm; begin with a new one"));
    };
    let now = app.world.clock.now();
    let limited = limit(person);
    wait(app, &limited)?;
    let Some(step) = totp::matching(&totp.secret, &digits(code), now, totp.last_step) else {
        app.logins.failed(&limited, now);
        return Err(wrong());
    };
    app.logins.worked(&limited);
    let (shown, hashes) = fresh_codes(app, person.id);
    let (by, subject) = (actor.audit_name(), format!("person:{}", person.id));
    let entry = app.entry(&by, "factor.add", &subject, serde_json::json!({ "kind": "totp" }));
    app.store.confirm_totp(person.id, step, &hashes, &entry).await?;
    Ok(shown)
}

/// Proves the second factor, for a purpose: a code from the phone, a recovery code, or a passkey's answer.
///
/// # Errors
/// 403 when it is wrong or was used; 429 after too many tries.
pub async fn prove(app: &App, person: &Person, given: &Given, purpose: &Purpose) -> Result<(), Problem> {
    match &given.passkey {
        Some(answer) => passkey::prove(app, person, answer, purpose).await,
        None => prove_by_code(app, person, &given.code).await,
    }
}

async fn prove_by_code(app: &App, person: &Person, given: &str) -> Result<(), Problem> {
    let now = app.world.clock.now();
    let limited = limit(person);
    wait(app, &limited)?;
    let totp = app.store.totp(person.id).await?.filter(|totp| totp.confirmed);
    if totp.is_none() && !has(app, person.id).await? {
        return Err(Problem::forbidden("you have no second factor; set one up in Settings"));
    }
    let plain = digits(given);
    if plain.is_empty() {
        return Err(at_code(match totp {
            Some(_) => "type the code that your phone shows now, or a recovery code",
            None => "use your passkey, or type a recovery code",
        }));
    }
    let right = if let Some(totp) = totp.filter(|_| plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit()))
    {
        match totp::matching(&totp.secret, &plain, now, totp.last_step) {
            Some(step) => app.store.take_step(person.id, step).await?,
            None if totp::matching(&totp.secret, &plain, now, 0).is_some() => {
                // Right, and used: somebody may have looked over a shoulder. It counts as a wrong try all the same.
                app.logins.failed(&limited, now);
                return Err(at_code("this code was used already; wait for the next one on your phone"));
            }
            None => false,
        }
    } else {
        let (by, subject) = (format!("person:{}", person.id), format!("person:{}", person.id));
        let entry = app.entry(&by, "factor.recovery", &subject, serde_json::json!({}));
        app.store.take_recovery_code(person.id, &hash(person.id, &plain), &entry).await?
    };
    if right {
        app.logins.worked(&limited);
        return Ok(());
    }
    app.logins.failed(&limited, now);
    Err(wrong())
}

/// Gives fresh recovery codes for a proof; the old ones no longer count.
///
/// # Errors
/// As [`prove`].
pub async fn renew(app: &App, actor: &Actor, given: &Given) -> Result<RecoveryCodes, Problem> {
    let person = signed_in(actor)?;
    prove(app, person, given, &Purpose::Change).await?;
    let (shown, hashes) = fresh_codes(app, person.id);
    let (by, subject) = (actor.audit_name(), format!("person:{}", person.id));
    let entry = app.entry(&by, "factor.renew", &subject, serde_json::json!({}));
    app.store.renew_recovery_codes(person.id, &hashes, &entry).await?;
    Ok(shown)
}

/// Turns one's own authenticator app off; takes a proof. Passkeys stay.
///
/// # Errors
/// As [`prove`].
pub async fn remove(app: &App, actor: &Actor, given: &Given) -> Result<(), Problem> {
    let person = signed_in(actor)?;
    prove(app, person, given, &Purpose::Change).await?;
    let (by, subject) = (actor.audit_name(), format!("person:{}", person.id));
    let entry = app.entry(&by, "factor.remove", &subject, serde_json::json!({ "kind": "totp" }));
    Ok(app.store.remove_totp(person.id, &entry).await?)
}

/// Takes all of a colleague's away, whose phone, passkeys and codes are gone; their sessions end.
///
/// # Errors
/// 403 for less than an administrator, for keys, and for one's own; 404 when they have none.
pub async fn reset(app: &App, actor: &Actor, person_id: i64) -> Result<(), Problem> {
    app.may(actor, Role::Administrator, "admin")?;
    if matches!(actor, Actor::Key { .. }) {
        return Err(Problem::forbidden("no key takes a second factor away; sign in"));
    }
    if actor.person().is_some_and(|person| person.id == person_id) {
        return Err(Problem::forbidden("your own is turned off with one of its codes; or ask another administrator"));
    }
    app.store.person(person_id).await?;
    let (by, subject) = (actor.audit_name(), format!("person:{person_id}"));
    let entry = app.entry(&by, "factor.reset", &subject, serde_json::json!({}));
    Ok(app.store.remove_factors(person_id, &entry).await?)
}

/// The name under which wrong codes are counted. Apart from passwords: a right password must not forget wrong codes.
fn limit(person: &Person) -> String {
    format!("code:{}", person.id)
}

fn wait(app: &App, limited: &str) -> Result<(), Problem> {
    match app.logins.wait(limited, app.world.clock.now()) {
        Some(wait) => Err(Problem::too_many(format!("too many wrong codes; try again in {wait} s"))),
        None => Ok(()),
    }
}

fn wrong() -> Problem {
    at_code("this code is not right; take the one that your phone shows now, or a recovery code that was not used")
}

fn at_code(detail: &str) -> Problem {
    let mut problem = Problem::forbidden(detail);
    problem.pointer = Some("/code".to_owned());
    problem
}

/// A code without the spaces and dashes that people type.
fn digits(given: &str) -> String {
    given.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_uppercase()
}

fn hash(person_id: i64, plain: &str) -> Vec<u8> {
    credentials::hash_token(&format!("recovery:{person_id}:{plain}"))
}

/// Ten codes of 80 random bits, as they are shown and as they are kept.
pub(super) fn fresh_codes(app: &App, person_id: i64) -> (RecoveryCodes, Vec<Vec<u8>>) {
    let (mut shown, mut hashes) = (Vec::new(), Vec::new());
    for _ in 0..CODES {
        let mut bytes = [0_u8; 10];
        app.world.random.fill(&mut bytes);
        let plain = totp::base32(&bytes);
        hashes.push(hash(person_id, &plain));
        shown.push([&plain[..4], &plain[4..8], &plain[8..12], &plain[12..]].join("-"));
    }
    (RecoveryCodes { recovery_codes: shown }, hashes)
}
