//! A test of one provider: a few words of ours to the person who asks, by that very provider, and to nobody else.
//!
//! As [`super::trial`], it needs no approval and counts nowhere; no customer's word is in it. Posts, the banner and the
//! status page have none: whatever goes there, customers see.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use lettre::{Message, message::Mailbox};
use onevoice_channels::{
    contract::{Channel, Content, DeliveryId, Parcel},
    sms::encoding,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    standing,
    trial::{MARK, MOST, Trouble, WINDOW, carry},
};
use crate::{
    app::App,
    people::{Actor, Person, Role},
    problem::Problem,
    track::steer,
    world::random_hex,
};

/// What became of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OwnTest {
    /// The provider.
    pub provider: String,
    /// When.
    pub at: Timestamp,
    /// The address that it went to.
    pub to: String,
    /// Why it did not go; null where the provider took it.
    pub trouble: Option<Trouble>,
}

/// The tests of the last minutes, by person.
#[derive(Default)]
pub struct OwnTests(Mutex<HashMap<i64, Vec<OwnTest>>>);

impl OwnTests {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Vec<OwnTest>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last test of a person by a provider, while it is remembered.
    pub fn last(&self, person: i64, provider: &str) -> Option<OwnTest> {
        self.lock().get(&person)?.iter().rfind(|test| test.provider == provider).cloned()
    }

    /// Counts a test; refuses one too many.
    fn begin(&self, person: i64, test: OwnTest) -> Result<(), Problem> {
        let mut sent = self.lock();
        sent.retain(|_, tests| {
            tests.retain(|known| test.at.duration_since(known.at) < WINDOW);
            !tests.is_empty()
        });
        let own = sent.entry(person).or_default();
        if own.len() >= MOST {
            let minutes = WINDOW.as_mins();
            return Err(Problem::too_many(format!(
                "{MOST} tests in {minutes} minutes are enough; try again in a few minutes"
            )));
        }
        own.push(test);
        Ok(())
    }

    fn ended(&self, person: i64, test: &OwnTest) {
        let mut sent = self.lock();
        let own = sent.get_mut(&person).and_then(|own| own.iter_mut().rfind(|known| known.provider == test.provider));
        if let Some(known) = own {
            known.clone_from(test);
        }
    }
}

/// Sends a test by a provider to whoever asks.
///
/// # Errors
/// 403 for viewers and for keys of nobody; 404 for a provider that is not configured; 409 while nothing is sent, and for
/// one whose messages everybody would see; 422 for who has no address there; 429 after too many.
pub async fn send(app: &App, actor: &Actor, provider: &str) -> Result<OwnTest, Problem> {
    let person = app.may(actor, Role::Author, "write")?.ok_or_else(|| {
        Problem::forbidden("a test goes to the person who asks for it; sign in, or use a key that belongs to somebody")
    })?;
    let route = standing::route(app, provider)?;
    let channel = route.provider.manifest().channel;
    let to = address(channel, person)?;
    if let Some(why) = steer::held(app).await? {
        return Err(Problem::conflict(format!("nothing is sent, not even a test: {why}; start again first")));
    }
    let at = app.world.clock.now();
    let mut test = OwnTest { provider: provider.to_owned(), at, to: to.to_owned(), trouble: Some(Trouble::InDoubt) };
    let parcel = parcel(app, person, channel, provider, to, at)?;
    app.own_tests.begin(person.id, test.clone())?;
    let (by, subject) = (actor.audit_name(), format!("provider:{provider}"));
    // Written before the first byte goes, as everything that leaves.
    app.store.audit(&app.entry(&by, "provider.test", &subject, serde_json::json!({}))).await?;
    test.trouble = carry(app, &route, &parcel).await;
    app.own_tests.ended(person.id, &test);
    Ok(test)
}

/// Where a person gets a test on a channel.
fn address(channel: Channel, person: &Person) -> Result<&str, Problem> {
    match channel {
        Channel::Email => Ok(&person.email),
        Channel::Sms if person.phone.is_empty() => Err(Problem::invalid(
            "/phone",
            "there is no phone number of yours to text; an administrator enters it under Settings",
        )),
        Channel::Sms => Ok(&person.phone),
        _ => Err(Problem::conflict(
            "whatever goes there, customers see, so there is no test; check the sign-in instead, or practise with an exercise",
        )),
    }
}

fn parcel(
    app: &App,
    person: &Person,
    channel: Channel,
    provider: &str,
    to: &str,
    at: Timestamp,
) -> Result<Parcel, Problem> {
    let local = at.to_zoned(app.config.organisation.zone()).strftime("%H:%M %Z").to_string();
    let organisation = &app.config.organisation.name;
    let said = format!("{MARK} Onevoice of {organisation} can reach you by {provider}. Sent at {local} to you alone.");
    // Random, so that it reads as no delivery: a receipt for it changes nothing.
    let token = random_hex::<16>(app.world.random.as_ref());
    let content = match channel {
        Channel::Sms => {
            let text = encoding::transliterate(&said).unwrap_or(said);
            let encoding = encoding::measure(&text).encoding;
            Content::Sms { text, encoding }
        }
        _ => mail(app, person, &said, &token, at)?,
    };
    Ok(Parcel {
        id: DeliveryId { broadcast: 0, channel, ordinal: 0 },
        attempt: 0,
        to: to.to_owned(),
        locale: app.default_locale().to_owned(),
        started_at: at,
        content,
        thread: None,
        token,
    })
}

fn mail(app: &App, person: &Person, said: &str, token: &str, at: Timestamp) -> Result<Content, Problem> {
    let organisation = &app.config.organisation;
    let (name, from) = organisation.sender();
    let mailbox = |name: &str, address: &str| {
        Ok::<_, Problem>(Mailbox::new(Some(name.to_owned()), address.parse().map_err(|_| Problem::internal())?))
    };
    let message = Message::builder()
        .from(mailbox(&name, &from)?)
        .to(mailbox(&person.name, &person.email)?)
        .subject(format!("{MARK} can this supplier reach you?"))
        .message_id(Some(format!("<test-{token}@{}>", organisation.sender_domain())))
        .date(at.into())
        .body(format!(
            "{said}\r\n\r\nNo customer got this, and it counts nowhere. You asked for it on the page Channels.\r\n"
        ))
        .map_err(|_| Problem::internal())?;
    Ok(Content::Mail {
        envelope_from: organisation.bounce_address.clone().unwrap_or(from),
        raw: message.formatted().into(),
    })
}
