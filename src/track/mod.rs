//! Track: what became of each delivery, and how later words of providers move it forward.

pub mod exercise;
pub mod hear;
pub mod inbox;
pub mod reach;
pub mod receipts;
pub mod replies;
pub mod steer;
pub mod withdraw;

use jiff::SignedDuration;
use onevoice_channels::contract::{Reason, ReceiptWord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The end of a delivery. Whatever has none waits or is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It arrived, as far as the network tells.
    Delivered,
    /// The provider took it.
    Accepted,
    /// It may have arrived.
    InDoubt,
    /// It will not arrive.
    Failed,
    /// The address must not be written to.
    Suppressed,
    /// A later update replaced it before it was sent.
    Superseded,
    /// It was stopped for good before it was sent.
    Retracted,
}

impl DeliveryState {
    /// Every state, in the order of bars and tables.
    pub const ALL: [DeliveryState; 7] = [
        DeliveryState::Delivered,
        DeliveryState::Accepted,
        DeliveryState::InDoubt,
        DeliveryState::Failed,
        DeliveryState::Suppressed,
        DeliveryState::Superseded,
        DeliveryState::Retracted,
    ];

    /// The name in the API and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryState::Delivered => "delivered",
            DeliveryState::Accepted => "accepted",
            DeliveryState::InDoubt => "in_doubt",
            DeliveryState::Failed => "failed",
            DeliveryState::Suppressed => "suppressed",
            DeliveryState::Superseded => "superseded",
            DeliveryState::Retracted => "retracted",
        }
    }

    /// Reads a name written by [`DeliveryState::as_str`].
    pub fn parse(name: &str) -> Option<DeliveryState> {
        DeliveryState::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// The number in the store: 1 to 7, in the order of [`DeliveryState::ALL`].
    pub fn code(self) -> i64 {
        DeliveryState::ALL.iter().position(|known| *known == self).unwrap_or_default() as i64 + 1
    }

    /// The state of a number in the store.
    pub fn from_code(code: i64) -> DeliveryState {
        usize::try_from(code - 1)
            .ok()
            .and_then(|place| DeliveryState::ALL.get(place))
            .copied()
            .unwrap_or(DeliveryState::Failed)
    }

    /// True where the reader has it, or may have it.
    pub fn may_have_it(self) -> bool {
        matches!(self, DeliveryState::Delivered | DeliveryState::Accepted | DeliveryState::InDoubt)
    }
}

/// What a provider's later word makes of a delivery: forward only, late bounces included. None changes nothing.
///
/// | from | accepted | delivered, complained, unsubscribed | failed |
/// |---|---|---|---|
/// | nothing yet | accepted | delivered | failed |
/// | in doubt | accepted | delivered | failed |
/// | accepted | - | delivered | failed |
/// | delivered | - | - | failed, only where the word is a bounce (no such address, mailbox full, blocked) |
/// | failed, suppressed, superseded, retracted | - | - | - |
pub fn after_receipt(from: Option<DeliveryState>, word: ReceiptWord) -> Option<DeliveryState> {
    use DeliveryState as State;
    match (from, word) {
        (None | Some(State::InDoubt), ReceiptWord::Accepted) => Some(State::Accepted),
        (
            None | Some(State::InDoubt | State::Accepted),
            ReceiptWord::Delivered | ReceiptWord::Complained | ReceiptWord::Unsubscribed,
        ) => Some(State::Delivered),
        (None | Some(State::InDoubt | State::Accepted), ReceiptWord::Failed(_)) => Some(State::Failed),
        (
            Some(State::Delivered),
            ReceiptWord::Failed(Reason::NoSuchAddress | Reason::MailboxFull | Reason::Blocked),
        ) => Some(State::Failed),
        _ => None,
    }
}

/// How long an address rests that failed for a reason which may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// After so many broadcasts that failed for it,
    pub after: i64,
    /// within this time,
    pub within: SignedDuration,
    /// it is not written to for this time.
    pub time: SignedDuration,
}

/// Whether an address is to rest that fails for a reason again and again. A full mailbox may be emptied: people are on
/// holiday for two weeks.
pub fn rest(reason: Reason) -> Option<Rest> {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    (reason == Reason::MailboxFull).then(|| Rest { after: 3, within: days(30), time: days(14) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_word_is_as_the_published_table_says() {
        use DeliveryState as State;
        let words = [
            ReceiptWord::Accepted,
            ReceiptWord::Delivered,
            ReceiptWord::Failed(Reason::Undelivered),
            ReceiptWord::Failed(Reason::NoSuchAddress),
            ReceiptWord::Complained,
            ReceiptWord::Unsubscribed,
        ];
        let (accepted, delivered, failed) = (Some(State::Accepted), Some(State::Delivered), Some(State::Failed));
        let table: [(Option<State>, [Option<State>; 6]); 8] = [
            (None, [accepted, delivered, failed, failed, delivered, delivered]),
            (Some(State::InDoubt), [accepted, delivered, failed, failed, delivered, delivered]),
            (Some(State::Accepted), [None, delivered, failed, failed, delivered, delivered]),
            (Some(State::Delivered), [None, None, None, failed, None, None]),
            (Some(State::Failed), [None; 6]),
            (Some(State::Suppressed), [None; 6]),
            (Some(State::Superseded), [None; 6]),
            (Some(State::Retracted), [None; 6]),
        ];
        for (from, expected) in table {
            for (word, to) in words.into_iter().zip(expected) {
                assert_eq!(after_receipt(from, word), to, "{from:?} {word:?}");
            }
        }
    }

    #[test]
    fn codes_and_names_read_back() {
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::from_code(state.code()), state);
            assert_eq!(DeliveryState::parse(state.as_str()), Some(state));
        }
    }
}
