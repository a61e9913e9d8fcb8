//! Claims, outcomes, receipts: the rows of the hot path. Every counter moves in the transaction of its rows.

mod again;
mod claim;
pub(in crate::store) mod lanes;
mod list;
mod receipts;
mod record;
mod stages;
mod turn;
pub(super) mod unsent;

use std::sync::Arc;

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId, Reason};
use serde::Serialize;

use crate::track::DeliveryState;

/// How many unsent deliveries are settled in one transaction when a broadcast is replaced.
const SWEEP: i64 = 5_000;
/// The same for a retraction, whose first part a person waits for.
const SWEEP_RETRACTED: i64 = 1_000;
/// How long a delivery waits when an earlier update to the same address is on the wire, in milliseconds.
const ORDER_WAIT: i64 = 50;
/// The longest it waits where that one waits itself: somebody may stop it meanwhile, and then nothing holds this one.
const LONGEST_ORDER_WAIT: i64 = 60_000;

/// Deliveries that one connection may send now.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The broadcast.
    pub broadcast_id: i64,
    /// What may be sent. May be empty when everything in the range was settled otherwise.
    pub items: Vec<Claimed>,
    /// True where deliveries have an end without being sent, so that the broadcast may be complete.
    pub settled: bool,
    /// True where something waits now for another account of the channel.
    pub for_others: bool,
}

/// What a connection asks for: deliveries of a channel, for its provider.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The channel.
    pub channel: Channel,
    /// The provider that asks.
    pub provider: String,
    /// Whether it carries practice.
    pub exercise: bool,
    /// Whether waiting deliveries come before those that were never tried.
    pub prefer_waiting: bool,
    /// The most of them.
    pub max: i64,
}

/// Deliveries that were claimed and not written.
#[derive(Clone, Debug)]
pub struct Returned {
    /// Which.
    pub items: Vec<Arc<Claimed>>,
    /// The claims that end with this.
    pub claims: Vec<i64>,
    /// Why: a reason's name, or `stopped`.
    pub reason: &'static str,
}

impl Returned {
    /// All of a claim.
    pub fn whole(claim: Claim, reason: &'static str) -> Returned {
        let items: Vec<_> = claim.items.into_iter().map(Arc::new).collect();
        let mut claims: Vec<i64> = items.iter().map(|item| item.claim).collect();
        claims.dedup();
        Returned { items, claims, reason }
    }
}

/// What one transaction of the ledger did.
#[derive(Debug, Default)]
pub struct Turn {
    /// An answer to every ask, in order; None where there is nothing to do.
    pub claims: Vec<Option<Claim>>,
    /// Broadcasts whose last delivery has an end now.
    pub complete: Vec<i64>,
}

/// One delivery of a claim.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The claim's number; an ended claim is forgotten.
    pub claim: i64,
    /// Which delivery.
    pub id: DeliveryId,
    /// Where it goes.
    pub address: String,
    /// Whose address it is; None for outlets and deleted people.
    pub recipient_id: Option<i64>,
    /// The variant's place.
    pub variant: usize,
    /// The locale of the text.
    pub locale: String,
    /// The hole values as JSON, if one person only has the address.
    pub hole_values: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// The only provider that may send it, where it may have arrived by that one.
    pub pinned: Option<String>,
}

/// What to do with a delivery after an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It has an end.
    End {
        /// Which.
        state: DeliveryState,
        /// Why, where it is not a success.
        reason: Option<Reason>,
        /// The provider's reference.
        reference: Option<String>,
        /// The parts that the provider counted.
        parts: u32,
    },
    /// Another try.
    Again {
        /// When.
        due_at: Timestamp,
        /// Whether this attempt counts.
        counts: bool,
        /// Why.
        reason: Reason,
    },
    /// It was not written: its destination has to wait.
    Aside {
        /// When it is looked at again.
        due_at: Timestamp,
    },
}

/// What happened to one delivery, ready to be written.
#[derive(Clone, Debug)]
pub struct Record {
    /// The claim it belongs to.
    pub claim: i64,
    /// Which delivery.
    pub id: DeliveryId,
    /// How often it was tried before.
    pub attempts: u32,
    /// By which provider.
    pub provider: String,
    /// When the outcome was known.
    pub at: Timestamp,
    /// What to do.
    pub verdict: Verdict,
    /// The provider's words, kept for attempts that did not simply succeed: `word`, `reason`, `detail`.
    pub attempt: Option<(&'static str, Option<Reason>, String)>,
    /// Whether receipts may name it by reference.
    pub referable: bool,
    /// Whether this was the claim's last open delivery.
    pub ends_claim: bool,
    /// The address, where it must not be written to any more, or rests after failing so again and again.
    pub suppress: Option<String>,
    /// Whether another try belongs to this provider alone, because it may have arrived by it.
    pub pinned: bool,
}

/// What a restart does with deliveries that were claimed and have no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rescue {
    /// Send again, marked as a possible duplicate.
    Resend,
    /// Send again: the provider makes one message of two.
    Repeat,
    /// Leave it to a person.
    Hold,
}

/// A delivery as it is listed.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Listed {
    /// Its name: `12-email-4711`.
    pub id: String,
    /// The channel.
    #[serde(skip)]
    pub channel: Channel,
    /// The place in the snapshot.
    #[serde(skip)]
    pub ordinal: i64,
    /// The address or outlet.
    pub address: String,
    /// The recipient's number; None for outlets.
    pub recipient_id: Option<i64>,
    /// The variant's place.
    pub variant: i64,
    /// The locale of the text.
    pub locale: String,
    /// `pending`, `sending`, `waiting`, or an outcome.
    pub state: String,
    /// Why, where it is not a success.
    pub reason: Option<String>,
    /// By which provider.
    pub provider: Option<String>,
    /// The provider's reference.
    pub reference: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When the outcome was known.
    pub at: Option<Timestamp>,
    /// When the next try is due.
    pub due_at: Option<Timestamp>,
    /// The hole values, for showing the text again.
    #[serde(skip)]
    pub hole_values: Option<String>,
}

impl Listed {
    /// As it was claimed, for making its message again.
    pub fn claimed(&self, id: DeliveryId) -> Claimed {
        Claimed {
            claim: 0,
            id,
            address: self.address.clone(),
            recipient_id: self.recipient_id,
            variant: usize::try_from(self.variant).unwrap_or_default(),
            locale: self.locale.clone(),
            hole_values: self.hole_values.clone(),
            attempts: u32::try_from(self.attempts).unwrap_or_default(),
            pinned: None,
        }
    }
}

/// One attempt as it is listed.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct ListedAttempt {
    /// Which try: 1, 2, …; 0 for what came later: a word of the provider, a person's decision, a deletion.
    pub number: i64,
    /// What came of it.
    pub word: String,
    /// Why.
    pub reason: Option<String>,
    /// The provider's words.
    pub detail: String,
    /// By which provider.
    pub provider: String,
    /// When.
    pub at: Timestamp,
}
