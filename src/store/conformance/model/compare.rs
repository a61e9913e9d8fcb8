//! What the store says, next to what the model says.

use proptest::{prelude::*, test_runner::TestCaseResult};

use super::{
    super::*,
    Answer,
    world::{CHANNELS, World, broke},
};
use crate::approve::State;

impl World {
    /// Ends a broadcast exactly when the model says so, and as what.
    pub async fn close(&mut self, id: i64) -> TestCaseResult {
        let should = self.facts.end(id);
        let closed = self.bench.store.close_if_done(id, self.bench.now).await.map_err(broke)?;
        prop_assert_eq!(closed, should, "how broadcast {} ends", id);
        if let Some(to) = closed {
            self.facts.broadcasts.get_mut(&id).expect("it is there").state = to;
        }
        Ok(())
    }

    /// Every delivery of a broadcast stands where the model has it, and the counters are its rows.
    pub async fn observe(&self, id: i64) -> TestCaseResult {
        let listed = self.bench.store.deliveries(id, None, None, None, 1000).await.map_err(broke)?;
        let seen: BTreeMap<DeliveryId, &str> = listed
            .iter()
            .map(|to| (DeliveryId { broadcast: id, channel: to.channel, ordinal: to.ordinal }, to.state.as_str()))
            .collect();
        let should: BTreeMap<DeliveryId, &str> = self.facts.of(id).map(|(id, to)| (*id, to.label())).collect();
        prop_assert_eq!(seen, should, "the deliveries of broadcast {}", id);
        let progress = self.bench.store.progress(id).await.map_err(broke)?;
        for channel in CHANNELS {
            let mut rows: BTreeMap<DeliveryState, i64> = BTreeMap::new();
            let of = || self.facts.of(id).filter(|(id, _)| id.channel == channel);
            for state in of().filter_map(|(_, to)| to.outcome) {
                *rows.entry(state).or_default() += 1;
            }
            let counted = progress.get(&channel).cloned().unwrap_or_default();
            prop_assert_eq!(counted.outcomes, rows, "the counters of broadcast {}", id);
            prop_assert_eq!(counted.total, of().count() as i64, "the total of broadcast {}", id);
        }
        let stands = self.bench.store.broadcast(id).await.map_err(broke)?.state;
        prop_assert_eq!(stands, self.facts.broadcasts[&id].state, "where broadcast {} stands", id);
        Ok(())
    }

    /// Lets everything go to its end: whatever happened before, each broadcast then adds up to its snapshot.
    pub async fn run_out(&mut self) -> TestCaseResult {
        self.start_again().await?;
        let all: Vec<i64> = self.facts.broadcasts.keys().copied().collect();
        for id in &all {
            if self.facts.broadcasts[id].state == State::Paused {
                self.resume(*id).await?;
            }
            if self.facts.broadcasts[id].state == State::Scheduled {
                self.start(*id).await?;
            }
        }
        for _ in 0..20 {
            loop {
                let flying: Vec<(u8, Answer)> = self.flying.iter().map(|_| (0, Answer::Accepted)).collect();
                self.turn(&flying, &[], &[]).await?;
                let mut any = !self.flying.is_empty();
                for channel in CHANNELS {
                    any |= self.claim(channel, 4, true).await?;
                }
                if !any {
                    break;
                }
            }
            if self.facts.deliveries.values().all(|to| to.outcome.is_some()) {
                break;
            }
            self.bench.now += jiff::SignedDuration::from_hours(1);
        }
        for id in all {
            self.observe(id).await?;
            let open = self.facts.of(id).find(|(_, to)| to.outcome.is_none());
            prop_assert!(open.is_none(), "{open:?} never ends");
            let state = self.facts.broadcasts[&id].state;
            let ended = matches!(state, State::Completed | State::Partial | State::Retracted);
            prop_assert!(ended, "broadcast {id} never ends, it is {state:?}");
        }
        for (id, to) in self.facts.deliveries.iter().filter(|(_, to)| to.known) {
            let attempts = self.bench.store.attempts(*id).await.map_err(broke)?;
            let marks = attempts.iter().filter(|attempt| attempt.word == "in_doubt").count();
            prop_assert_eq!(marks, to.marks, "how often {} was marked as in doubt", id);
        }
        Ok(())
    }
}
