//! Signing in, and proving again that one is the person.

use jiff::{SignedDuration, Timestamp};

use super::{
    Actor, Person,
    ceremony::Purpose,
    credentials,
    factor::{self, Given},
    ticket,
};
use crate::{app::App, problem::Problem};

/// A session ends after this long without use …
pub const IDLE: SignedDuration = SignedDuration::from_hours(8);
/// … and after this long in any case.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// A hash that no password has, so that an unknown name takes as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How far the password alone leads.
pub enum Entered {
    /// In: who it is, and a fresh session's token.
    In(Person, String),
    /// The second factor is still to be given, with this ticket.
    Half(String),
}

/// Signs in whoever has no second factor.
///
/// # Errors
/// As [`enter`]; 401 `second-factor` for who has one.
pub async fn sign_in(app: &App, email: &str, password: &str, from: &str) -> Result<(Person, String), Problem> {
    match enter(app, email, password, from).await? {
        Entered::In(person, token) => Ok((person, token)),
        Entered::Half(_) => Err(Problem::second_factor("give the code of your second factor, too, as `code`")),
    }
}

/// Checks name and password; `from` is the caller's address.
///
/// # Errors
/// 401 without saying which of the two is wrong; 429 after too many tries.
pub async fn enter(app: &App, email: &str, password: &str, from: &str) -> Result<Entered, Problem> {
    let now = app.world.clock.now();
    let names = [format!("account:{}", email.to_lowercase()), format!("from:{from}")];
    if let Some(wait) = names.iter().filter_map(|name| app.logins.wait(name, now)).max() {
        return Err(Problem::too_many(format!("too many wrong tries; try again in {wait} s")));
    }
    let found = app.store.person_by_email(email).await?.filter(|(person, _)| person.active);
    let hash = found.as_ref().map_or_else(|| NOBODY.to_owned(), |(_, hash)| hash.clone());
    let right = verify(password, hash.clone()).await?;
    let Some((person, _)) = found.filter(|_| right) else {
        names.iter().for_each(|name| app.logins.failed(name, now));
        return Err(Problem::unauthenticated("this mail address and password do not belong together"));
    };
    names.iter().for_each(|name| app.logins.worked(name));
    if factor::has(app, person.id).await? {
        return Ok(Entered::Half(ticket::write(&app.store.secrets().token_key, person.id, &hash, now)));
    }
    let token = open(app, &person).await?;
    Ok(Entered::In(person, token))
}

/// Whose ticket it is.
///
/// # Errors
/// 401 for one that does not count: forged, older than five minutes, or of a password that is another one now.
pub async fn holder(app: &App, ticket: &str) -> Result<Person, Problem> {
    let over = || Problem::unauthenticated("the five minutes for the second step are over; sign in again");
    let person = app.store.person(ticket::person(ticket).ok_or_else(over)?).await.map_err(|_| over())?;
    let hash = app.store.password_hash(person.id).await.map_err(|_| over())?;
    if !ticket::counts(&app.store.secrets().token_key, ticket, &hash, app.world.clock.now()) {
        return Err(over());
    }
    Ok(person)
}

/// The second step: a ticket and a proof of the second factor for a session.
///
/// # Errors
/// As [`holder`] and [`factor::prove`].
pub async fn finish(app: &App, ticket: &str, given: &Given) -> Result<(Person, String), Problem> {
    let person = holder(app, ticket).await?;
    factor::prove(app, &person, given, &Purpose::SignIn).await?;
    let token = open(app, &person).await?;
    Ok((person, token))
}

/// Opens a session.
async fn open(app: &App, person: &Person) -> Result<String, Problem> {
    let token = credentials::new_token(app.world.random.as_ref());
    app.store.add_session(&credentials::hash_token(&token), person.id, app.world.clock.now()).await?;
    Ok(token)
}

async fn verify(password: &str, hash: String) -> Result<bool, Problem> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || credentials::verify_password(&password, &hash))
        .await
        .map_err(|_| Problem::internal())
}

/// Hashes a password off the main threads.
///
/// # Errors
/// 422 when it is too short.
pub async fn hash_password(app: &App, password: &str) -> Result<String, Problem> {
    let (password, random) = (password.to_owned(), app.world.random.clone());
    tokio::task::spawn_blocking(move || credentials::hash_password(&password, random.as_ref()))
        .await
        .map_err(|_| Problem::internal())?
        .map_err(|detail| Problem::invalid("/password", detail))
}

/// Asks for the password again, as an approval does.
///
/// # Errors
/// 403 when it is wrong; 429 after too many tries.
pub async fn prove(app: &App, person: &Person, password: &str) -> Result<(), Problem> {
    let now = app.world.clock.now();
    let name = format!("account:{}", person.email.to_lowercase());
    if let Some(wait) = app.logins.wait(&name, now) {
        return Err(Problem::too_many(format!("too many wrong passwords; try again in {wait} s")));
    }
    if verify(password, app.store.password_hash(person.id).await?).await? {
        return Ok(());
    }
    app.logins.failed(&name, now);
    let mut problem = Problem::forbidden("the password is not right");
    problem.pointer = Some("/password".to_owned());
    Err(problem)
}

/// Whose session a token is.
///
/// # Errors
/// The store's.
pub async fn session(app: &App, token: &str) -> Result<Option<Person>, Problem> {
    let now = app.world.clock.now();
    let hash = credentials::hash_token(token);
    let Some((person, seen)) = app.store.session(&hash, before(now, LONGEST), before(now, IDLE)).await? else {
        return Ok(None);
    };
    // Written down once a minute at most: pages must not cost a write each.
    if now.duration_since(seen) > SignedDuration::from_mins(1) {
        app.store.touch_session(&hash, now).await?;
    }
    Ok(Some(person))
}

fn before(now: Timestamp, duration: SignedDuration) -> Timestamp {
    now.checked_sub(duration).unwrap_or(Timestamp::MIN)
}

/// Whose key it is.
///
/// # Errors
/// The store's.
pub async fn key(app: &App, shown: &str) -> Result<Option<Actor>, Problem> {
    let Some(prefix) = credentials::key_prefix(shown) else { return Ok(None) };
    let Some((key, hash, owner)) = app.store.key_by_prefix(prefix).await? else { return Ok(None) };
    let now = app.world.clock.now();
    let live = key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now);
    let right = credentials::same(&credentials::hash_token(shown), &hash);
    Ok((live && right).then_some(Actor::Key { id: key.id, owner, scopes: key.scopes }))
}
