//! Does to the store what people do, and says so to the model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestCaseResult},
};

use super::{
    super::*,
    Message,
    facts::{Broadcast, Delivery},
    world::{CHANNELS, PEOPLE, World, broke},
};
use crate::{approve::State, store::recipients::Suppression};

impl World {
    pub async fn publish(
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

    pub async fn step(&mut self, id: i64, to: State) -> TestCaseResult {
        self.bench.store.step_broadcast(id, to, &entry(self.bench.now)).await.map_err(broke)?;
        self.facts.broadcasts.get_mut(&id).expect("it is published").state = to;
        self.observe(id).await
    }

    pub async fn resume(&mut self, id: i64) -> TestCaseResult {
        let to = if self.facts.broadcasts[&id].started { State::Running } else { State::Scheduled };
        self.step(id, to).await?;
        self.close(id).await
    }

    pub async fn sweep(&mut self, id: i64) -> TestCaseResult {
        while self.bench.store.sweep_retracted(id, self.bench.now).await.map_err(broke)? {}
        for (_, to) in self.facts.of_mut(id).filter(|(_, to)| to.outcome.is_none() && !to.on_the_wire()) {
            to.end_unsent(DeliveryState::Retracted);
        }
        self.observe(id).await
    }

    pub async fn correct(&mut self, source: i64) -> TestCaseResult {
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

    pub async fn stop_everything(&mut self) -> TestCaseResult {
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

    pub async fn suppress(&mut self, person: usize, channel: Channel, opted_out: bool) -> TestCaseResult {
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

    pub async fn retry(&mut self, id: i64, in_doubt: bool, channel: Option<Channel>) -> TestCaseResult {
        let now = self.bench.now;
        let state = if in_doubt { DeliveryState::InDoubt } else { DeliveryState::Failed };
        let wanted = |(of, to): &(&DeliveryId, &Delivery)| {
            to.outcome == Some(state) && channel.is_none_or(|channel| channel == of.channel)
        };
        let found: Vec<DeliveryId> = self.facts.of(id).filter(wanted).map(|(id, _)| *id).collect();
        let stands = self.facts.broadcasts[&id].state;
        let asked = self.bench.store.retry(id, &[state], channel, now, &entry(now)).await;
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
}
