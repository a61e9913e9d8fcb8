//! Passkeys (WebAuthn, level 3): a second factor that is kept by a device or a security key, and that no other site can
//! ask for. The library reads and verifies what authenticators say (sections 7.1 and 7.2); here stands what it is for.
//!
//! The authenticator has to verify its person (by PIN, finger or face) when a passkey is made, at an approval and at a change
//! of one's factors: whoever finds an open page and a plugged-in key must not act by a touch. At the sign-in the password has
//! just been given, and a touch will do. No attestation is asked for: which make of key somebody has is theirs to know.

use jiff::Timestamp;
use passki::{
    AuthenticationCredential, AuthenticationOptions, Passki, PasskiError, RegistrationCredential, RegistrationOptions,
    StoredPasskey, UserVerificationRequirement,
};
use ring::hmac;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use url::{Host, Url};

use super::{
    Actor, Person,
    ceremony::{LIFE, Purpose, State},
    factor::{self, Given, RecoveryCodes},
    sign_in,
};
use crate::{
    app::App,
    config::Config,
    problem::{self, Problem},
    store::passkeys::Passkey,
};

/// Passkeys that one person may have.
const MOST: usize = 10;
/// The longest name of one, in characters.
const LONGEST_NAME: usize = 60;

/// An authenticator's answer, and who holds it.
#[derive(Clone)]
pub struct Answer {
    /// The hash of the session, or of the sign-in's ticket, that it was asked in.
    pub holder: Vec<u8>,
    /// What the browser sent, as JSON.
    pub json: String,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// A passkey, as its person sees it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Passkey")]
pub struct Shown {
    /// Its number.
    pub id: i64,
    /// The person's name for it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// Where passkeys work: the console's name, and the address that its pages have to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The relying party's id: a host's name.
    pub name: String,
    /// Scheme, host and port.
    pub origin: String,
}

/// Where passkeys work, by the configuration.
///
/// # Errors
/// 409, with how to mend it, where browsers or this machine know none.
pub fn place(config: &Config) -> Result<Place, Problem> {
    if !processor() {
        return Err(Problem::conflict(
            "passkeys cannot work on this server: its processor lacks instructions that their signatures are checked with",
        ));
    }
    let named = "browsers know passkeys only at a name with https://; give http.public_url";
    let mut url = match &config.http.public_url {
        Some(url) => url.clone(),
        None if config.http.tls.is_some() => {
            return Err(Problem::conflict(format!("passkeys cannot work yet: {named}")));
        }
        None => {
            Url::parse(&format!("http://localhost:{}", config.http.listen.port())).map_err(|_| Problem::internal())?
        }
    };
    match url.host().map(|host| host.to_owned()) {
        Some(Host::Domain(name)) => Ok(Place { name, origin: url.origin().ascii_serialization() }),
        // The same machine by the only name that browsers take without https.
        Some(Host::Ipv4(address)) if address.is_loopback() && url.set_host(Some("localhost")).is_ok() => {
            Ok(Place { name: "localhost".to_owned(), origin: url.origin().ascii_serialization() })
        }
        _ => Err(Problem::conflict(format!("passkeys cannot work at {}: {named}", url.origin().ascii_serialization()))),
    }
}

/// Whether this machine's processor has what the library's arithmetic needs: every one for servers since about 2015.
fn processor() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::is_x86_feature_detected!("adx")
        && std::is_x86_feature_detected!("aes")
        && std::is_x86_feature_detected!("avx2")
        && std::is_x86_feature_detected!("bmi1")
        && std::is_x86_feature_detected!("bmi2")
        && std::is_x86_feature_detected!("pclmulqdq");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("aes")
        && std::arch::is_aarch64_feature_detected!("pmull")
        && std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    false
}

fn library(app: &App) -> Result<Passki, Problem> {
    let Place { name, origin } = place(&app.config)?;
    Ok(Passki::new(&name, &[origin], &app.config.organisation.name))
}

/// What authenticators know a person by: nothing that says who it is.
fn handle(app: &App, person: &Person) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &app.store.secrets().token_key);
    hmac::sign(&key, format!("passkey:{}", person.id).as_bytes()).as_ref().to_vec()
}

fn challenge(app: &App) -> Vec<u8> {
    let mut challenge = vec![0_u8; 32];
    app.world.random.fill(&mut challenge);
    challenge
}

fn timeout() -> u64 {
    LIFE.as_millis().unsigned_abs().try_into().unwrap_or(u64::MAX)
}

/// As the library wants it, with the count as it is now.
fn stored(passkey: &Passkey) -> Result<StoredPasskey, Problem> {
    let mut stored: StoredPasskey = serde_json::from_str(&passkey.document).map_err(|_| Problem::internal())?;
    stored.counter = passkey.counter;
    Ok(stored)
}

async fn all(app: &App, person: &Person) -> Result<Vec<StoredPasskey>, Problem> {
    app.store.passkeys(person.id).await?.iter().map(stored).collect()
}

/// One's own passkeys, the oldest first.
///
/// # Errors
/// 403 for keys of nobody.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Shown>, Problem> {
    let person = factor::signed_in(actor)?;
    let shown = |Passkey { id, name, created_at, last_used_at, .. }| Shown { id, name, created_at, last_used_at };
    Ok(app.store.passkeys(person.id).await?.into_iter().map(shown).collect())
}

/// Asks for a new passkey: what the browser's `navigator.credentials.create` takes. Takes the password: whoever finds an open
/// page must not make it theirs.
///
/// # Errors
/// 403 for keys, and with a wrong password; 409 where there can be none, or no further one.
pub async fn offer(app: &App, actor: &Actor, holder: &[u8], password: &str) -> Result<Value, Problem> {
    let person = factor::signed_in(actor)?;
    let library = library(app)?;
    let known = all(app, person).await?;
    if known.len() >= MOST {
        return Err(Problem::conflict(format!("you have {MOST} passkeys; remove one first")));
    }
    sign_in::prove(app, person, password).await?;
    let mut options = RegistrationOptions::default();
    options.timeout = timeout();
    options.user_verification = UserVerificationRequirement::Required;
    options.exclude_credentials = Some(&known);
    let (mut asked, mut state) = library
        .start_passkey_registration(&handle(app, person), &person.email, &person.name, options)
        .map_err(|_| Problem::internal())?;
    state.challenge = challenge(app);
    asked.challenge = Passki::base64_encode(&state.challenge);
    app.ceremonies.begin(holder, person.id, Purpose::Register, State::Register(state), app.world.clock.now());
    serde_json::to_value(asked).map_err(|_| Problem::internal())
}

/// Keeps the passkey that was made. Recovery codes come with the first second factor.
///
/// # Errors
/// 403 when it was not asked for in this session within two minutes, or is not as asked for; 409 when it is registered; 422
/// at its name.
pub async fn register(app: &App, actor: &Actor, answer: &Answer, name: &str) -> Result<Option<RecoveryCodes>, Problem> {
    let person = factor::signed_in(actor)?;
    let now = app.world.clock.now();
    let Some(State::Register(state)) = app.ceremonies.take(&answer.holder, person.id, &Purpose::Register, now) else {
        return Err(over());
    };
    let name = if name.is_empty() { "Passkey" } else { name };
    let name = problem::line("/name", name, LONGEST_NAME)?;
    let credential: RegistrationCredential = serde_json::from_str(&answer.json).map_err(|_| wrong())?;
    let made =
        library(app)?.finish_passkey_registration(&credential, &state).map_err(|error| refused(person, &error))?;
    let passkey = Passkey {
        id: 0,
        credential_id: made.credential_id.clone(),
        name,
        document: serde_json::to_string(&made).map_err(|_| Problem::internal())?,
        counter: made.counter,
        created_at: now,
        last_used_at: None,
    };
    let codes = match factor::has(app, person.id).await? {
        true => None,
        false => Some(factor::fresh_codes(app, person.id)),
    };
    let (by, subject) = (actor.audit_name(), format!("person:{}", person.id));
    let entry = app.entry(&by, "factor.add", &subject, serde_json::json!({ "kind": "passkey" }));
    let hashes = codes.as_ref().map(|(_, hashes)| hashes.as_slice());
    app.store.add_passkey(person.id, &passkey, hashes, &entry).await?;
    Ok(codes.map(|(shown, _)| shown))
}

/// Asks for a proof by one of the person's passkeys: what the browser's `navigator.credentials.get` takes.
///
/// # Errors
/// 409 where there can be none; 403 when the person has none.
pub async fn ask(app: &App, person: &Person, holder: &[u8], purpose: Purpose) -> Result<Value, Problem> {
    let library = library(app)?;
    let known = all(app, person).await?;
    if known.is_empty() {
        return Err(Problem::forbidden("you have no passkey; type a code"));
    }
    let mut options = AuthenticationOptions::default();
    options.timeout = timeout();
    if purpose != Purpose::SignIn {
        options.user_verification = UserVerificationRequirement::Required;
    }
    let (mut asked, mut state) =
        library.start_passkey_authentication(&known, options).map_err(|_| Problem::internal())?;
    state.challenge = challenge(app);
    asked.challenge = Passki::base64_encode(&state.challenge);
    app.ceremonies.begin(holder, person.id, purpose, State::Prove(state), app.world.clock.now());
    serde_json::to_value(asked).map_err(|_| Problem::internal())
}

/// Proves the second factor by a passkey's answer.
///
/// # Errors
/// 403 when it was not asked for here, within two minutes and for this purpose, or is not right.
pub async fn prove(app: &App, person: &Person, answer: &Answer, purpose: &Purpose) -> Result<(), Problem> {
    let now = app.world.clock.now();
    let Some(State::Prove(state)) = app.ceremonies.take(&answer.holder, person.id, purpose, now) else {
        return Err(over());
    };
    let credential: AuthenticationCredential = serde_json::from_str(&answer.json).map_err(|_| wrong())?;
    let id = Passki::base64_decode(&credential.raw_id).map_err(|_| wrong())?;
    let known = app.store.passkeys(person.id).await?;
    let known = known.iter().find(|known| known.credential_id == id).ok_or_else(wrong)?;
    let proven = library(app)?.finish_passkey_authentication(&credential, &state, &stored(known)?);
    let used = match proven {
        // Whose it is was looked up above; an authenticator that says another name for them is somebody else's.
        Ok(used) if used.user_handle.as_ref().is_some_and(|said| *said != handle(app, person)) => return Err(wrong()),
        Ok(used) => app.store.use_passkey(known.id, used.counter, now).await?,
        Err(PasskiError::CounterRegression) => false,
        Err(error) => return Err(refused(person, &error)),
    };
    if used {
        return Ok(());
    }
    let subject = format!("person:{}", person.id);
    let detail = serde_json::json!({ "passkey": known.id });
    app.store.audit(&app.entry(&subject, "factor.copied", &subject, detail)).await?;
    Err(at_passkey(&format!(
        "“{}” counts fewer uses than we know of: it may have been copied, so it is not taken; use a code, and remove it in Settings",
        known.name
    )))
}

/// Removes one of one's own, with a proof of any factor.
///
/// # Errors
/// As [`factor::prove`]; 404 when there is no such one.
pub async fn remove(app: &App, actor: &Actor, id: i64, given: &Given) -> Result<(), Problem> {
    let person = factor::signed_in(actor)?;
    factor::prove(app, person, given, &Purpose::Change).await?;
    let (by, subject) = (actor.audit_name(), format!("person:{}", person.id));
    let entry = app.entry(&by, "factor.remove", &subject, serde_json::json!({ "kind": "passkey", "passkey": id }));
    Ok(app.store.remove_passkey(person.id, id, &entry).await?)
}

fn refused(person: &Person, error: &PasskiError) -> Problem {
    // Which check it was; what was sent stays out of the log.
    match error {
        PasskiError::OriginMismatch { expected, .. } => at_passkey(&format!(
            "passkeys are taken from {} only; open the console there",
            expected.first().map_or("the console's own address", String::as_str)
        )),
        PasskiError::UserVerificationRequired => at_passkey(
            "this passkey did not ask for your PIN, finger or face, which is needed here; set that up on it, or use a code",
        ),
        PasskiError::ChallengeMismatch => over(),
        _ => {
            tracing::warn!(person = person.id, "a passkey's answer was refused");
            wrong()
        }
    }
}

fn over() -> Problem {
    at_passkey("the passkey was not asked for here, or too long ago; try again")
}

fn wrong() -> Problem {
    at_passkey("this passkey is not right; use one of yours, or a code")
}

fn at_passkey(detail: &str) -> Problem {
    let mut problem = Problem::forbidden(detail);
    problem.pointer = Some("/passkey".to_owned());
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(public_url: Option<&str>) -> Result<Place, Problem> {
        let mut config = Config::demo(std::path::PathBuf::new(), ([127, 0, 0, 1], 8443).into());
        config.http.public_url = public_url.map(|url| url.parse().unwrap());
        place(&config)
    }

    #[test]
    fn they_belong_to_the_configured_name_and_to_no_bare_address() {
        let found = at(Some("https://status.acme.example:8443/onevoice/")).unwrap();
        assert_eq!(
            (found.name.as_str(), found.origin.as_str()),
            ("status.acme.example", "https://status.acme.example:8443")
        );
        for own in [None, Some("http://127.0.0.1:8443/")] {
            let found = at(own).unwrap();
            assert_eq!((found.name.as_str(), found.origin.as_str()), ("localhost", "http://localhost:8443"));
        }
        for url in ["https://192.0.2.7", "https://[2001:db8::1]/"] {
            let problem = at(Some(url)).unwrap_err();
            assert!(problem.status == 409 && problem.detail.contains("http.public_url"), "{url}: {}", problem.detail);
        }
    }
}
