//! A test to oneself: what an update will be, sent to the person who asks and to nobody else.
//!
//! It is the one message that goes without an approval, so it goes by the configured way and past every audience: to the
//! address that its person signs in with, or to the phone in their settings, marked as a test in the first words of subject
//! and text. No broadcast knows of it, no counter counts it, and a receipt for it finds nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::{Channel, DeliveryId, Outcome, Parcel, Reason};
use schemars::JsonSchema;
use serde::Serialize;

use super::Route;
use crate::{
    app::App,
    compose::{content::Content, draft::Draft},
    pace::Paced,
    people::{Actor, Person, Role, sight},
    preview,
    problem::Problem,
    render::{self, MessageKind, Rendering},
    store::named::Noun,
    track::steer,
    world,
};

/// The first words of every test.
pub const MARK: &str = "TEST:";
/// Tests that one person may send within [`WINDOW`].
pub(super) const MOST: usize = 5;
/// For how long a test is counted, and shown.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// Messages of one test: one for each group and language, up to so many.
const MOST_MESSAGES: usize = 6;
/// How long the provider's pace, and then its answer, is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Trial {
    /// Which update.
    pub update_id: i64,
    /// When.
    pub at: Timestamp,
    /// By mail, or as a text message.
    pub channel: Channel,
    /// The address or number that it went to.
    pub to: String,
    /// Messages that the provider took.
    pub sent: usize,
    /// Messages that there were: one for each group and language.
    pub of: usize,
    /// Why not all of them went.
    pub trouble: Option<Trouble>,
}

/// Why a test did not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TrialTrouble")]
pub enum Trouble {
    /// The provider refused it, or cannot carry it now.
    Refused(Reason),
    /// The provider pauses, or its limits are used up by what goes out.
    Busy,
    /// Nobody answered: it may have arrived.
    InDoubt,
}

/// The tests of the last minutes, by person.
#[derive(Default)]
pub struct Trials {
    sent: Mutex<HashMap<i64, Vec<Trial>>>,
}

impl Trials {
    fn sent(&self) -> MutexGuard<'_, HashMap<i64, Vec<Trial>>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last test of a person about an update, while it is remembered.
    pub fn last(&self, person: i64, update: i64) -> Option<Trial> {
        self.sent().get(&person)?.iter().rfind(|trial| trial.update_id == update).cloned()
    }

    /// Counts a test; refuses one too many.
    fn begin(&self, person: i64, trial: Trial) -> Result<(), Problem> {
        let mut sent = self.sent();
        sent.retain(|_, trials| {
            trials.retain(|known| trial.at.duration_since(known.at) < WINDOW);
            !trials.is_empty()
        });
        let own = sent.entry(person).or_default();
        if own.len() >= MOST {
            let minutes = WINDOW.as_mins();
            return Err(Problem::too_many(format!(
                "{MOST} tests in {minutes} minutes are enough; what you wrote is saved, try again in a few minutes"
            )));
        }
        own.push(trial);
        Ok(())
    }

    /// Writes down what became of it.
    fn ended(&self, person: i64, trial: &Trial) {
        let mut sent = self.sent();
        let own = sent
            .get_mut(&person)
            .and_then(|own| own.iter_mut().rfind(|known| known.update_id == trial.update_id && known.at == trial.at));
        if let Some(known) = own {
            known.clone_from(trial);
        }
    }
}

/// Sends the latest version of an update to whoever asks: a message for each group and language, by mail or as a text.
///
/// # Errors
/// 403 for viewers and for keys of nobody; 409 while nothing is sent; 422 at what cannot be rendered, where the update or
/// the configuration has no such channel, or the person no phone; 429 after too many.
pub async fn send(app: &App, actor: &Actor, update_id: i64, channel: Channel) -> Result<Trial, Problem> {
    let person = app.may(actor, Role::Author, "write")?.ok_or_else(|| {
        Problem::forbidden("a test goes to the person who asks for it; sign in, or use a key that belongs to somebody")
    })?;
    sight::look(app, actor, Noun::Update, update_id).await?;
    if let Some(why) = steer::held(app).await? {
        return Err(Problem::conflict(format!("nothing is sent, not even a test: {why}; start again first")));
    }
    let to = address(person, channel)?;
    let draft = marked(Draft::read(app, update_id, None).await?, channel)?;
    let messages = messages(app, &draft)?;
    let route = route(app, draft.incident.exercise, channel)?;
    let now = app.world.clock.now();
    let mut trial = Trial {
        update_id,
        at: now,
        channel,
        to: to.to_owned(),
        sent: 0,
        of: messages.len(),
        trouble: Some(Trouble::InDoubt),
    };
    app.trials.begin(person.id, trial.clone())?;
    let (by, subject) = (actor.audit_name(), format!("update:{update_id}"));
    let detail = serde_json::json!({ "version": draft.update.version, "channel": channel, "messages": trial.of, "provider": route.provider.manifest().name });
    // Written before the first byte goes, as everything that leaves.
    app.store.audit(&app.entry(&by, "update.test", &subject, detail)).await?;
    trial.trouble = None;
    for message in &messages {
        match carry(app, &route, &parcel(app, person, to, message)).await {
            None => trial.sent += 1,
            Some(trouble) => {
                trial.trouble = Some(trouble);
                break;
            }
        }
    }
    app.trials.ended(person.id, &trial);
    Ok(trial)
}

/// Where a test goes: to nobody but its person.
fn address(person: &Person, channel: Channel) -> Result<&str, Problem> {
    match channel {
        Channel::Email => Ok(&person.email),
        Channel::Sms if person.phone.is_empty() => Err(Problem::invalid(
            "/channel",
            "no phone number of yours is known; an administrator writes it into Settings, and then a test can be texted to you",
        )),
        Channel::Sms => Ok(&person.phone),
        _ => Err(Problem::invalid("/channel", "a test goes by email or sms")),
    }
}

/// The draft with the mark before everything that its reader sees first.
fn marked(mut draft: Draft, channel: Channel) -> Result<Draft, Problem> {
    if !draft.channels.contains(&channel) {
        return Err(Problem::invalid(
            "/channels",
            format!("this test would go by {channel}, and this update does not use it"),
        ));
    }
    draft.channels = vec![channel];
    mark(&mut draft.content);
    Ok(draft)
}

fn mark(content: &mut Content) {
    for facts in content.variants.iter_mut().flat_map(|variant| variant.facts.values_mut()) {
        facts.headline = format!("{MARK} {}", facts.headline).trim_end().to_owned();
    }
}

/// The messages, each with its mark.
fn messages(app: &App, draft: &Draft) -> Result<Vec<Rendering>, Problem> {
    let mut messages = preview::render(app, draft)?;
    messages.retain(|message| message.message == MessageKind::Update);
    messages.truncate(MOST_MESSAGES);
    let shows = |message: &Rendering| {
        let subject = message.subject.as_ref().is_some_and(|subject| subject.contains(MARK));
        (subject || message.channel == Channel::Sms) && message.plain_text().contains(MARK)
    };
    match messages.iter().all(shows) {
        true => Ok(messages),
        // A test that looks like the message itself would be worse than none.
        false => Err(Problem::invalid(
            "/variants",
            "the templates leave the headline out, so a test could not be told from the message itself; show it in subject and text",
        )),
    }
}

/// The provider that it goes by: the first of the channel's that takes something now.
fn route(app: &App, exercise: bool, channel: Channel) -> Result<Arc<Route>, Problem> {
    let at = app.world.clock.elapsed();
    let routes = app
        .engine
        .every_route()
        .filter(|route| route.exercise == exercise && route.provider.manifest().channel == channel);
    let first = routes.min_by_key(|route| (route.pacer.is_paused(at), route.pacer.priority()));
    first.cloned().ok_or_else(|| Problem::invalid("/channels", format!("no provider carries {channel}; configure one")))
}

fn parcel(app: &App, person: &Person, to: &str, message: &Rendering) -> Parcel {
    let now = app.world.clock.now();
    // Random, so that it reads as no delivery: a receipt for it changes nothing.
    let token = world::random_hex::<16>(app.world.random.as_ref());
    let base = app.config.http.public_url.as_ref().unwrap_or(&app.config.organisation.status_url);
    let filled = render::Person {
        address: to,
        values: &|name| (name == "name").then_some(person.name.as_str()),
        token: &token,
        message_id: &format!("test-{token}@{}", app.config.organisation.sender_domain()),
        date: now,
        unsubscribe_url: &format!("{}/u/{token}", base.as_str().trim_end_matches('/')),
        thread: None,
    };
    Parcel {
        id: DeliveryId { broadcast: 0, channel: message.channel, ordinal: 0 },
        attempt: 0,
        to: to.to_owned(),
        locale: message.locale.clone(),
        started_at: now,
        content: render::splice(message, &filled),
        thread: None,
        token,
    }
}

/// Hands one message over, at the provider's pace; None when it took it.
pub(crate) async fn carry(app: &App, route: &Route, parcel: &Parcel) -> Option<Trouble> {
    let clock = &app.world.clock;
    let mut parcel = parcel.clone();
    app.engine.sign(&mut parcel).await;
    let paced = tokio::select! {
        paced = route.pacer.wait(&parcel.to, PATIENCE, clock.as_ref()) => paced,
        () = clock.sleep(PATIENCE) => Paced::Stop,
    };
    let Paced::Go { slot, .. } = paced else { return Some(Trouble::Busy) };
    let outcome = tokio::select! {
        outcome = route.provider.send(&parcel) => outcome,
        () = clock.sleep(PATIENCE) => Outcome::InDoubt { detail: "no answer to a test".to_owned() },
    };
    drop(slot);
    route.pacer.outcome(&parcel.to, &outcome, clock.elapsed());
    match outcome {
        Outcome::Accepted { .. } | Outcome::Delivered { .. } => None,
        Outcome::Later { reason, .. } | Outcome::Rejected { reason, .. } => Some(Trouble::Refused(reason)),
        Outcome::InDoubt { .. } => Some(Trouble::InDoubt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(update_id: i64, second: i64) -> Trial {
        let at = Timestamp::from_second(second).unwrap();
        Trial { update_id, at, channel: Channel::Email, to: String::new(), sent: 1, of: 1, trouble: None }
    }

    #[test]
    fn a_person_sends_a_few_tests_in_a_while_and_others_are_not_kept_from_theirs() {
        let trials = Trials::default();
        for second in 0..5 {
            trials.begin(1, trial(7, second)).unwrap();
        }
        assert_eq!(trials.begin(1, trial(7, 599)).unwrap_err().status, 429);
        trials.begin(2, trial(7, 599)).unwrap();
        trials.begin(1, trial(8, 601)).unwrap();
        assert_eq!(trials.last(1, 7).map(|trial| trial.at.as_second()), Some(4));
        assert_eq!(trials.last(1, 9), None);
    }
}
