//! The contract between the daemon and a provider.
//!
//! A provider carries [`Parcel`]s and answers each with an [`Outcome`]. It is handed its clock and its HTTP client,
//! knows no database, and keeps nothing that must survive a restart.

use std::{collections::BTreeMap, fmt, num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

pub use crate::channel::{Channel, Form};

/// Names one delivery: one broadcast x one address or outlet. Stable across attempts and restarts, so it is what
/// idempotency keys, message ids and receipt addresses are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId {
    /// The broadcast's number.
    pub broadcast: i64,
    /// The channel.
    pub channel: Channel,
    /// The place in the snapshot of that channel, from 0.
    pub ordinal: i64,
}

impl fmt::Display for DeliveryId {
    /// `12-email-4711`: safe in a URL, a header and a file name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.broadcast, self.channel, self.ordinal)
    }
}

impl std::str::FromStr for DeliveryId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (broadcast, rest) = text.split_once('-').ok_or(())?;
        let (channel, ordinal) = rest.rsplit_once('-').ok_or(())?;
        Ok(DeliveryId {
            broadcast: broadcast.parse().map_err(drop)?,
            channel: Channel::parse(channel).ok_or(())?,
            ordinal: ordinal.parse().map_err(drop)?,
        })
    }
}

/// One message on its way to one address or outlet.
#[derive(Clone)]
pub struct Parcel {
    /// Which delivery this is.
    pub id: DeliveryId,
    /// Unguessable, derived from the id by a keyed hash: the correlation id in receipt addresses and record keys.
    /// 32 lower-case hexadecimal characters.
    pub token: String,
    /// How often this delivery was tried before; 0 at the first attempt.
    pub attempt: u32,
    /// The address, E.164 number, or outlet's name.
    pub to: String,
    /// The message's language, as BCP 47.
    pub locale: String,
    /// When the broadcast started. Providers that need a stable time (a record key, `createdAt`) take this one.
    pub started_at: Timestamp,
    /// What to say.
    pub content: Content,
    /// The incident's earlier posts on this outlet, for threads; [`crate::social::thread`] makes it from the references
    /// of the earlier deliveries ([`Outcome::Accepted`]).
    pub thread: Option<Thread>,
}

impl fmt::Debug for Parcel {
    /// Leaves out the address and the text: parcels end up in spans and panics.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel")
            .field("id", &self.id.to_string())
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// The references of the earlier posts that a post replies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The incident's first post.
    pub root: String,
    /// The post to reply to.
    pub parent: String,
}

/// The message in the form its channel needs, ready to go.
#[derive(Clone)]
pub enum Content {
    /// A complete mail with CRLF line ends and its headers, not dot-stuffed.
    Mail {
        /// MAIL FROM, without angle brackets.
        envelope_from: String,
        /// RFC 5322 bytes.
        raw: Bytes,
    },
    /// A text message.
    Sms {
        /// The whole text, already within its encoding.
        text: String,
        /// The encoding it was counted in.
        encoding: SmsEncoding,
    },
    /// Posts of a thread in order; one for a text that fits.
    Post {
        /// Each part's text.
        parts: Vec<String>,
    },
    /// A banner or a status page entry: its public form is read from the store once this is accepted.
    Page {
        /// The rendered JSON document.
        document: String,
    },
}

/// The alphabet of a text message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SmsEncoding {
    /// GSM 03.38 default alphabet with its extension table.
    Gsm7,
    /// UCS-2, sent as UTF-16.
    Ucs2,
}

/// What became of one attempt. A value, never an error: retry rules and metrics read the same closed set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took responsibility.
    Accepted {
        /// The provider's reference, by which a receipt or a later reply in the thread finds it. One line of at most
        /// 512 bytes; for a thread its posts', which [`crate::social`] takes apart.
        reference: Option<String>,
        /// How many parts it counted (posts of a thread, SMS segments); 1 where it does not say.
        parts: u32,
    },
    /// The provider says that it is with the reader already.
    Delivered {
        /// As in `Accepted`.
        reference: Option<String>,
        /// As in `Accepted`.
        parts: u32,
    },
    /// Not now. Nothing was sent.
    Later {
        /// The provider's own wish (Retry-After), if any; a wait from now, clamped by the caller.
        after: Option<Duration>,
        /// Why. [`Reason::Throttled`] does not count as an attempt.
        reason: Reason,
        /// The provider's words, without address or secret, at most 200 characters.
        detail: String,
    },
    /// Never.
    Rejected {
        /// Why. [`Reason::suppresses`] says whether the address must not be written to again.
        reason: Reason,
        /// The provider's words, without address or secret, at most 200 characters.
        detail: String,
    },
    /// The request was written, and nobody answered: it may have arrived.
    InDoubt {
        /// What happened, without address or secret.
        detail: String,
    },
}

/// Why something did not go as hoped: a closed set that is also the metric's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No such mailbox, number or account.
    NoSuchAddress,
    /// The mailbox is full.
    MailboxFull,
    /// The address is not well formed for this provider.
    BadAddress,
    /// Refused by policy: spam filter, block list, content rule.
    Blocked,
    /// The reader opted out at the provider.
    OptedOut,
    /// The provider refuses our content (too long, malformed, duplicate).
    BadContent,
    /// The provider refuses our credentials.
    Unauthorized,
    /// The provider asks us to go slower. Waiting is not an attempt.
    Throttled,
    /// The provider has no credit left or a quota is used up.
    Quota,
    /// A temporary fault of the provider or the destination.
    Temporary,
    /// No connection could be made, or it broke before anything was written.
    Unreachable,
    /// The provider answered something that its contract does not have.
    BadAnswer,
    /// A receipt reported that it did not arrive, for a reason not named above.
    Undelivered,
    /// It expired on its way.
    Expired,
}

impl Reason {
    /// Every reason, in the order of the documentation.
    pub const ALL: [Reason; 14] = [
        Reason::NoSuchAddress,
        Reason::MailboxFull,
        Reason::BadAddress,
        Reason::Blocked,
        Reason::OptedOut,
        Reason::BadContent,
        Reason::Unauthorized,
        Reason::Throttled,
        Reason::Quota,
        Reason::Temporary,
        Reason::Unreachable,
        Reason::BadAnswer,
        Reason::Undelivered,
        Reason::Expired,
    ];

    /// The name in the API, the store and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::NoSuchAddress => "no_such_address",
            Reason::MailboxFull => "mailbox_full",
            Reason::BadAddress => "bad_address",
            Reason::Blocked => "blocked",
            Reason::OptedOut => "opted_out",
            Reason::BadContent => "bad_content",
            Reason::Unauthorized => "unauthorized",
            Reason::Throttled => "throttled",
            Reason::Quota => "quota",
            Reason::Temporary => "temporary",
            Reason::Unreachable => "unreachable",
            Reason::BadAnswer => "bad_answer",
            Reason::Undelivered => "undelivered",
            Reason::Expired => "expired",
        }
    }

    /// Reads a name written by [`Reason::as_str`].
    pub fn parse(name: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.as_str() == name)
    }

    /// True where the address must not be written to again until a person says so.
    pub fn suppresses(self) -> bool {
        matches!(self, Reason::NoSuchAddress | Reason::OptedOut)
    }
}

/// The provider's later word on a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Which delivery it speaks of.
    pub about: About,
    /// What it says.
    pub word: ReceiptWord,
}

/// How a receipt names its delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// By [`Parcel::token`], which we handed out ourselves.
    Token(String),
    /// By the reference the provider answered with.
    Reference(String),
}

/// What a receipt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptWord {
    /// The network took it; it has not arrived yet.
    Accepted,
    /// It arrived.
    Delivered,
    /// It will not arrive.
    Failed(Reason),
    /// It arrived, and the reader marked it as unwanted: the address must not be written to again.
    Complained,
    /// It arrived, and the reader wants no more of them: consent is withdrawn.
    Unsubscribed,
}

/// A text that somebody wrote back.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The provider's own name for it, by which a repeat is known; None where it has none.
    pub id: Option<String>,
    /// Who wrote: the number in E.164 form where it is one.
    pub from: String,
    /// Where to: our number or short code.
    pub to: String,
    /// What they wrote, at most 2,000 characters.
    pub text: String,
    /// When, where the provider tells.
    pub at: Option<Timestamp>,
}

impl fmt::Debug for Reply {
    /// Leaves out who wrote and what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

/// What a provider tells us of its own accord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Its later word on a delivery.
    Receipt(Receipt),
    /// What somebody wrote back.
    Reply(Reply),
}

/// What was heard is not kept: the provider has to say it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotKept;

/// Who listens to what providers say over connections of their own.
#[async_trait]
pub trait Ear: Send + Sync {
    /// Keeps what was heard. Only after `Ok` may the provider be told that it was.
    ///
    /// # Errors
    /// [`NotKept`] when it could not be committed.
    async fn hear(&self, heard: Heard) -> Result<(), NotKept>;
}

/// A provider's callback as it came in.
pub struct Callback<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The full public URL, query included, as the provider called it.
    pub url: &'a url::Url,
    /// Header names in lower case.
    pub headers: &'a BTreeMap<String, String>,
    /// The body, at most 1 MiB.
    pub body: &'a [u8],
}

/// Why a callback was not believed. Nothing changes on any of these.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CallbackError {
    /// This provider sends no receipts.
    #[error("this provider sends no receipts")]
    Unsupported,
    /// The signature or shared secret is wrong, or missing.
    #[error("the signature or secret does not match")]
    Forged,
    /// Authentic, but older than the provider's freshness window.
    #[error("the callback is stale")]
    Stale,
    /// What its signature is checked with is being fetched: the caller is to come again.
    #[error("what this is checked with is not here yet; send it again")]
    NotYet,
    /// It cannot be read.
    #[error("the callback cannot be read: {0}")]
    Malformed(String),
}

/// What a provider allows, declared by its file and overridden by configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Messages (for SMS: messages, not parts) a second, on average. None: as fast as it answers.
    pub per_second: Option<f64>,
    /// How many may go at once after a pause.
    pub burst: NonZeroU32,
    /// Connections, or requests under way, at once.
    pub connections: NonZeroU32,
    /// Messages a second to one destination domain (email only).
    pub per_domain_per_second: Option<f64>,
    /// Messages under way to one destination domain at once (email only).
    pub per_domain_connections: Option<NonZeroU32>,
    /// What single domains allow instead, by their names in lower case; of text messages, what single senders may.
    pub domains: BTreeMap<String, DomainLimits>,
    /// Text messages: the sender by country or prefix of the number, see [`crate::sms::number::nearest`]. Empty where none
    /// has a limit of its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub senders: BTreeMap<String, String>,
}

/// What one destination domain allows. What is left out is as for every domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DomainLimits {
    /// Messages a second, on average.
    pub per_second: Option<f64>,
    /// How many may go at once after a pause.
    pub burst: Option<NonZeroU32>,
    /// Messages under way at once.
    pub connections: Option<NonZeroU32>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            per_second: None,
            burst: NonZeroU32::MIN,
            connections: NonZeroU32::MIN,
            per_domain_per_second: None,
            per_domain_connections: None,
            domains: BTreeMap::new(),
            senders: BTreeMap::new(),
        }
    }
}

/// What a provider says of itself.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The kind in configuration: `smtp`, `sms-http`, `mastodon`, …
    pub kind: &'static str,
    /// The name this instance has in configuration.
    pub name: String,
    /// The channel it carries.
    pub channel: Channel,
    /// The limits in force.
    pub limits: Limits,
    /// True where repeating a parcel with the same token makes one message, so that what is in doubt is resent.
    pub idempotent: bool,
    /// How long the provider remembers a token; None for ever. After that a repeat would make a second message.
    pub key_life: Option<Duration>,
    /// True where [`Provider::receipt`] tells more after acceptance.
    pub receipts: bool,
    /// The longest text of one post, and how it is counted; None where the channel has its own rule.
    pub text_limit: Option<TextLimit>,
    /// False for a provider from which nothing leaves this machine (outbox, banner, status page).
    pub leaves: bool,
}

/// The longest text of one post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextLimit {
    /// How many units fit.
    pub max: u32,
    /// What is counted.
    pub unit: TextUnit,
}

/// How a place counts a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextUnit {
    /// Extended grapheme clusters, and at most ten UTF-8 bytes for each (Bluesky: 300 and 3,000).
    Graphemes,
    /// Characters, every URL as 23 and `@user@host` as `@user` (Mastodon).
    MastodonCharacters,
    /// Most letters one, all else two, every link 23 (X).
    XCharacters,
    /// UTF-16 code units, as JavaScript and Telegram count.
    Utf16,
    /// UTF-8 bytes.
    Bytes,
}

/// The provider as a whole cannot carry anything now: no connection, credentials refused.
/// What it took and did not report was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason:?}: {detail}")]
pub struct Unavailable {
    /// Why.
    pub reason: Reason,
    /// In words, without address or secret.
    pub detail: String,
    /// The provider's own wish, if any.
    pub after: Option<Duration>,
}

/// One connection's worth of work: parcels come out in order and paced, outcomes go back.
pub struct Run {
    parcels: mpsc::Receiver<Parcel>,
    may_go: Box<dyn Fn(&Parcel) -> bool + Send + Sync>,
    outcomes: mpsc::Sender<(Parcel, Outcome)>,
}

impl Run {
    /// The daemon's two ends and the provider's one. `depth` is how many parcels, and how many answers, wait.
    pub fn new(depth: usize) -> (mpsc::Sender<Parcel>, mpsc::Receiver<(Parcel, Outcome)>, Run) {
        Run::with(depth, depth, |_| true)
    }

    /// The same, where `may_go` is asked once more as each parcel is taken: what waits ready when a person stops the
    /// broadcast is not handed out, not reported, and so was not written.
    pub fn guarded(
        depth: usize,
        may_go: impl Fn(&Parcel) -> bool + Send + Sync + 'static,
    ) -> (mpsc::Sender<Parcel>, mpsc::Receiver<(Parcel, Outcome)>, Run) {
        // A message whose answer waits has gone and is not recorded: a crash would send it again. With one in the hands
        // of each side they stay within `depth`.
        Run::with(depth, (depth / 2).max(1), may_go)
    }

    fn with(
        depth: usize,
        answers: usize,
        may_go: impl Fn(&Parcel) -> bool + Send + Sync + 'static,
    ) -> (mpsc::Sender<Parcel>, mpsc::Receiver<(Parcel, Outcome)>, Run) {
        let (parcel_sender, parcels) = mpsc::channel(depth);
        let (outcomes, outcome_receiver) = mpsc::channel(answers);
        (parcel_sender, outcome_receiver, Run { parcels, may_go: Box::new(may_go), outcomes })
    }

    /// The next parcel, once pace allows it; None when the connection may close.
    pub async fn next(&mut self) -> Option<Parcel> {
        loop {
            let parcel = self.parcels.recv().await?;
            if (self.may_go)(&parcel) {
                return Some(parcel);
            }
        }
    }

    /// The next parcel if one is ready: for providers that write several before reading answers.
    pub fn try_next(&mut self) -> Option<Parcel> {
        loop {
            let parcel = self.parcels.try_recv().ok()?;
            if (self.may_go)(&parcel) {
                return Some(parcel);
            }
        }
    }

    /// Reports what became of a parcel. Every parcel taken is reported, or was not written.
    pub async fn report(&self, parcel: Parcel, outcome: Outcome) {
        // The receiver lives as long as the daemon's side of this run; when that is gone, nobody can record more.
        let _ = self.outcomes.send((parcel, outcome)).await;
    }
}

/// A way to carry parcels. One instance for each `[[provider]]` of the configuration.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What this provider is and allows.
    fn manifest(&self) -> &Manifest;

    /// Carries one parcel.
    async fn send(&self, parcel: &Parcel) -> Outcome;

    /// Carries parcels over one connection until `run` ends. Providers whose protocol keeps a connection, or can
    /// have several messages under way on it, write their own.
    ///
    /// # Errors
    /// [`Unavailable`] when nothing can be carried now. Parcels taken and not reported were not written.
    async fn carry(&self, run: &mut Run) -> Result<(), Unavailable> {
        while let Some(parcel) = run.next().await {
            let outcome = self.send(&parcel).await;
            if let Outcome::Later { reason: reason @ (Reason::Unauthorized | Reason::Unreachable), after, detail } =
                outcome
            {
                return Err(Unavailable { reason, detail, after });
            }
            run.report(parcel, outcome).await;
        }
        Ok(())
    }

    /// Deletes for everyone what a delivery posted. `parcel` is the delivery as it was sent, `reference` what the place
    /// answered then, if it did. What is gone already counts as deleted, so that a repeat does no harm: it is
    /// [`Outcome::Accepted`] either way, and what is in doubt is tried again.
    async fn withdraw(&self, _parcel: &Parcel, _reference: Option<&str>) -> Outcome {
        let detail = "what was handed over cannot be taken back here".to_owned();
        Outcome::Rejected { reason: Reason::BadContent, detail }
    }

    /// Proves the credentials without sending anything.
    ///
    /// # Errors
    /// [`Unavailable`], in words for the operator.
    async fn check(&self) -> Result<CheckReport, Unavailable>;

    /// Reads a callback: authenticity first, then freshness, then content.
    ///
    /// # Errors
    /// [`CallbackError`]; nothing changes then.
    fn receipt(&self, _callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        Err(CallbackError::Unsupported)
    }

    /// Reads a callback that may be a receipt or a reply. Providers that hear no replies write [`Provider::receipt`] only.
    ///
    /// # Errors
    /// As [`Provider::receipt`].
    fn hear(&self, callback: &Callback<'_>) -> Result<Vec<Heard>, CallbackError> {
        Ok(self.receipt(callback)?.into_iter().map(Heard::Receipt).collect())
    }

    /// Listens over a connection of its own, as long as the daemon lives; tells the other side that something was heard only
    /// after the ear has kept it. Providers that are called back, or hear nothing, have nothing to do here.
    async fn listen(&self, _ear: Arc<dyn Ear>) {
        std::future::pending().await
    }
}

/// What a credential check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// One sentence for the operator: "signed in as …".
    pub summary: String,
    /// A text limit that the server told, which replaces the default.
    pub text_limit: Option<TextLimit>,
    /// When the credential ends, where the provider tells.
    pub expires_at: Option<Timestamp>,
}

/// The parts of the world handed to providers.
#[derive(Clone)]
pub struct World {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// The one HTTP client: rustls, no redirects, bounded times.
    pub http: reqwest::Client,
    /// The daemon's public address, for receipt callbacks; None where it has none.
    pub public_url: Option<url::Url>,
}

/// Time, handed in so that tests can turn it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock in UTC.
    fn now(&self) -> Timestamp;
    /// The same at the start, and from then on without the steps of a wall clock that somebody sets: for what is due after a
    /// while, such as a retry. An hour set back must not make it wait for an hour, nor an hour set ahead hurry it.
    fn steady(&self) -> Timestamp {
        self.now()
    }
    /// Waits on the monotonic clock.
    async fn sleep(&self, duration: Duration);
    /// The time since some fixed moment, which nobody can set: what limits and pauses are measured in. A clock that
    /// tests turn is its own measure.
    fn elapsed(&self) -> Duration {
        Duration::try_from(self.now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_are_those_of_the_api() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }

    #[test]
    fn a_delivery_id_is_read_back() {
        for channel in Channel::ALL {
            let id = DeliveryId { broadcast: 12, channel, ordinal: 4711 };
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "12", "12-email", "a-email-1", "12-pigeon-1", "12-email-x"] {
            assert_eq!(text.parse::<DeliveryId>(), Err(()), "{text}");
        }
    }

    #[test]
    fn a_parcel_shows_neither_address_nor_text() {
        let shown = format!("{:?}", crate::testkit::parcels::sms("We know of the outage."));
        assert!(!shown.contains("49151") && !shown.contains("outage"), "{shown}");
    }

    #[tokio::test]
    async fn few_answers_wait_unrecorded() {
        let (_parcels, _outcomes, run) = Run::guarded(8, |_| true);
        let mut waiting = 0;
        loop {
            let parcel = crate::testkit::parcels::sms("text");
            tokio::select! {
                biased;
                () = run.report(parcel, Outcome::Accepted { reference: None, parts: 1 }) => waiting += 1,
                () = std::future::ready(()) => break,
            }
        }
        assert_eq!(waiting, 4);
    }

    #[tokio::test]
    async fn what_waits_ready_when_it_is_stopped_is_not_handed_out() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let running = Arc::new(AtomicBool::new(true));
        let guard = running.clone();
        let (parcels, mut outcomes, mut run) = Run::guarded(4, move |_| guard.load(Ordering::SeqCst));
        for _ in 0..3 {
            parcels.send(crate::testkit::parcels::sms("text")).await.unwrap();
        }
        let first = run.next().await.unwrap();
        running.store(false, Ordering::SeqCst);
        assert!(run.try_next().is_none(), "the two that waited are not taken");
        run.report(first, Outcome::Accepted { reference: None, parts: 1 }).await;
        drop(parcels);
        assert!(run.next().await.is_none());
        drop(run);
        assert!(
            outcomes.recv().await.is_some() && outcomes.recv().await.is_none(),
            "only what was written is reported"
        );
    }
}
