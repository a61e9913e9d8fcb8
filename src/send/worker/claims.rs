//! How a connection comes by what it sends: when it may ask, and what it asks for.

use std::{sync::Arc, time::Duration};

use onevoice_channels::contract::Channel;
use tokio::sync::oneshot;

use super::{Asked, Load, Worker};
use crate::{
    pace::Turn,
    send::ledger::Word,
    store::{
        Result,
        deliveries::{Ask, Returned},
    },
};

/// The most deliveries of one claim. After a crash at most these are in doubt for each connection.
const CLAIM: i64 = 64;
/// How long to wait when the store cannot claim.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// The longest that an idle connection sleeps: a clock may be set.
const LONGEST_IDLE: Duration = Duration::from_secs(1);

impl Worker {
    /// The next claim; waits for work, at most `patience` when given. None when there is none, or the engine stops.
    pub(super) async fn next_claim(&self, patience: Option<Duration>) -> Option<Load> {
        let clock = self.engine.world.clock.clone();
        let mut wake = self.engine.wake.subscribe();
        let give_up = async {
            match patience {
                Some(patience) => clock.sleep(patience).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(give_up);
        loop {
            if self.engine.is_stopping() {
                return None;
            }
            wake.mark_unchanged();
            let idle = match self.try_claim().await {
                Ok(Ok(load)) => return Some(load),
                Ok(Err(idle)) => idle,
                Err(error) => {
                    tracing::error!(%error, "nothing can be claimed");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                _ = wake.changed() => {}
                () = clock.sleep(idle) => {}
                () = &mut give_up => return None,
            }
        }
    }

    /// Something to send, or how long to wait before the next try.
    async fn try_claim(&self) -> Result<std::result::Result<Load, Duration>> {
        loop {
            let asked = self.ahead().take();
            let asked = match asked {
                Some(asked) => asked,
                None => match self.may_ask().await? {
                    Ok((channel, max)) => self.ask(channel, false, max).await,
                    Err(idle) => return Ok(Err(idle)),
                },
            };
            // The ledger answers everything; it is gone only when the engine ends.
            let Some(claim) = asked.answer.await.unwrap_or(Ok(None))? else {
                if asked.channel.is_staff() {
                    // Another connection was faster. What customers get may wait all the same.
                    self.end_probe();
                    continue;
                }
                return Ok(Err(self.found_nothing().await));
            };
            if !claim.items.is_empty() {
                self.route.pacer.claimed(claim.items.len(), self.engine.world.clock.elapsed());
                let full = claim.items.len() as i64 >= self.claim_size();
                let items: Vec<_> = claim.items.into_iter().map(Arc::new).collect();
                self.opened(&items);
                return Ok(Ok(Load { broadcast: claim.broadcast_id, items, full }));
            }
        }
    }

    /// Tells the pacer that there is nothing for this provider; how long until there may be.
    async fn found_nothing(&self) -> Duration {
        self.end_probe();
        self.route.pacer.claimed(0, self.engine.world.clock.elapsed());
        self.until_due().await
    }

    fn end_probe(&self) {
        let probe = self.open().probe.take();
        if let Some(probe) = probe {
            self.route.pacer.probe_ended(probe);
        }
    }

    fn ahead(&self) -> std::sync::MutexGuard<'_, Option<Asked>> {
        self.ahead.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Asks for the next claim while this one is sent.
    pub(super) async fn ask_ahead(&self) {
        if self.ahead().is_some() {
            return;
        }
        match self.route.pacer.turn(self.engine.world.clock.elapsed()) {
            Turn::Now => {
                // When this cannot be looked up, the claim fails too, and says so.
                let staff = self.has_staff_mail().await.unwrap_or(false);
                let channel = if staff { Channel::StaffMail } else { self.route.provider.manifest().channel };
                let asked = self.ask(channel, true, self.claim_size()).await;
                *self.ahead() = Some(asked);
            }
            // This connection has more than one message still.
            Turn::Probe(probe) => self.route.pacer.probe_ended(probe),
            Turn::NotYet(_) => {}
        }
    }

    /// Gives back what was asked ahead and nobody sends any more.
    pub(super) async fn return_ahead(&self) {
        let asked = self.ahead().take();
        let Some(asked) = asked else { return };
        if let Ok(Ok(Some(claim))) = asked.answer.await {
            let returned = Returned::whole(claim, "stopped");
            let _ = self.words.send(Word::Unsent(returned)).await;
        }
    }

    /// Whether mail to colleagues waits, where this provider carries it: a few messages, which go before the many.
    async fn has_staff_mail(&self) -> Result<bool> {
        let manifest = self.route.provider.manifest();
        let staff = Channel::StaffMail;
        if manifest.channel != staff.carrier() || self.engine.config.staff.mail.is_empty() {
            return Ok(false);
        }
        let now = self.engine.world.clock.steady();
        self.engine.store.has_work(staff, &manifest.name, self.route.exercise, now).await
    }

    /// What and how many to ask for, or how long not to. An idle connection looks before it asks: looking costs the writer
    /// nothing.
    async fn may_ask(&self) -> Result<std::result::Result<(Channel, i64), Duration>> {
        let manifest = self.route.provider.manifest();
        let max = match self.route.pacer.turn(self.engine.world.clock.elapsed()) {
            Turn::Now => self.claim_size(),
            Turn::Probe(probe) => {
                self.open().probe = Some(probe);
                1
            }
            Turn::NotYet(wait) => return Ok(Err(wait.min(LONGEST_IDLE))),
        };
        let now = self.engine.world.clock.steady();
        let found = match self.has_staff_mail().await {
            Ok(true) => return Ok(Ok((Channel::StaffMail, max))),
            Ok(false) => self.engine.store.has_work(manifest.channel, &manifest.name, self.route.exercise, now).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(true) => Ok(Ok((manifest.channel, max))),
            Ok(false) => Ok(Err(self.found_nothing().await)),
            Err(error) => {
                self.found_nothing().await;
                Err(error)
            }
        }
    }

    async fn ask(&self, channel: Channel, ahead: bool, max: i64) -> Asked {
        let manifest = self.route.provider.manifest();
        // Every fourth claim looks at waiting deliveries first, so that neither they nor first attempts starve.
        let turn = self.turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let ask = Ask {
            channel,
            provider: manifest.name.clone(),
            exercise: self.route.exercise,
            prefer_waiting: turn % 4 == 3,
            max,
        };
        let (reply, answer) = oneshot::channel();
        let _ = self.words.send(Word::Ask { ask, ahead, reply }).await;
        Asked { channel, answer }
    }

    fn claim_size(&self) -> i64 {
        self.route.pacer.rate().map_or(CLAIM, |rate| (rate.ceil() as i64).clamp(1, CLAIM))
    }

    /// How long until a waiting delivery is due, or the provider's pause is over; at most a second, because a clock may
    /// be set.
    async fn until_due(&self) -> Duration {
        let now = self.engine.world.clock.steady();
        let longest = LONGEST_IDLE;
        let manifest = self.route.provider.manifest();
        let mut due = self.engine.store.next_due(manifest.channel, &manifest.name).await.ok().flatten();
        if manifest.channel == Channel::StaffMail.carrier() && !self.engine.config.staff.mail.is_empty() {
            let staff = self.engine.store.next_due(Channel::StaffMail, &manifest.name).await.ok().flatten();
            due = due.into_iter().chain(staff).min();
        }
        let due =
            due.map_or(longest, |due| Duration::try_from(due.duration_since(now)).unwrap_or(Duration::from_millis(10)));
        due.clamp(Duration::from_millis(10), longest)
    }
}
