//! The model: what is so of every delivery, said from the invariants alone. It knows no table and no query.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId, Reason, ReceiptWord};

use crate::{approve::State, render::MessageKind, track::DeliveryState};

/// One delivery, as everything that was told to the store makes it.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub address: String,
    pub person: i64,
    pub outcome: Option<DeliveryState>,
    /// When it is due, where it waits.
    pub due: Option<Timestamp>,
    /// How often it is handed out and not answered.
    pub flying: u32,
    /// Attempts that count.
    pub attempts: u32,
    /// Whether a provider may know of it: an attempt is on record.
    pub known: bool,
    /// Messages that may have arrived, of which nobody knows.
    pub doubts: u32,
    /// How often it was marked as in doubt.
    pub marks: usize,
}

impl Delivery {
    pub fn new(address: String, person: i64) -> Delivery {
        let (outcome, due) = (None, None);
        Delivery { address, person, outcome, due, flying: 0, attempts: 0, known: false, doubts: 0, marks: 0 }
    }

    pub fn on_the_wire(&self) -> bool {
        self.outcome.is_none() && self.due.is_none() && self.flying > 0
    }

    /// Whether any provider can know of it.
    pub fn is_heard_of(&self) -> bool {
        self.outcome.is_some() || self.on_the_wire() || self.known
    }

    /// Never handed out, and not waiting.
    pub fn is_pending(&self) -> bool {
        self.outcome.is_none() && self.due.is_none() && self.flying == 0
    }

    pub fn may_have_it(&self) -> bool {
        self.doubts > 0 || self.outcome.is_some_and(DeliveryState::may_have_it)
    }

    pub fn label(&self) -> &'static str {
        match self.outcome {
            Some(state) => state.as_str(),
            None if self.due.is_some() => "waiting",
            None if self.flying > 0 => "sending",
            None => "pending",
        }
    }

    /// Its end, where it is not sent any more: what may have arrived stays in doubt.
    pub fn end_unsent(&mut self, state: DeliveryState) {
        self.due = None;
        self.outcome = Some(if self.doubts > 0 { DeliveryState::InDoubt } else { state });
    }
}

/// The carrying-out of a message.
#[derive(Clone, Debug)]
pub struct Broadcast {
    pub incident: i64,
    pub message: MessageKind,
    pub everywhere: bool,
    pub by_law: bool,
    pub state: State,
    pub started: bool,
    pub source: Option<i64>,
    /// Per channel, whom the update before had not reached when this one started, and whom it had.
    pub overtaken: BTreeSet<DeliveryId>,
    pub served: BTreeSet<DeliveryId>,
}

/// Everything.
#[derive(Default)]
pub struct Facts {
    pub broadcasts: BTreeMap<i64, Broadcast>,
    pub deliveries: BTreeMap<DeliveryId, Delivery>,
    pub suppressed: BTreeSet<(Channel, String, &'static str)>,
    /// In which broadcasts an address had a full mailbox, since it last had not.
    pub full: BTreeMap<(Channel, String), BTreeSet<i64>>,
    pub references: BTreeMap<String, DeliveryId>,
    /// Words by references that nobody knows yet, and since when.
    pub parked: BTreeMap<String, (ReceiptWord, Timestamp)>,
    pub stopped: bool,
}

impl Facts {
    pub fn of(&self, broadcast: i64) -> impl Iterator<Item = (&DeliveryId, &Delivery)> {
        self.deliveries.iter().filter(move |(id, _)| id.broadcast == broadcast)
    }

    pub fn of_mut(&mut self, broadcast: i64) -> impl Iterator<Item = (&DeliveryId, &mut Delivery)> {
        self.deliveries.iter_mut().filter(move |(id, _)| id.broadcast == broadcast)
    }

    fn reaches(&self, broadcast: i64, channel: Channel, address: &str) -> Option<&Delivery> {
        self.of(broadcast).find(|(id, to)| id.channel == channel && to.address == address).map(|(_, to)| to)
    }

    fn siblings(&self, broadcast: i64) -> impl Iterator<Item = (i64, &Broadcast)> {
        let incident = self.broadcasts[&broadcast].incident;
        let started = self.broadcasts.iter().filter(move |(_, other)| other.incident == incident && other.started);
        started.map(|(id, other)| (*id, other))
    }

    /// A later update took its place for this address. Nothing takes a correction's, and a "no news yet" takes none.
    pub fn superseded(&self, id: DeliveryId) -> bool {
        let address = &self.deliveries[&id].address;
        self.broadcasts[&id.broadcast].message != MessageKind::Correction
            && self.siblings(id.broadcast).any(|(later, other)| {
                later > id.broadcast
                    && other.message == MessageKind::Update
                    && (other.everywhere || self.reaches(later, id.channel, address).is_some())
            })
    }

    /// An earlier message to the same address has to go first: it is on the wire, or it still goes out and is neither
    /// superseded by this one nor overtaken by it, as a correction overtakes updates.
    pub fn has_to_wait(&self, id: DeliveryId) -> bool {
        let (mine, address) = (&self.broadcasts[&id.broadcast], &self.deliveries[&id].address);
        self.siblings(id.broadcast).filter(|(earlier, _)| *earlier < id.broadcast).any(|(earlier, other)| {
            let Some(to) = self.reaches(earlier, id.channel, address) else { return false };
            let keeps_its_turn = other.message == MessageKind::Correction || mine.message == MessageKind::Holding;
            to.on_the_wire() || (to.outcome.is_none() && other.state == State::Running && keeps_its_turn)
        })
    }

    pub fn is_suppressed(&self, id: DeliveryId) -> bool {
        let by_law = self.broadcasts[&id.broadcast].by_law;
        self.suppressed_address(id.channel, &self.deliveries[&id].address, by_law)
    }

    fn suppressed_address(&self, channel: Channel, address: &str, by_law: bool) -> bool {
        self.suppressed
            .iter()
            .any(|(of, value, reason)| *of == channel && value == address && !(by_law && *reason == "opted_out"))
    }

    /// To whom the correction of a broadcast goes at this moment: on every channel, the people who have its text or may
    /// have it; and wherever it is on the wire.
    pub fn to_correct(&self, source: i64) -> BTreeMap<DeliveryId, Delivery> {
        let people: BTreeSet<i64> =
            self.of(source).filter(|(_, to)| to.may_have_it()).map(|(_, to)| to.person).collect();
        let wanted = |(id, to): &(&DeliveryId, &Delivery)| {
            to.may_have_it()
                || to.on_the_wire()
                || (people.contains(&to.person) && !self.suppressed_address(id.channel, &to.address, false))
        };
        self.of(source).filter(wanted).map(|(id, to)| (*id, to.clone())).collect()
    }

    /// A delivery that was on the wire turned out not to have arrived: nothing is left to correct, unless the person has
    /// it some other way.
    pub fn nothing_to_correct(&mut self, id: DeliveryId) {
        let to = self.deliveries[&id].clone();
        if to.may_have_it() || self.of(id.broadcast).any(|(_, other)| other.person == to.person && other.may_have_it())
        {
            return;
        }
        let correction = self.broadcasts.iter().find(|(_, other)| other.source == Some(id.broadcast));
        let Some(correction) = correction.map(|(correction, _)| *correction) else { return };
        let open = |(of, other): &(&DeliveryId, &mut Delivery)| {
            of.channel == id.channel && other.address == to.address && other.outcome.is_none()
        };
        if let Some((_, open)) = self.of_mut(correction).find(open) {
            open.end_unsent(DeliveryState::Retracted);
        }
    }

    /// What a provider's later word makes of a delivery: forward only, and nothing of what no provider knows of.
    pub fn after_word(&self, id: DeliveryId, word: ReceiptWord) -> Option<DeliveryState> {
        let to = self.deliveries.get(&id).filter(|to| to.is_heard_of())?;
        let rank = |state| match state {
            DeliveryState::InDoubt => 1,
            DeliveryState::Accepted => 2,
            DeliveryState::Delivered => 3,
            DeliveryState::Failed => 4,
            _ => 9,
        };
        let next = match word {
            ReceiptWord::Accepted => DeliveryState::Accepted,
            ReceiptWord::Delivered | ReceiptWord::Complained | ReceiptWord::Unsubscribed => DeliveryState::Delivered,
            ReceiptWord::Failed(_) => DeliveryState::Failed,
        };
        let bounce = matches!(word, ReceiptWord::Failed(Reason::NoSuchAddress | Reason::MailboxFull | Reason::Blocked));
        let from = to.outcome.map_or(0, rank);
        (from < rank(next) && (from != 3 || bounce)).then_some(next)
    }

    /// The end that a broadcast has now, if any.
    pub fn end(&self, broadcast: i64) -> Option<State> {
        if self.of(broadcast).any(|(_, to)| to.outcome.is_none()) {
            return None;
        }
        let bad = |to: &Delivery| matches!(to.outcome, Some(DeliveryState::Failed | DeliveryState::InDoubt));
        let to = if self.of(broadcast).any(|(_, to)| bad(to)) { State::Partial } else { State::Completed };
        let from = self.broadcasts[&broadcast].state;
        (matches!(from, State::Running | State::Completed | State::Partial) && from != to).then_some(to)
    }
}
