//! Calling those on duty when something waits for an approval: by mail, then by text, then the next one, until somebody
//! who may approve it has opened it. The calls are rows, so a restart forgets none and repeats none.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lettre::message::Mailbox;
use onevoice_channels::{
    contract::{Channel, Content, DeliveryId, Outcome, Parcel},
    sms::encoding,
};

use super::{State, decide};
use crate::{
    app::App,
    people::{Actor, Person, Role},
    problem::Problem,
    send::Event,
    store::{StoreError, broadcasts::Broadcast, duty::Summons, incidents::Incident, named::Noun},
    world::random_hex,
};

/// Notes that somebody has opened what waits; where they may approve it, nobody else is called.
///
/// # Errors
/// The store's.
pub async fn open(app: &App, actor: &Actor, broadcast: &Broadcast) -> Result<(), Problem> {
    let Ok(person) = decide::may_approve(app, actor, broadcast.update_id).await else { return Ok(()) };
    let known = app.store.opened(broadcast.id).await?.iter().any(|(known, _)| *known == person.id);
    if !known && broadcast.submitted_by != Some(person.id) {
        app.store.open_broadcast(broadcast.id, person.id, app.world.clock.now()).await?;
        app.engine.tell(Event::Desk);
    }
    Ok(())
}

/// How often to look at the clock.
const TICK: Duration = Duration::from_secs(1);
/// How long a provider's answer is waited for: the next one on duty must not wait for a relay that says nothing.
const PATIENCE: Duration = Duration::from_secs(20);
/// A title is cut here in a text message, in characters.
const TITLE: usize = 60;

/// Calls whoever is due, until the daemon stops.
pub async fn run(app: App) {
    while !app.engine.is_stopping() {
        if let Err(error) = tick(&app, app.world.clock.now()).await {
            tracing::error!(%error, "approvers could not be called");
        }
        app.world.clock.sleep(TICK).await;
    }
}

/// Writes down the calls of what is new, and makes those that are due at `now`.
///
/// # Errors
/// The store's. A provider that does not take a call is noted, and the next call is made.
pub async fn tick(app: &App, now: Timestamp) -> Result<(), StoreError> {
    // A copy of the database calls nobody, and "Stop everything" stops this too.
    if app.store.is_held().await? {
        return Ok(());
    }
    for broadcast in app.store.broadcasts_in(&[State::Submitted]).await? {
        // Practice reaches no provider.
        if !broadcast.exercise && app.store.summons_of(broadcast.id).await?.is_empty() {
            let calls = calls(app, &broadcast, now).await?;
            if !calls.is_empty() {
                app.store.plan_summons(broadcast.id, &calls).await?;
            }
        }
    }
    crate::propose::tell(app, now).await?;
    while let Some(call) = app.store.take_summons(now).await? {
        if !made(app, &call, now).await? {
            tracing::warn!(summons = call.id, channel = %call.channel, "no provider took the call; the next one is made");
            app.store.summons_failed(&call, now).await?;
        }
        app.engine.tell(Event::Desk);
    }
    Ok(())
}

/// Who is called when: those on duty who may approve this, each by mail and by text.
async fn calls(app: &App, broadcast: &Broadcast, now: Timestamp) -> Result<Vec<(i64, Channel, Timestamp)>, StoreError> {
    let writers = app.store.writers(broadcast.update_id).await?;
    let every = SignedDuration::from_mins(i64::from(app.config.approval.chase_after_minutes));
    let (mut calls, mut due) = (Vec::new(), now);
    for id in app.store.on_duty(now).await? {
        let person = app.store.person(id).await?;
        let may = person.role >= Role::Approver && !writers.contains(&id) && broadcast.submitted_by != Some(id);
        // Whom it is hidden from is not even told that something waits.
        let may = may && app.store.is_seen(Noun::Incident, broadcast.incident_id, Some(id)).await?;
        for channel in [Channel::Email, Channel::Sms].into_iter().filter(|_| may) {
            if app.channels().contains(&channel) && address(&person, channel).is_some() {
                calls.push((id, channel, due));
                due += every;
            }
        }
    }
    Ok(calls)
}

/// A person's address on a channel, where they have one.
pub fn address(person: &Person, channel: Channel) -> Option<&str> {
    let address = if channel == Channel::Email { &person.email } else { &person.phone };
    (!address.is_empty()).then_some(address.as_str())
}

/// What somebody is told: a mail, or a text in its place.
pub struct Message {
    /// The mail's subject.
    pub subject: String,
    /// The mail's text, after its greeting.
    pub body: String,
    /// The same as a text message.
    pub text: String,
}

/// Makes a call; false when no provider took it.
async fn made(app: &App, call: &Summons, now: Timestamp) -> Result<bool, StoreError> {
    let broadcast = app.store.broadcast(call.broadcast_id).await?;
    if !app.store.is_seen(Noun::Incident, broadcast.incident_id, Some(call.person_id)).await? {
        return Ok(false);
    }
    let Ok(message) = message(app, &broadcast).await else { return Ok(false) };
    send(app, call.person_id, call.channel, &message, now).await
}

/// Tells somebody by the providers of a channel, the first that takes it; false when none did.
///
/// # Errors
/// The store's.
pub async fn send(
    app: &App,
    person_id: i64,
    channel: Channel,
    message: &Message,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let person = app.store.person(person_id).await?;
    let Some(to) = address(&person, channel) else { return Ok(false) };
    let Ok(content) = content(app, &person, channel, message, now) else { return Ok(false) };
    let mut parcel = Parcel {
        // No delivery of a broadcast: a receipt for it finds nothing and changes nothing.
        id: DeliveryId { broadcast: 0, channel, ordinal: -1 },
        token: random_hex::<16>(app.world.random.as_ref()),
        attempt: 0,
        to: to.to_owned(),
        locale: app.default_locale().to_owned(),
        started_at: now,
        content,
        thread: None,
    };
    if !app.engine.sign(&mut parcel).await {
        return Ok(false);
    }
    let routes = app.engine.routes().filter(|route| route.provider.manifest().channel == channel);
    for route in routes {
        let outcome = tokio::select! {
            outcome = route.provider.send(&parcel) => outcome,
            () = app.world.clock.sleep(PATIENCE) => continue,
        };
        if matches!(outcome, Outcome::Accepted { .. } | Outcome::Delivered { .. } | Outcome::InDoubt { .. }) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where an update is read and decided; whoever follows it is asked to sign in.
pub fn link(app: &App, update: i64) -> String {
    page(app, &format!("updates/{update}/approve"))
}

/// A page of the console, as a message names it.
pub fn page(app: &App, place: &str) -> String {
    let base = app.config.http.public_url.as_ref().unwrap_or(&app.config.organisation.status_url);
    format!("{}/console/{place}", base.as_str().trim_end_matches('/'))
}

async fn message(app: &App, broadcast: &Broadcast) -> Result<Message, Problem> {
    let incident = app.store.incident(broadcast.incident_id).await?;
    let update = app.store.update(broadcast.update_id).await?;
    let link = link(app, update.id);
    let what = format!("update {} of {}", update.number, named(&incident));
    let by = match broadcast.submitted_by {
        Some(id) => app.store.person(id).await?.name,
        None => "A program".to_owned(),
    };
    let zone = app.config.organisation.zone();
    let until = broadcast.expires_at.to_zoned(zone).strftime("%-d %b, %H:%M %Z");
    Ok(Message {
        subject: format!("Waiting for your yes: {what}"),
        text: format!("Onevoice: {what} waits for your yes, for {} people. {link}", broadcast.people),
        body: format!(
            "{by} asks for your yes to {what}. It goes to {} people and waits until {until}.\r\n\r\n\
             Read it and decide (you are asked to sign in):\r\n{link}\r\n\r\n\
             Until somebody opens it, we call the next one on duty.\r\n",
            broadcast.people
        ),
    })
}

fn content(app: &App, person: &Person, channel: Channel, said: &Message, now: Timestamp) -> Result<Content, Problem> {
    if channel == Channel::Sms {
        // One curly quotation mark would halve what fits into a part.
        let text = encoding::transliterate(&said.text).unwrap_or_else(|| said.text.clone());
        let encoding = encoding::measure(&text).encoding;
        return Ok(Content::Sms { text, encoding });
    }
    let organisation = &app.config.organisation;
    let (name, from) = organisation.sender();
    let mailbox = |name: Option<String>, address: &str| {
        Ok::<_, Problem>(Mailbox::new(name, address.parse().map_err(|_| Problem::internal())?))
    };
    let id = random_hex::<16>(app.world.random.as_ref());
    let message = lettre::Message::builder()
        .from(mailbox(Some(name), &from)?)
        .to(mailbox(Some(person.name.clone()), &person.email)?)
        .subject(said.subject.clone())
        .message_id(Some(format!("<summons-{id}@{}>", organisation.sender_domain())))
        .date(now.into())
        .body(format!("Hello {},\r\n\r\n{}", person.name, said.body))
        .map_err(|_| Problem::internal())?;
    Ok(Content::Mail {
        envelope_from: organisation.bounce_address.clone().unwrap_or(from),
        raw: message.formatted().into(),
    })
}

/// The incident as a message may name it: a restricted one keeps its title to those who may see it.
pub fn named(incident: &Incident) -> String {
    if incident.restricted {
        return "a restricted incident".to_owned();
    }
    let cut: String = incident.title.chars().take(TITLE).collect();
    if cut == incident.title { format!("“{cut}”") } else { format!("“{cut}…”") }
}
