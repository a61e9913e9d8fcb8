//! What comes back by mail: bounces, complaints, automatic answers, and what people answer. A mail server hands it over by
//! LMTP or SMTP (`session.rs`, behind `listener.rs`).
//!
//! Which delivery a mail is about stands in the address it came to: the return path of every mail has the delivery's
//! token in it, which nobody can make up (VERP). What a report says (`report.rs`) is weighed by rules that are data
//! (`rules.rs`), and goes the way of every receipt. The mail server is told "yes" after the commit.

mod listener;
mod report;
mod rules;
mod session;

use onevoice_channels::contract::{Channel, Content, DeliveryId, Outcome, Parcel, ReceiptWord};

pub use self::{
    listener::{ListenError, Listener, serve},
    report::Said,
    rules::{RuleError, Rules},
};
use crate::{
    app::App,
    config::Config,
    send::{Event, token},
    world::random_hex,
};

/// Who said it, where a provider stands otherwise.
const SOURCE: &str = "bounces";
/// Stands in what was passed on, so that it is not passed on again.
const MARK: &str = "X-Onevoice-Passed-On";
/// How long the help desk's relay may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// What an address of ours is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mailbox {
    /// The return path of one delivery.
    Delivery(DeliveryId),
    /// Where people answer.
    Replies,
}

/// What becomes of a mail for one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// It was read, and whatever it said is committed.
    Kept,
    /// It cannot be kept now; the mail server tries again.
    Later,
    /// Nobody reads answers here.
    NoReplies,
    /// It was passed on before.
    Loop,
}

/// What `address` is for; None where it is not ours, or its token is not.
fn mailbox(app: &App, address: &str) -> Option<Mailbox> {
    let address = address.to_ascii_lowercase();
    if let Some(token) = token_in(&app.config, &address) {
        let id = token::read(&app.store.secrets().token_key, token);
        return id.filter(|id| id.channel.is_mail()).map(Mailbox::Delivery);
    }
    let organisation = &app.config.organisation;
    let ours = [organisation.reply_address(), Some(organisation.sender().1)];
    ours.iter().flatten().any(|ours| ours.eq_ignore_ascii_case(&address)).then_some(Mailbox::Replies)
}

/// What stands in an address, in lower case, where the return path has its token.
fn token_in<'a>(config: &Config, address: &'a str) -> Option<&'a str> {
    let pattern = config.organisation.bounce_address.as_deref()?.to_ascii_lowercase();
    let (before, after) = pattern.split_once("{token}")?;
    address.strip_prefix(before)?.strip_suffix(after).filter(|token| !token.contains('@'))
}

/// Reads a mail for one recipient and does what it says.
async fn take(app: &App, rules: &Rules, from: &str, to: &Mailbox, raw: &[u8]) -> Taken {
    let said = report::read(raw, from.is_empty(), rules);
    let done = match (said, to) {
        (Said::Report(Some(word)), Mailbox::Delivery(id)) => apply(app, *id, word).await,
        (Said::Complaint(_), Mailbox::Delivery(id)) => apply(app, *id, ReceiptWord::Complained).await,
        (Said::Complaint(tokens), Mailbox::Replies) => complained(app, &tokens).await,
        (Said::Words, _) => return pass_on(app, raw).await,
        // A report to an address without a token may be about anything.
        (Said::Report(_) | Said::Nothing, _) => Ok(()),
    };
    match done {
        Ok(()) => Taken::Kept,
        Err(error) => {
            tracing::error!(%error, "what came back by mail cannot be written down; the mail server tries again");
            Taken::Later
        }
    }
}

async fn complained(app: &App, tokens: &[String]) -> crate::store::Result<()> {
    for text in tokens {
        if let Some(id) = token::read(&app.store.secrets().token_key, text) {
            apply(app, id, ReceiptWord::Complained).await?;
        }
    }
    Ok(())
}

async fn apply(app: &App, id: DeliveryId, word: ReceiptWord) -> crate::store::Result<()> {
    if app.store.apply_receipt(id, SOURCE, word, app.world.clock.now()).await?.is_some() {
        app.engine.close_if_done(id.broadcast).await;
        app.engine.tell(Event::Progress { broadcast: id.broadcast });
    }
    Ok(())
}

/// Hands what a person wrote to the help desk as it is (RFC 5322, 3.6.6), so that an answer goes to them.
async fn pass_on(app: &App, raw: &[u8]) -> Taken {
    let Some(desk) = app.config.bounces.as_ref().and_then(|bounces| bounces.help_desk.clone()) else {
        return Taken::NoReplies;
    };
    let head = &raw[..memchr::memmem::find(raw, b"\r\n\r\n").unwrap_or(raw.len())];
    if head.split(|byte| *byte == b'\n').any(|line| line.starts_with(MARK.as_bytes())) {
        return Taken::Loop;
    }
    let now = app.world.clock.now();
    let sender = app.config.organisation.sender().1;
    let date = jiff::fmt::rfc2822::to_string(&now.to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default();
    let token = random_hex::<16>(app.world.random.as_ref());
    let domain = app.config.organisation.sender_domain();
    let mut mail = format!(
        "{MARK}: yes\r\nResent-From: {sender}\r\nResent-To: {desk}\r\nResent-Date: {date}\r\nResent-Message-ID: <{token}@{domain}>\r\n"
    )
    .into_bytes();
    mail.extend_from_slice(raw);
    let parcel = Parcel {
        // No delivery of a broadcast: a receipt for it finds nothing and changes nothing.
        id: DeliveryId { broadcast: 0, channel: Channel::Email, ordinal: -1 },
        token,
        attempt: 0,
        to: desk,
        locale: app.default_locale().to_owned(),
        started_at: now,
        content: Content::Mail { envelope_from: sender, raw: mail.into() },
        thread: None,
    };
    // What is in doubt is tried again: twice is better than never.
    for route in app.engine.routes().filter(|route| route.provider.manifest().channel == Channel::Email) {
        let outcome = tokio::select! {
            outcome = route.provider.send(&parcel) => outcome,
            () = app.world.clock.sleep(PATIENCE) => continue,
        };
        if matches!(outcome, Outcome::Accepted { .. } | Outcome::Delivered { .. }) {
            return Taken::Kept;
        }
    }
    tracing::warn!("no relay takes what somebody answered by mail for the help desk; the mail server tries again");
    Taken::Later
}
