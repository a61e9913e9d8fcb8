//! Replies: what people write back. STOP and its like are acted on as they are stored, and answered; the rest is kept with
//! the incident, and handed on to a help desk where one is configured.
//!
//! Answers need no approval: their words are the configuration's, and they go to who has just written. They are rows until a
//! provider has taken them, so they arrive at least once.

use std::time::Duration;

use jiff::Timestamp;
use onevoice_channels::{
    contract::{self, Channel, Content, DeliveryId, Outcome, Parcel},
    sms::encoding,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    audience::recipient,
    problem::Problem,
    send::{Event, Route},
    store::{
        StoreError,
        replies::{Due, NewReply, Owed},
    },
    world::random_hex,
};

/// How often to look for what is due.
const TICK: Duration = Duration::from_secs(1);
/// How long a provider's answer is waited for; after it the message may have gone, and counts as sent.
const PATIENCE: Duration = Duration::from_secs(60);
/// The waits between tries, in seconds. After the last one nobody is waiting for it any more.
const AGAIN: [u64; 7] = [10, 30, 120, 600, 1800, 3600, 3600];

/// What a reply asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ReplyWord")]
pub enum Word {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// What this is.
    Help,
    /// Anything else.
    Other,
}

impl Word {
    /// The name in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Word::Stop => "stop",
            Word::Start => "start",
            Word::Help => "help",
            Word::Other => "other",
        }
    }

    /// Reads a name written by [`Word::as_str`].
    pub fn parse(name: &str) -> Word {
        [Word::Stop, Word::Start, Word::Help].into_iter().find(|word| word.as_str() == name).unwrap_or(Word::Other)
    }
}

/// Keeps a reply and does what it asks for.
///
/// # Errors
/// The store's; nothing is kept then.
pub async fn keep(app: &App, provider: &str, reply: &contract::Reply) -> Result<(), StoreError> {
    let from = recipient::known(Channel::Sms, &reply.from, None).unwrap_or_else(|_| reply.from.clone());
    let replies = &app.config.replies;
    let new = NewReply {
        provider,
        provider_id: reply.id.as_deref(),
        channel: Channel::Sms,
        from: &from,
        to: &reply.to,
        text: &reply.text,
        word: replies.word(&reply.text),
        at: app.world.clock.now(),
    };
    let owed = |word: Word, locale: Option<&str>| {
        if word == Word::Other {
            let address = replies.forward_to.clone()?;
            let text = format!("From: {from}\r\nTo: {}\r\n\r\n{}\r\n", reply.to, reply.text);
            return Some(Owed { channel: Channel::Email, address, provider: String::new(), text });
        }
        let organisation = &app.config.organisation;
        let said = replies.answer(word, [locale, Some(app.default_locale())].into_iter().flatten())?;
        let said = said.replace("{organisation}", &organisation.name);
        let text = said.replace("{status_url}", organisation.status_url.as_str());
        Some(Owed { channel: Channel::Sms, address: from.clone(), provider: provider.to_owned(), text })
    };
    if app.store.keep_reply(&new, i64::from(replies.answer_again_minutes) * 60_000, owed).await?.is_some() {
        app.engine.tell(Event::Desk);
    }
    Ok(())
}

/// Sends what is due, until the daemon stops.
pub async fn run(app: App) {
    while !app.engine.is_stopping() {
        if let Err(error) = tick(&app).await {
            tracing::error!(%error, "answers to replies could not be sent");
        }
        app.world.clock.sleep(TICK).await;
    }
}

/// Sends what is due now.
///
/// # Errors
/// The store's. What a provider does not take is tried again later.
pub async fn tick(app: &App) -> Result<(), StoreError> {
    while let Some(due) = app.store.due_service_message(app.world.clock.steady()).await? {
        // A copy of the database answers nobody, and "Stop everything" stops this too; it goes when somebody starts again.
        if app.engine.is_stopping() || app.store.is_held().await? {
            return Ok(());
        }
        let (state, wait) = match carry(app, &due).await {
            Ok(()) => ("sent", None),
            Err(()) => match usize::try_from(due.tries).ok().and_then(|tries| AGAIN.get(tries)) {
                Some(seconds) => ("waiting", Some(Duration::from_secs(*seconds))),
                None => ("failed", None),
            },
        };
        if state == "failed" {
            tracing::error!(message = due.id, channel = %due.channel, "no provider took it; it is given up");
        }
        let due_at = wait.map(|wait| app.world.clock.steady() + wait);
        app.store.service_message_tried(due.id, state, due_at).await?;
    }
    Ok(())
}

/// Hands a message to the provider that is to carry it, or, where that is gone or none is named, to those of its channel.
async fn carry(app: &App, due: &Due) -> Result<(), ()> {
    let now = app.world.clock.now();
    let content = content(app, due, now).map_err(drop)?;
    let parcel = Parcel {
        // No delivery of a broadcast: a receipt for it finds nothing and changes nothing.
        id: DeliveryId { broadcast: 0, channel: due.channel, ordinal: -1 },
        token: random_hex::<16>(app.world.random.as_ref()),
        attempt: due.tries,
        to: due.address.clone(),
        locale: app.default_locale().to_owned(),
        started_at: now,
        content,
        thread: None,
    };
    let of_channel: Vec<&std::sync::Arc<Route>> =
        app.engine.routes().filter(|route| route.provider.manifest().channel == due.channel).collect();
    let named = of_channel.iter().find(|route| route.provider.manifest().name == due.provider);
    let routes = named.map_or(of_channel.as_slice(), std::slice::from_ref);
    for route in routes {
        let outcome = tokio::select! {
            outcome = route.provider.send(&parcel) => outcome,
            () = app.world.clock.sleep(PATIENCE) => return Ok(()),
        };
        match outcome {
            Outcome::Accepted { .. } | Outcome::Delivered { .. } | Outcome::InDoubt { .. } => return Ok(()),
            Outcome::Later { reason, .. } | Outcome::Rejected { reason, .. } => {
                let provider = &route.provider.manifest().name;
                tracing::warn!(message = due.id, provider, reason = reason.as_str(), "the provider did not take it");
            }
        }
    }
    Err(())
}

fn content(app: &App, due: &Due, now: Timestamp) -> Result<Content, Problem> {
    if due.channel == Channel::Sms {
        let text = encoding::transliterate(&due.text).unwrap_or_else(|| due.text.clone());
        let encoding = encoding::measure(&text).encoding;
        return Ok(Content::Sms { text, encoding });
    }
    let organisation = &app.config.organisation;
    let (name, from) = organisation.sender();
    let mailbox = |name: Option<String>, address: &str| {
        Ok::<_, Problem>(lettre::message::Mailbox::new(name, address.parse().map_err(|_| Problem::internal())?))
    };
    let message = lettre::Message::builder()
        .from(mailbox(Some(name), &from)?)
        .to(mailbox(None, &due.address)?)
        .subject("A reply to our text message")
        // The same at each try, so that a repeat is seen to be one.
        .message_id(Some(format!(
            "<reply-{}.{}@{}>",
            due.id,
            &app.store.secrets().instance[..8],
            organisation.sender_domain()
        )))
        .date(now.into())
        .header(lettre::message::header::ContentType::TEXT_PLAIN)
        .body(due.text.clone())
        .map_err(|_| Problem::internal())?;
    Ok(Content::Mail {
        envelope_from: organisation.bounce_address.clone().unwrap_or(from),
        raw: message.formatted().into(),
    })
}
