//! Sends what is written about subscribing: by the channel's own providers and at their pace, one at a time. While
//! broadcasts go out it takes one message in twenty of what a provider carries, so that it holds nobody up.

use std::{sync::PoisonError, time::Duration};

use lettre::message::{
    Mailbox,
    header::{ContentType, HeaderName, HeaderValue},
};
use onevoice_channels::{
    contract::{Channel, Content, DeliveryId, Parcel, Reason},
    sms::encoding,
};

use crate::{
    app::App,
    problem::Problem,
    send::{
        Route,
        trial::{self, Trouble},
    },
    store::{StoreError, subscriptions::Message},
    world::random_hex,
};

/// How often to look for what is due.
const TICK: Duration = Duration::from_secs(1);
/// The waits between tries, in seconds. After the last one nobody is waiting for it any more.
const AGAIN: [u64; 6] = [10, 30, 120, 600, 1800, 3600];
/// How long a message waits that a provider has no room for now. That is no try.
const BUSY: Duration = Duration::from_secs(5);
/// While broadcasts go out, this is one message of how many.
const SHARE: f64 = 20.0;

/// Sends what is due, until the daemon stops.
pub async fn run(app: App) {
    while !app.engine.is_stopping() {
        if let Err(error) = tick(&app).await {
            tracing::error!(%error, "messages about subscribing could not be sent");
        }
        app.world.clock.sleep(TICK).await;
    }
}

/// Sends what is due now, and forgets what is a day old.
///
/// # Errors
/// The store's. What a provider does not take is tried again later.
pub async fn tick(app: &App) -> Result<(), StoreError> {
    app.store.forget_subscription_requests(app.world.clock.now()).await?;
    // One channel's trouble is not the other's.
    let (mail, texts) = tokio::join!(of_channel(app, Channel::Email), of_channel(app, Channel::Sms));
    mail.and(texts)
}

async fn of_channel(app: &App, channel: Channel) -> Result<(), StoreError> {
    while may_go(app, channel)
        && let Some(due) = app.store.due_subscription_message(channel, app.world.clock.steady()).await?
    {
        // A copy of the database writes to nobody, and "Stop everything" stops this too.
        if app.engine.is_stopping() || app.store.is_held().await? {
            return Ok(());
        }
        let (provider, trouble) = carry(app, &due).await;
        let again = usize::try_from(due.tries).ok().and_then(|tries| AGAIN.get(tries));
        let (state, wait) = match (trouble, again) {
            // What may have arrived is not repeated: whoever misses it asks again.
            (None | Some(Trouble::InDoubt), _) => ("sent", None),
            (Some(Trouble::Busy), _) => {
                let later = app.world.clock.steady() + BUSY;
                return app.store.subscription_message_waits(due.id, later).await;
            }
            (Some(Trouble::Refused(reason)), again) => {
                tracing::warn!(message = due.id, provider, reason = reason.as_str(), "the provider did not take it");
                match again {
                    Some(seconds) if is_temporary(reason) => ("waiting", Some(Duration::from_secs(*seconds))),
                    _ => ("failed", None),
                }
            }
        };
        let due_at = wait.map(|wait| app.world.clock.steady() + wait);
        app.store.subscription_message_tried(due.id, state, &provider, due_at).await?;
    }
    Ok(())
}

/// What another try may mend.
fn is_temporary(reason: Reason) -> bool {
    !matches!(reason, Reason::NoSuchAddress | Reason::BadAddress | Reason::OptedOut | Reason::BadContent)
}

/// Whether broadcasts leave room for a message on a channel.
pub(super) fn may_go(app: &App, channel: Channel) -> bool {
    let next = app.doorkeeper.next.lock().unwrap_or_else(PoisonError::into_inner);
    !app.engine.is_busy() || next.get(&channel).is_none_or(|next| *next <= app.world.clock.elapsed())
}

/// Hands a message to the provider whose turn it is; answers its name, and what went wrong.
async fn carry(app: &App, due: &Message) -> (String, Option<Trouble>) {
    let at = app.world.clock.elapsed();
    let of_channel = app.engine.routes().filter(|route| route.provider.manifest().channel == due.channel);
    let first = of_channel.min_by_key(|route| (route.pacer.is_paused(at), route.pacer.priority()));
    let Some(route) = first else { return (String::new(), Some(Trouble::Busy)) };
    let name = route.provider.manifest().name.clone();
    let Ok(content) = content(app, due) else { return (name, Some(Trouble::Refused(Reason::NoSuchAddress))) };
    let parcel = Parcel {
        // No delivery of a broadcast: a receipt for it finds nothing and changes nothing.
        id: DeliveryId { broadcast: 0, channel: due.channel, ordinal: -1 },
        token: random_hex::<16>(app.world.random.as_ref()),
        attempt: due.tries,
        to: due.address.clone(),
        locale: due.locale.clone(),
        started_at: app.world.clock.now(),
        content,
        thread: None,
    };
    let trouble = trial::carry(app, route, &parcel).await;
    wait_your_turn(app, due.channel, route);
    (name, trouble)
}

fn wait_your_turn(app: &App, channel: Channel, route: &Route) {
    if let Some(rate) = route.pacer.rate().filter(|rate| *rate > 0.0) {
        let until = app.world.clock.elapsed() + Duration::from_secs_f64((SHARE / rate).min(3600.0));
        app.doorkeeper.next.lock().unwrap_or_else(PoisonError::into_inner).insert(channel, until);
    }
}

fn content(app: &App, due: &Message) -> Result<Content, Problem> {
    if due.channel == Channel::Sms {
        let text = encoding::transliterate(&due.said.text).unwrap_or_else(|| due.said.text.clone());
        let encoding = encoding::measure(&text).encoding;
        return Ok(Content::Sms { text, encoding });
    }
    let organisation = &app.config.organisation;
    let (_, from) = organisation.sender();
    Ok(Content::Mail {
        // What comes back of a single question tells nothing: it is forgotten in a day.
        envelope_from: organisation.bounce_address.clone().filter(|address| !address.contains('{')).unwrap_or(from),
        raw: mail(app, due)?.into(),
    })
}

/// A mail about subscribing, as it is sent.
///
/// # Errors
/// 500 where an address cannot stand in a header.
fn mail(app: &App, due: &Message) -> Result<Vec<u8>, Problem> {
    let organisation = &app.config.organisation;
    let (name, from) = organisation.sender();
    let mailbox = |name: Option<String>, address: &str| {
        Ok::<_, Problem>(Mailbox::new(name, address.parse().map_err(|_| Problem::internal())?))
    };
    let instance = &app.store.secrets().instance[..8];
    let header = |name, value| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
    let mut builder = lettre::Message::builder()
        .from(mailbox(Some(name), &from)?)
        .to(mailbox(None, &due.address)?)
        .subject(due.said.subject.clone())
        // The same at each try, so that a repeat is seen to be one.
        .message_id(Some(format!("<subscribe-{}.{instance}@{}>", due.id, organisation.sender_domain())))
        .date(due.at.into())
        .header(ContentType::TEXT_PLAIN)
        // RFC 3834: no answering machine answers it.
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
    if !due.said.leave.is_empty() {
        builder = builder
            .raw_header(header("List-Unsubscribe", format!("<{}>", due.said.leave)))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    let message = builder.body(due.said.text.replace('\n', "\r\n")).map_err(|_| Problem::internal())?;
    Ok(message.formatted())
}
