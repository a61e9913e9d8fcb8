//! Does to the store what the engine and people do, says so to the model, and compares the two after each step.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::SignedDuration;
use onevoice_channels::contract::ReceiptWord;
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestCaseResult},
};

use super::{
    super::*,
    Answer, Message, Op,
    facts::{Broadcast, Delivery, Facts},
};
use crate::{
    approve::State,
    store::{deliveries::Rescue, recipients::Suppression},
};

/// How many people there are.
const PEOPLE: usize = 5;
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
    incidents: [i64; 2],
    /// Makes addresses, people and references of this case unlike those of the cases before in the same store.
    case: i64,
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
            Op::Claim { texts, most, waiting_first } => {
                self.claim(CHANNELS[usize::from(*texts)], i64::from(*most), *waiting_first).await.map(drop)
            }
            Op::Answer(answers) => self.answer(answers).await,
            Op::GiveBack(which) => self.give_back(which).await,
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

    fn address(&self, channel: Channel, person: usize) -> String {
        format!("{}-{person}@{}", self.case, channel.as_str())
    }

    fn reference(&self, id: DeliveryId) -> String {
        format!("ref-{id}")
    }

    async fn publish(
        &mut self,
        incident: bool,
        reached: [u8; 2],
        message: Message,
        urgent: bool,
    ) -> Result<i64, TestCaseError> {
        let incident = self.incidents[usize::from(incident)];
        let kind =
            Kind_ { everywhere: message == Message::Everywhere, by_law: message == Message::ByLaw, exercise: false };
        let message = if message == Message::Holding { MessageKind::Holding } else { MessageKind::Update };
        let mut rows: BTreeMap<Channel, Vec<SnapshotRow>> = BTreeMap::new();
        for (channel, reached) in CHANNELS.into_iter().zip(reached) {
            for person in (0..PEOPLE).filter(|person| reached >> person & 1 == 1) {
                let rows = rows.entry(channel).or_default();
                let mut next = row(rows.len(), &self.address(channel, person));
                next.recipient_id = Some(self.case * 100 + person as i64);
                rows.push(next);
            }
        }
        let id = self.bench.frozen(incident, message, if urgent { 1 } else { 2 }, kind, &rows).await;
        self.bench.store.approve_broadcast(id, "digest", 2, 1, &entry(self.bench.now)).await.map_err(broke)?;
        let broadcast = Broadcast {
            incident,
            message,
            everywhere: kind.everywhere,
            by_law: kind.by_law,
            state: State::Scheduled,
            started: false,
            source: None,
            overtaken: BTreeSet::new(),
            served: BTreeSet::new(),
        };
        self.facts.broadcasts.insert(id, broadcast);
        for (channel, rows) in rows {
            for row in rows {
                let delivery = Delivery::new(row.address, row.recipient_id.unwrap_or_default());
                self.facts.deliveries.insert(DeliveryId { broadcast: id, channel, ordinal: row.ordinal }, delivery);
            }
        }
        Ok(id)
    }

    pub async fn start(&mut self, id: i64) -> TestCaseResult {
        let (incident, message) = (self.facts.broadcasts[&id].incident, self.facts.broadcasts[&id].message);
        let effects = StartEffects { status: Status::Investigating, components: Vec::new(), next_update_at: None };
        let effects = (message == MessageKind::Update).then_some(&effects);
        self.bench.store.start_broadcast(id, effects, &entry(self.bench.now)).await.map_err(broke)?;
        // Whom the one update before has not reached goes first. With several before, the latest unfinished one counts;
        // who is first then is a matter of both, and not said here.
        let before = self.facts.broadcasts.iter().filter(|(_, it)| it.incident == incident && it.started);
        let before: Vec<i64> = before.map(|(id, _)| *id).collect();
        if let ([before], MessageKind::Update) = (before.as_slice(), message)
            && *before < id
            && self.facts.broadcasts[before].message == MessageKind::Update
        {
            let waits = |id: DeliveryId, to: &Delivery| {
                let mut earlier = self.facts.of(*before).filter(|(of, _)| of.channel == id.channel);
                earlier.find(|(_, of)| of.address == to.address).map(|(_, of)| of.is_pending())
            };
            let of = |pending| {
                self.facts.of(id).filter(|(id, to)| waits(**id, to) == Some(pending)).map(|(id, _)| *id).collect()
            };
            let (overtaken, served) = (of(true), of(false));
            let broadcast = self.facts.broadcasts.get_mut(&id).expect("it is published");
            (broadcast.overtaken, broadcast.served) = (overtaken, served);
        }
        let broadcast = self.facts.broadcasts.get_mut(&id).expect("it is published");
        (broadcast.state, broadcast.started) = (State::Running, true);
        self.close(id).await
    }

    async fn step(&mut self, id: i64, to: State) -> TestCaseResult {
        self.bench.store.step_broadcast(id, to, &entry(self.bench.now)).await.map_err(broke)?;
        self.facts.broadcasts.get_mut(&id).expect("it is published").state = to;
        self.observe(id).await
    }

    pub async fn resume(&mut self, id: i64) -> TestCaseResult {
        let to = if self.facts.broadcasts[&id].started { State::Running } else { State::Scheduled };
        self.step(id, to).await?;
        self.close(id).await
    }

    async fn sweep(&mut self, id: i64) -> TestCaseResult {
        while self.bench.store.sweep_retracted(id, self.bench.now).await.map_err(broke)? {}
        for (_, to) in self.facts.of_mut(id).filter(|(_, to)| to.outcome.is_none() && !to.on_the_wire()) {
            to.end_unsent(DeliveryState::Retracted);
        }
        self.observe(id).await
    }

    async fn correct(&mut self, source: i64) -> TestCaseResult {
        let now = self.bench.now;
        let original = self.facts.broadcasts[&source].clone();
        let corrected = self.facts.broadcasts.values().any(|it| it.source == Some(source));
        if original.message != MessageKind::Update || !original.started || corrected {
            let refused = self.bench.store.begin_correction(source, &entry(now)).await;
            prop_assert!(refused.is_err(), "broadcast {source} cannot be corrected");
            return Ok(());
        }
        let wanted = self.facts.to_correct(source);
        let id = self.bench.store.begin_correction(source, &entry(now)).await.map_err(broke)?;
        let listed = self.bench.store.deliveries(id, None, None, None, 1000).await.map_err(broke)?;
        let goes: BTreeSet<(Channel, String)> = listed.iter().map(|to| (to.channel, to.address.clone())).collect();
        let should: BTreeSet<(Channel, String)> =
            wanted.iter().map(|(id, to)| (id.channel, to.address.clone())).collect();
        prop_assert_eq!(goes, should, "whom the correction {} of {} goes to", id, source);
        for to in listed {
            let place = DeliveryId { broadcast: id, channel: to.channel, ordinal: to.ordinal };
            let delivery = Delivery::new(to.address, to.recipient_id.unwrap_or_default());
            self.facts.deliveries.insert(place, delivery);
        }
        let correction = Broadcast {
            message: MessageKind::Correction,
            state: State::Scheduled,
            started: false,
            everywhere: false,
            by_law: true,
            source: Some(source),
            ..original
        };
        self.facts.broadcasts.insert(id, correction);
        self.facts.broadcasts.get_mut(&source).expect("it is there").state = State::Retracted;
        self.sweep(source).await?;
        self.observe(id).await
    }

    async fn stop_everything(&mut self) -> TestCaseResult {
        let stopped = self.bench.store.stop_everything(&entry(self.bench.now)).await.map_err(broke)?;
        let mut should = Vec::new();
        for (id, it) in &mut self.facts.broadcasts {
            if matches!(it.state, State::Running | State::Scheduled) {
                it.state = State::Paused;
                should.push(*id);
            }
        }
        prop_assert_eq!(stopped, should, "what the stop stopped");
        self.facts.stopped = true;
        Ok(())
    }

    pub async fn start_again(&mut self) -> TestCaseResult {
        self.bench.store.set_meta("stopped", None).await.map_err(broke)?;
        self.facts.stopped = false;
        Ok(())
    }

    pub async fn claim(&mut self, channel: Channel, most: i64, waiting_first: bool) -> Result<bool, TestCaseError> {
        let now = self.bench.now;
        let claimed = self.bench.store.claim(channel, provider(channel), false, waiting_first, most, now).await;
        let Some(claim) = claimed.map_err(broke)? else {
            for (id, to) in self.facts.deliveries.iter().filter(|(id, _)| id.channel == channel) {
                let running = self.facts.broadcasts[&id.broadcast].state == State::Running;
                let ready = to.is_pending() || to.outcome.is_none() && to.due.is_some_and(|due| due <= now);
                prop_assert!(!(running && ready), "{id} could go, and nothing was claimed");
            }
            return Ok(false);
        };
        prop_assert!(claim.items.len() as i64 <= most, "{} in a claim of {most}", claim.items.len());
        self.corrections_go_first(claim.broadcast_id, channel)?;
        let mut fresh = BTreeSet::new();
        for item in &claim.items {
            if self.facts.deliveries.get(&item.id).is_some_and(Delivery::is_pending) {
                fresh.insert(item.id);
            }
            self.hand_out(item)?;
        }
        let settled = self.reconcile(claim.broadcast_id, channel).await?;
        prop_assert!(claim.settled || !settled, "what was settled without a send is not said");
        let broadcast = &self.facts.broadcasts[&claim.broadcast_id];
        if fresh.iter().any(|id| broadcast.served.contains(id)) {
            let late =
                broadcast.overtaken.iter().find(|id| id.channel == channel && self.facts.deliveries[id].is_pending());
            prop_assert!(late.is_none(), "{late:?} was overtaken last time, and does not go first");
        }
        if claim.settled {
            self.close(claim.broadcast_id).await?;
        }
        self.observe(claim.broadcast_id).await?;
        Ok(true)
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

    /// What a claim settled, or put back to wait: each needs its reason. Answers whether anything was settled.
    async fn reconcile(&mut self, broadcast: i64, channel: Channel) -> Result<bool, TestCaseError> {
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
                let why = due <= self.bench.now || self.facts.has_to_wait(id);
                prop_assert!(why, "{id} has to wait for nothing");
                self.facts.deliveries.get_mut(&id).expect("it is there").due = Some(due);
            }
        }
        Ok(settled)
    }

    /// Takes deliveries out of those on the wire; whether each was its claim's last.
    fn land(&mut self, which: u8, taken: &[DeliveryId]) -> Option<(Claimed, bool)> {
        let place = usize::from(which).checked_rem(self.flying.len())?;
        if taken.contains(&self.flying[place].id) {
            return None;
        }
        let item = self.flying.remove(place);
        let left = self.left.get_mut(&item.claim).expect("it was claimed");
        *left -= 1;
        let last = *left == 0;
        self.facts.deliveries.get_mut(&item.id).expect("it is there").flying -= 1;
        Some((item, last))
    }

    pub async fn answer(&mut self, answers: &[(u8, Answer)]) -> TestCaseResult {
        let now = self.bench.now;
        let (mut records, mut taken) = (Vec::new(), Vec::new());
        for (which, answer) in answers {
            let Some((item, ends_claim)) = self.land(*which, &taken) else { continue };
            taken.push(item.id);
            let (verdict, attempt) = answer.told(now, self.reference(item.id));
            let gone = matches!(&verdict, Verdict::End { reason: Some(reason), .. } if reason.suppresses());
            records.push(Record {
                claim: item.claim,
                id: item.id,
                attempts: item.attempts,
                provider: provider(item.id.channel).to_owned(),
                at: now,
                verdict,
                attempt,
                referable: true,
                ends_claim,
                suppress: gone.then(|| item.address.clone()),
            });
        }
        if records.is_empty() {
            return Ok(());
        }
        self.bench.store.record(&records).await.map_err(broke)?;
        let lost: Vec<DeliveryId> =
            records.iter().filter(|record| self.learn(record)).map(|record| record.id).collect();
        // All of a group is known at once.
        for id in lost {
            self.facts.nothing_to_correct(id);
        }
        self.settle_down(taken).await
    }

    /// Closes and compares what was touched, as the recorder does after a group.
    async fn settle_down(&mut self, taken: Vec<DeliveryId>) -> TestCaseResult {
        let touched: BTreeSet<i64> = taken.iter().map(|id| id.broadcast).collect();
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
        }
    }

    async fn give_back(&mut self, which: &[u8]) -> TestCaseResult {
        let (mut items, mut ended) = (Vec::new(), Vec::new());
        for which in which {
            let Some((item, last)) = self.land(*which, &[]) else { continue };
            if last {
                ended.push(item.claim);
            }
            items.push(item);
        }
        if items.is_empty() {
            return Ok(());
        }
        self.bench.store.release(&items, &ended, self.bench.now, "stopped").await.map_err(broke)?;
        for item in &items {
            let retracted = self.facts.broadcasts[&item.id.broadcast].state == State::Retracted;
            let to = self.facts.deliveries.get_mut(&item.id).expect("it is there");
            if to.outcome.is_some() {
                continue;
            }
            if retracted {
                to.end_unsent(DeliveryState::Retracted);
                self.facts.nothing_to_correct(item.id);
            } else {
                to.due = Some(self.bench.now);
                to.attempts = item.attempts;
            }
        }
        self.settle_down(items.iter().map(|item| item.id).collect()).await
    }

    /// What a receipt changes, if anything.
    fn hear(&mut self, id: DeliveryId, word: ReceiptWord) -> Option<DeliveryState> {
        let next = self.facts.after_word(id, word)?;
        let to = self.facts.deliveries.get_mut(&id).expect("it is there");
        let early = to.on_the_wire();
        if to.outcome == Some(DeliveryState::InDoubt) || (to.outcome.is_none() && !early) {
            to.doubts = to.doubts.saturating_sub(1);
        }
        (to.outcome, to.due, to.known) = (Some(next), None, true);
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
        if changed.is_some() { self.settle_down(vec![id]).await } else { self.observe(id.broadcast).await }
    }

    /// Receipts for what does not exist, or was never handed over.
    async fn forge(&mut self, word: ReceiptWord) -> TestCaseResult {
        let Some(broadcast) = self.facts.broadcasts.keys().next_back().copied() else { return Ok(()) };
        let nowhere = DeliveryId { broadcast, channel: Channel::Email, ordinal: 99 };
        let changed = self.bench.store.apply_receipt(nowhere, "relay", word, self.bench.now).await.map_err(broke)?;
        prop_assert_eq!(changed, None);
        self.observe(broadcast).await
    }

    async fn suppress(&mut self, person: usize, channel: Channel, opted_out: bool) -> TestCaseResult {
        let reason = if opted_out { "opted_out" } else { "complaint" };
        let suppression = Suppression {
            channel,
            value: self.address(channel, person),
            reason: reason.to_owned(),
            note: String::new(),
            created_at: self.bench.now,
            expires_at: None,
            created_by: "test".to_owned(),
        };
        self.bench.store.suppress(&suppression, &entry(self.bench.now)).await.map_err(broke)?;
        self.facts.suppressed.insert((channel, suppression.value, reason));
        Ok(())
    }

    async fn retry(&mut self, id: i64, in_doubt: bool, channel: Option<Channel>) -> TestCaseResult {
        let now = self.bench.now;
        let state = if in_doubt { DeliveryState::InDoubt } else { DeliveryState::Failed };
        let wanted = |(of, to): &(&DeliveryId, &Delivery)| {
            to.outcome == Some(state) && channel.is_none_or(|channel| channel == of.channel)
        };
        let found: Vec<DeliveryId> = self.facts.of(id).filter(wanted).map(|(id, _)| *id).collect();
        let stands = self.facts.broadcasts[&id].state;
        let asked = self.bench.store.retry(id, &[state], channel, &entry(now)).await;
        let may = match stands {
            State::Partial => !self.facts.stopped,
            other => matches!(other, State::Running | State::Paused),
        };
        if found.is_empty() || !may {
            prop_assert!(asked.is_err(), "there is nothing to send again in broadcast {id}, which is {stands:?}");
            return self.observe(id).await;
        }
        prop_assert_eq!(asked.map_err(broke)?, found.len() as i64, "only those, and all of them");
        for of in found {
            let to = self.facts.deliveries.get_mut(&of).expect("it is there");
            (to.outcome, to.due, to.attempts, to.known) = (None, Some(now), 0, true);
        }
        if stands == State::Partial {
            self.facts.broadcasts.get_mut(&id).expect("it is there").state = State::Running;
        }
        self.observe(id).await
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
