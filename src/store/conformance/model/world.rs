//! Does to the store what the engine and providers do, and says so to the model.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::SignedDuration;
use onevoice_channels::contract::{Reason, ReceiptWord};
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestCaseResult},
};

use super::{
    super::*,
    Answer, Op,
    facts::{Broadcast, Delivery, Facts},
};
use crate::{
    approve::State,
    store::deliveries::{Ask, Rescue, Returned},
};

/// How many people there are.
pub const PEOPLE: usize = 5;
pub const CHANNELS: [Channel; 2] = [Channel::Email, Channel::Sms];

pub fn provider(channel: Channel) -> &'static str {
    if channel == Channel::Email { "relay" } else { "texts" }
}

pub fn broke(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(format!("the store: {error}"))
}

/// A store with two incidents of its own, and the model of them.
pub struct World {
    pub bench: Bench,
    pub facts: Facts,
    /// What is handed out and not answered.
    pub flying: Vec<Claimed>,
    /// How many of each claim are.
    left: HashMap<i64, usize>,
    pub incidents: [i64; 2],
    /// Makes addresses, people and references of this case unlike those of the cases before in the same store.
    pub case: i64,
}

impl World {
    pub async fn new(bench: Bench) -> World {
        let incidents = [bench.incident().await, bench.incident().await];
        let (facts, flying, left) = (Facts::default(), Vec::new(), HashMap::new());
        World { bench, facts, flying, left, incidents, case: incidents[0] }
    }

    pub async fn apply(&mut self, op: &Op) -> TestCaseResult {
        match op {
            Op::Publish { incident, emails, texts, message, urgent, start } => {
                let id = self.publish(*incident, [*emails, *texts], *message, *urgent).await?;
                if *start && !self.facts.stopped { self.start(id).await } else { Ok(()) }
            }
            Op::Start(which) => match self.pick(*which, |it| it.state == State::Scheduled) {
                Some(id) if self.facts.stopped => {
                    let refused = self.bench.store.start_broadcast(id, None, &entry(self.bench.now)).await;
                    prop_assert!(refused.is_err(), "broadcast {id} started, and everything is stopped");
                    self.observe(id).await
                }
                Some(id) => self.start(id).await,
                None => Ok(()),
            },
            Op::Pause(which) => match self.pick(*which, |it| it.state.allows(State::Paused)) {
                Some(id) => self.step(id, State::Paused).await,
                None => Ok(()),
            },
            Op::Resume(which) => match self.pick(*which, |it| it.state == State::Paused) {
                Some(id) if self.facts.stopped => {
                    let refused = self.bench.store.step_broadcast(id, State::Running, &entry(self.bench.now)).await;
                    prop_assert!(refused.is_err(), "broadcast {id} goes on, and everything is stopped");
                    self.observe(id).await
                }
                Some(id) => self.resume(id).await,
                None => Ok(()),
            },
            Op::Retract(which) => match self.pick(*which, |it| it.state.allows(State::Retracted)) {
                Some(id) => {
                    self.step(id, State::Retracted).await?;
                    self.sweep(id).await
                }
                None => Ok(()),
            },
            Op::Correct(which) => match self.pick(*which, |_| true) {
                Some(id) => self.correct(id).await,
                None => Ok(()),
            },
            Op::StopEverything => self.stop_everything().await,
            Op::StartAgain => self.start_again().await,
            Op::Turn { answers, back, asks } => {
                let asks: Vec<(Channel, i64, bool)> = asks
                    .iter()
                    .map(|(texts, most, first)| (CHANNELS[usize::from(*texts)], i64::from(*most), *first))
                    .collect();
                self.turn(answers, back, &asks).await.map(drop)
            }
            Op::Receipt { which, word, by_reference } => self.receipt(*which, *word, *by_reference).await,
            Op::Forge(word) => self.forge(*word).await,
            Op::Suppress { person, texts, opted_out } => {
                self.suppress(usize::from(*person) % PEOPLE, CHANNELS[usize::from(*texts)], *opted_out).await
            }
            Op::Retry { which, in_doubt, channel } => match self.pick(*which, |_| true) {
                Some(id) => self.retry(id, *in_doubt, channel.map(|texts| CHANNELS[usize::from(texts)])).await,
                None => Ok(()),
            },
            Op::Wait(time) => {
                self.bench.now += SignedDuration::from_millis(i64::from(*time));
                Ok(())
            }
            // Takes the store itself, so it is done by the caller.
            Op::Crash { .. } => Ok(()),
        }
    }

    fn pick(&self, which: u8, wanted: impl Fn(&Broadcast) -> bool) -> Option<i64> {
        let found: Vec<i64> = self.facts.broadcasts.iter().filter(|(_, it)| wanted(it)).map(|(id, _)| *id).collect();
        (!found.is_empty()).then(|| found[usize::from(which) % found.len()])
    }

    pub fn address(&self, channel: Channel, person: usize) -> String {
        format!("{}-{person}@{}", self.case, channel.as_str())
    }

    fn reference(&self, id: DeliveryId) -> String {
        format!("ref-{id}")
    }

    pub async fn claim(&mut self, channel: Channel, most: i64, waiting_first: bool) -> Result<bool, TestCaseError> {
        Ok(self.turn(&[], &[], &[(channel, most, waiting_first)]).await? > 0)
    }

    /// One transaction of the ledger: outcomes, what comes back, and what connections ask for. Answers how many of these
    /// got something to do.
    pub async fn turn(
        &mut self,
        answers: &[(u8, Answer)],
        back: &[u8],
        asks: &[(Channel, i64, bool)],
    ) -> Result<usize, TestCaseError> {
        let now = self.bench.now;
        let mut taken = Vec::new();
        let records: Vec<Record> =
            answers.iter().filter_map(|(which, answer)| self.told(*which, *answer, &mut taken)).collect();
        let mut returned = Returned { items: Vec::new(), claims: Vec::new(), reason: "stopped" };
        for which in back {
            let Some((item, last)) = self.land(*which, &mut taken) else { continue };
            returned.claims.extend(last.then_some(item.claim));
            returned.items.push(Arc::new(item));
        }
        let asked = |(channel, max, prefer_waiting): &(Channel, i64, bool)| Ask {
            channel: *channel,
            provider: provider(*channel).to_owned(),
            exercise: false,
            prefer_waiting: *prefer_waiting,
            max: *max,
        };
        let asked: Vec<Ask> = asks.iter().map(asked).collect();
        let back = if returned.items.is_empty() { Vec::new() } else { vec![returned] };
        let turn = self.bench.store.turn(&records, &back, &asked, now).await.map_err(broke)?;

        let lost: Vec<DeliveryId> =
            records.iter().filter(|record| self.learn(record)).map(|record| record.id).collect();
        // All of a group is known at once.
        for id in lost {
            self.facts.nothing_to_correct(id);
        }
        for item in back.iter().flat_map(|back| &back.items) {
            self.take_back(item);
        }
        let mut touched: BTreeSet<i64> = taken.iter().map(|id| id.broadcast).collect();
        let got = self.claimed(&turn.claims, asks, &mut touched).await?;
        for id in &turn.complete {
            let open = self.facts.of(*id).find(|(_, to)| to.outcome.is_none());
            prop_assert!(open.is_none(), "broadcast {id} is said to be complete, and {open:?}");
        }
        self.settle_down(touched).await?;
        Ok(got)
    }

    /// Looks at what connections were given, each with the reasons for what they were not.
    async fn claimed(
        &mut self,
        claims: &[Option<Claim>],
        asks: &[(Channel, i64, bool)],
        touched: &mut BTreeSet<i64>,
    ) -> Result<usize, TestCaseError> {
        prop_assert_eq!(claims.len(), asks.len(), "each ask has its answer");
        let (mut got, mut settled) = (0, BTreeSet::new());
        for (claim, (channel, most, _)) in claims.iter().zip(asks) {
            let Some(claim) = claim else {
                settled.extend(self.reconcile_all(*channel).await?);
                self.nothing_could_go(*channel)?;
                continue;
            };
            got += 1;
            touched.insert(claim.broadcast_id);
            prop_assert!(claim.items.len() as i64 <= *most, "{} in a claim of {most}", claim.items.len());
            self.corrections_go_first(claim.broadcast_id, *channel)?;
            let pending = |item: &&Claimed| self.facts.deliveries.get(&item.id).is_some_and(Delivery::is_pending);
            let fresh: Vec<DeliveryId> = claim.items.iter().filter(pending).map(|item| item.id).collect();
            for item in &claim.items {
                self.hand_out(item)?;
            }
            // What had to wait was put aside on the way, whosever it is.
            settled.extend(self.reconcile_all(*channel).await?);
            let broadcast = &self.facts.broadcasts[&claim.broadcast_id];
            if fresh.iter().any(|id| broadcast.served.contains(id)) {
                let waits = |id: &&DeliveryId| id.channel == *channel && self.facts.deliveries[*id].is_pending();
                let late = broadcast.overtaken.iter().find(waits);
                prop_assert!(late.is_none(), "{late:?} was overtaken last time, and does not go first");
            }
        }
        let said: BTreeSet<i64> =
            claims.iter().flatten().filter(|claim| claim.settled).map(|claim| claim.broadcast_id).collect();
        prop_assert!(said.is_superset(&settled), "what was settled without a send is not said: {settled:?}, {said:?}");
        Ok(got)
    }

    fn nothing_could_go(&self, channel: Channel) -> TestCaseResult {
        for (id, to) in self.facts.deliveries.iter().filter(|(id, _)| id.channel == channel) {
            let running = self.facts.broadcasts[&id.broadcast].state == State::Running;
            let ready = to.is_pending() || to.outcome.is_none() && to.due.is_some_and(|due| due <= self.bench.now);
            prop_assert!(!(running && ready), "{id} could go, and nothing was claimed");
        }
        Ok(())
    }

    fn corrections_go_first(&self, claimed: i64, channel: Channel) -> TestCaseResult {
        if self.facts.broadcasts[&claimed].message == MessageKind::Correction {
            return Ok(());
        }
        for (id, to) in self.facts.deliveries.iter().filter(|(id, _)| id.channel == channel) {
            let it = &self.facts.broadcasts[&id.broadcast];
            let goes = it.message == MessageKind::Correction && it.state == State::Running;
            let ready = to.is_pending() || to.outcome.is_none() && to.due.is_some_and(|due| due <= self.bench.now);
            prop_assert!(!(goes && ready), "broadcast {claimed} was claimed before the correction's {id}");
        }
        Ok(())
    }

    /// Everything that must be so when a delivery is handed to a connection.
    fn hand_out(&mut self, item: &Claimed) -> TestCaseResult {
        let id = item.id;
        prop_assert!(self.facts.deliveries.contains_key(&id), "{id} is not in the snapshot");
        let (to, broadcast) = (&self.facts.deliveries[&id], &self.facts.broadcasts[&id.broadcast]);
        prop_assert_eq!(broadcast.state, State::Running, "{} was handed out", id);
        prop_assert_eq!(&to.address, &item.address, "the address of {}", id);
        prop_assert_eq!(to.outcome, None, "{} was handed out again", id);
        prop_assert!(!to.on_the_wire(), "{id} is on the wire already");
        prop_assert!(to.due.is_none_or(|due| due <= self.bench.now), "{id} was handed out before its time");
        prop_assert_eq!(to.attempts, item.attempts, "the attempts of {}", id);
        prop_assert!(!self.facts.superseded(id), "{id} was handed out, and a later update replaces it");
        prop_assert!(!self.facts.is_suppressed(id), "{id} was handed out, and its address is suppressed");
        prop_assert!(!self.facts.has_to_wait(id), "{id} was handed out before an earlier message to {}", to.address);
        let to = self.facts.deliveries.get_mut(&id).expect("it is there");
        to.flying += 1;
        to.due = None;
        self.flying.push(item.clone());
        *self.left.entry(item.claim).or_default() += 1;
        Ok(())
    }

    /// What has to wait for an earlier message at this moment.
    fn waiting(&self, channel: Channel) -> BTreeSet<DeliveryId> {
        let ids = self.facts.deliveries.keys().filter(|id| id.channel == channel);
        ids.filter(|id| self.facts.has_to_wait(**id)).copied().collect()
    }

    /// The same for every broadcast; answers those of which something was settled.
    async fn reconcile_all(&mut self, channel: Channel) -> Result<Vec<i64>, TestCaseError> {
        let mut settled = Vec::new();
        // One claim looks at all of them, and settles after it has looked: what had its reason then has it.
        let waiting = self.waiting(channel);
        for broadcast in self.facts.broadcasts.keys().copied().collect::<Vec<_>>() {
            if self.reconcile(broadcast, channel, &waiting).await? {
                settled.push(broadcast);
            }
        }
        Ok(settled)
    }

    /// What a claim settled, or put back to wait: each needs its reason. Answers whether anything was settled.
    async fn reconcile(
        &mut self,
        broadcast: i64,
        channel: Channel,
        waiting: &BTreeSet<DeliveryId>,
    ) -> Result<bool, TestCaseError> {
        let listed = self.bench.store.deliveries(broadcast, Some(channel), None, None, 1000).await.map_err(broke)?;
        let mut settled = false;
        for seen in listed {
            let id = DeliveryId { broadcast, channel, ordinal: seen.ordinal };
            let to = &self.facts.deliveries[&id];
            if to.outcome.is_some() || (to.label() == seen.state && to.due == seen.due_at) {
                continue;
            }
            if DeliveryState::parse(&seen.state).is_some() {
                prop_assert!(!to.on_the_wire(), "{id} is on the wire and was settled as {}", seen.state);
                let why = [
                    (self.facts.superseded(id), DeliveryState::Superseded),
                    (self.facts.is_suppressed(id), DeliveryState::Suppressed),
                ];
                let why = why.into_iter().find_map(|(holds, state)| holds.then_some(state));
                prop_assert!(why.is_some(), "{id} became {} for no reason", seen.state);
                settled = true;
                self.facts.deliveries.get_mut(&id).expect("it is there").end_unsent(why.expect("just seen"));
            } else if let Some(due) = seen.due_at.filter(|_| !to.on_the_wire()) {
                let why = due <= self.bench.now || waiting.contains(&id);
                prop_assert!(why, "{id} has to wait for nothing");
                self.facts.deliveries.get_mut(&id).expect("it is there").due = Some(due);
            }
        }
        Ok(settled)
    }

    /// Takes a delivery out of those on the wire; whether it was its claim's last.
    fn land(&mut self, which: u8, taken: &mut Vec<DeliveryId>) -> Option<(Claimed, bool)> {
        let place = usize::from(which).checked_rem(self.flying.len())?;
        if taken.contains(&self.flying[place].id) {
            return None;
        }
        let item = self.flying.remove(place);
        taken.push(item.id);
        let left = self.left.get_mut(&item.claim).expect("it was claimed");
        *left -= 1;
        let last = *left == 0;
        self.facts.deliveries.get_mut(&item.id).expect("it is there").flying -= 1;
        Some((item, last))
    }

    fn told(&mut self, which: u8, answer: Answer, taken: &mut Vec<DeliveryId>) -> Option<Record> {
        let (item, ends_claim) = self.land(which, taken)?;
        let (verdict, attempt) = answer.told(self.bench.now, self.reference(item.id));
        let gone = matches!(&verdict, Verdict::End { reason: Some(reason), .. } if reason.suppresses());
        Some(Record {
            claim: item.claim,
            id: item.id,
            attempts: item.attempts,
            provider: provider(item.id.channel).to_owned(),
            at: self.bench.now,
            verdict,
            attempt,
            referable: true,
            ends_claim,
            suppress: gone.then_some(item.address),
            pinned: item.pinned.is_some(),
        })
    }

    /// Closes and compares what was touched, as the ledger does after a group.
    async fn settle_down(&mut self, touched: BTreeSet<i64>) -> TestCaseResult {
        for id in touched {
            self.close(id).await?;
            self.observe(id).await?;
            let correction = self.facts.broadcasts.iter().find(|(_, it)| it.source == Some(id)).map(|(id, _)| *id);
            if let Some(correction) = correction {
                self.observe(correction).await?;
            }
        }
        Ok(())
    }

    /// What an answer changes; whether it is now known that the message did not arrive.
    fn learn(&mut self, record: &Record) -> bool {
        let retracted = self.facts.broadcasts[&record.id.broadcast].state == State::Retracted;
        let to = self.facts.deliveries.get_mut(&record.id).expect("it is there");
        if let Some((word, _, _)) = &record.attempt {
            to.known = true;
            if *word == "in_doubt" {
                to.doubts += 1;
                to.marks += 1;
            }
        }
        let open = to.outcome.is_none();
        match &record.verdict {
            Verdict::End { state, reference, .. } => {
                if open {
                    (to.outcome, to.due) = (Some(*state), None);
                }
                if let Some(address) = &record.suppress {
                    self.facts.suppressed.insert((record.id.channel, address.clone(), "no_such_address"));
                }
                if let Some(reference) = reference {
                    self.facts.references.insert(reference.clone(), record.id);
                    if let Some((word, _)) = self.facts.parked.remove(reference) {
                        self.hear(record.id, word);
                    }
                }
                open && *state == DeliveryState::Failed
            }
            Verdict::Again { due_at, counts, .. } if open => {
                if retracted {
                    to.end_unsent(DeliveryState::Retracted);
                } else {
                    to.due = Some(*due_at);
                    to.attempts = record.attempts + u32::from(*counts);
                }
                retracted
            }
            Verdict::Again { .. } => false,
            // The model's destinations are never slow.
            Verdict::Aside { .. } => false,
        }
    }

    fn take_back(&mut self, item: &Claimed) {
        let retracted = self.facts.broadcasts[&item.id.broadcast].state == State::Retracted;
        let to = self.facts.deliveries.get_mut(&item.id).expect("it is there");
        if to.outcome.is_some() {
            return;
        }
        if retracted {
            to.end_unsent(DeliveryState::Retracted);
            self.facts.nothing_to_correct(item.id);
        } else {
            to.due = Some(self.bench.now);
            to.attempts = item.attempts;
        }
    }

    /// What a receipt changes, if anything.
    fn hear(&mut self, id: DeliveryId, word: ReceiptWord) -> Option<DeliveryState> {
        if let Some(to) = self.facts.deliveries.get(&id).filter(|to| to.is_heard_of())
            && word == ReceiptWord::Complained
        {
            self.facts.suppressed.insert((id.channel, to.address.clone(), "complaint"));
        }
        let next = self.facts.after_word(id, word)?;
        let to = self.facts.deliveries.get_mut(&id).expect("it is there");
        let early = to.on_the_wire();
        if to.outcome == Some(DeliveryState::InDoubt) || (to.outcome.is_none() && !early) {
            to.doubts = to.doubts.saturating_sub(1);
        }
        (to.outcome, to.due, to.known) = (Some(next), None, true);
        let address = (id.channel, to.address.clone());
        if next == DeliveryState::Delivered {
            self.facts.full.remove(&address);
        }
        if word == ReceiptWord::Failed(Reason::MailboxFull) {
            let full = self.facts.full.entry(address.clone()).or_default();
            full.insert(id.broadcast);
            if full.len() >= 3 {
                self.facts.suppressed.insert((address.0, address.1, "mailbox_full"));
            }
        }
        let to = &self.facts.deliveries[&id];
        if let ReceiptWord::Failed(reason) = word {
            if reason.suppresses() {
                self.facts.suppressed.insert((id.channel, to.address.clone(), "no_such_address"));
            }
            if early {
                self.facts.nothing_to_correct(id);
            }
        }
        Some(next)
    }

    async fn receipt(&mut self, which: u8, word: ReceiptWord, by_reference: bool) -> TestCaseResult {
        let Some(place) = usize::from(which).checked_rem(self.facts.deliveries.len()) else { return Ok(()) };
        let id = *self.facts.deliveries.keys().nth(place).expect("it is within");
        let (of, now) = (provider(id.channel), self.bench.now);
        if by_reference {
            let reference = self.reference(id);
            let kept = now - SignedDuration::from_mins(15);
            if self.facts.parked.get(&reference).is_some_and(|(_, at)| *at >= kept) {
                return Ok(());
            }
            self.facts.parked.retain(|_, (_, at)| *at >= kept);
            let found = self.bench.store.delivery_by_reference(of, &reference, word, now).await.map_err(broke)?;
            prop_assert_eq!(found, self.facts.references.get(&reference).copied(), "whom {} means", reference);
            if found.is_none() {
                self.facts.parked.insert(reference, (word, now));
                return Ok(());
            }
        }
        let changed = self.bench.store.apply_receipt(id, of, word, now).await.map_err(broke)?;
        prop_assert_eq!(changed, self.hear(id, word), "what {:?} makes of {}", word, id);
        if changed.is_some() {
            self.settle_down(BTreeSet::from([id.broadcast])).await
        } else {
            self.observe(id.broadcast).await
        }
    }

    /// Receipts for what does not exist, or was never handed over.
    async fn forge(&mut self, word: ReceiptWord) -> TestCaseResult {
        let Some(broadcast) = self.facts.broadcasts.keys().next_back().copied() else { return Ok(()) };
        let nowhere = DeliveryId { broadcast, channel: Channel::Email, ordinal: 99 };
        let changed = self.bench.store.apply_receipt(nowhere, "relay", word, self.bench.now).await.map_err(broke)?;
        prop_assert_eq!(changed, None);
        self.observe(broadcast).await
    }

    /// What a start after a crash finds: exactly what was claimed and has no outcome is in doubt.
    pub async fn rescue(&mut self) -> TestCaseResult {
        let now = self.bench.now;
        let rule = |channel, _: &str, _| if channel == Channel::Email { Rescue::Resend } else { Rescue::Hold };
        let found = self.bench.store.rescue(rule, now).await.map_err(broke)?;
        let mut should = 0;
        for (id, to) in &mut self.facts.deliveries {
            if to.on_the_wire() {
                should += 1;
                to.known = true;
                to.doubts += 1;
                to.marks += 1;
                if id.channel == Channel::Email && self.facts.broadcasts[&id.broadcast].state != State::Retracted {
                    to.due = Some(now);
                    to.attempts += 1;
                } else {
                    to.outcome = Some(DeliveryState::InDoubt);
                }
            }
            to.flying = 0;
        }
        self.flying.clear();
        self.left.clear();
        prop_assert_eq!(found, should, "what a crash leaves in doubt");
        let all: Vec<i64> = self.facts.broadcasts.keys().copied().collect();
        for id in all {
            if self.facts.broadcasts[&id].state == State::Running {
                self.close(id).await?;
            }
            self.observe(id).await?;
        }
        Ok(())
    }
}
