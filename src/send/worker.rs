//! One connection of a provider: claims, paces, hands over, records.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use onevoice_channels::{
    contract::{Channel, DeliveryId, Outcome, Parcel, Reason, Run, Thread, Unavailable},
    social,
};
use tokio::sync::mpsc;

use super::{Engine, Route, policy, recorder::Word};
use crate::store::{
    Result,
    deliveries::{Claim, Claimed, Record, Verdict},
};

/// How many parcels wait ready for a connection: enough for a pipeline, few enough to stop at once.
const DEPTH: usize = 8;
/// The most deliveries of one claim. After a crash at most these are in doubt for each connection.
const CLAIM: i64 = 64;
/// How long an idle connection stays open for more.
const LINGER: Duration = Duration::from_secs(5);
/// How long to wait when the store cannot claim.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Deliveries claimed and not yet reported, and how many each claim has left.
#[derive(Default)]
struct Open {
    items: HashMap<DeliveryId, Claimed>,
    left: HashMap<i64, usize>,
}

impl Open {
    fn add(&mut self, claim: &Claim) {
        for item in &claim.items {
            self.items.insert(item.id, item.clone());
            *self.left.entry(item.claim).or_default() += 1;
        }
    }

    /// Takes a delivery out; whether it was its claim's last.
    fn end(&mut self, id: DeliveryId) -> Option<(Claimed, bool)> {
        let item = self.items.remove(&id)?;
        let left = self.left.get_mut(&item.claim)?;
        *left -= 1;
        let last = *left == 0;
        if last {
            self.left.remove(&item.claim);
        }
        Some((item, last))
    }
}

struct Worker {
    engine: Arc<Engine>,
    route: Arc<Route>,
    words: mpsc::Sender<Word>,
    open: Mutex<Open>,
    turn: std::sync::atomic::AtomicU32,
}

/// Runs one connection until the engine stops.
pub async fn run(engine: Arc<Engine>, route: Arc<Route>, words: mpsc::Sender<Word>) {
    let worker = Worker { engine, route, words, open: Mutex::default(), turn: 0.into() };
    while let Some(first) = worker.next_claim(None).await {
        worker.connection(first).await;
    }
}

impl Worker {
    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Carries claims over one connection until there is nothing more, or the provider cannot.
    async fn connection(&self, first: Claim) {
        let engine = self.engine.clone();
        let (refused, mut returned) = mpsc::unbounded_channel();
        let may_go = move |parcel: &Parcel| {
            let goes = !engine.is_stopping() && engine.is_running(parcel.id.broadcast);
            if !goes {
                // At most DEPTH of them; when nobody listens any more, the end of the connection gives them back.
                let _ = refused.send(parcel.id);
            }
            goes
        };
        let (parcels, mut outcomes, mut run) = Run::guarded(DEPTH, may_go);
        let carry = async move {
            let result = self.route.provider.carry(&mut run).await;
            drop(run);
            result
        };
        let feed = async move {
            let mut next = Some(first);
            while let Some(claim) = next {
                if !self.feed(&claim, &parcels).await {
                    break;
                }
                next = self.next_claim(Some(LINGER)).await;
            }
            drop(parcels);
        };
        let collect = async {
            loop {
                tokio::select! {
                    told = outcomes.recv() => match told {
                        Some((parcel, outcome)) => self.record(&parcel, outcome).await,
                        None => break,
                    },
                    Some(id) = returned.recv() => self.give_back(id).await,
                }
            }
        };
        let (result, (), ()) = tokio::join!(carry, feed, collect);
        self.after(result).await;
    }

    /// Hands a claim's parcels over, each when pace allows it. False when the connection takes no more.
    async fn feed(&self, claim: &Claim, parcels: &mpsc::Sender<Parcel>) -> bool {
        let loaded = match self.engine.load(claim.broadcast_id).await {
            Ok(loaded) => loaded,
            Err(error) => {
                tracing::error!(%error, broadcast = claim.broadcast_id, "the broadcast cannot be read");
                return false;
            }
        };
        for item in &claim.items {
            let permit = tokio::select! {
                waited = self.route.pacer.wait(&item.address, self.engine.world.clock.as_ref()) => Some(waited),
                () = self.stopped(claim.broadcast_id) => None,
                () = parcels.closed() => None,
            };
            let Some(waited) = permit else { return false };
            self.engine.metrics.paced(&self.route.provider.manifest().name, waited);
            let Ok(slot) = parcels.reserve().await else { return false };
            // Looked at last: after a stop is answered no new message starts.
            if self.engine.is_stopping() || !self.engine.is_running(claim.broadcast_id) {
                return false;
            }
            let thread = match self.thread(item).await {
                Ok(thread) => thread,
                Err(error) => {
                    tracing::error!(%error, broadcast = claim.broadcast_id, "the thread cannot be read");
                    return false;
                }
            };
            let now = self.engine.world.clock.now();
            match loaded.parcel(item, self.engine.store.secrets(), now, thread) {
                Ok(parcel) => slot.send(parcel),
                Err(error) => {
                    tracing::error!(%error, delivery = %item.id, "the message cannot be made");
                    self.fail(item).await;
                }
            }
        }
        true
    }

    /// Ends when the broadcast is paused or the engine stops.
    async fn stopped(&self, broadcast: i64) {
        let mut wake = self.engine.wake.subscribe();
        while !self.engine.is_stopping() && self.engine.is_running(broadcast) {
            if wake.changed().await.is_err() {
                return;
            }
        }
    }

    async fn thread(&self, item: &Claimed) -> Result<Option<Thread>> {
        if !matches!(item.id.channel, Channel::Mastodon | Channel::Bluesky) {
            return Ok(None);
        }
        let posts = self.engine.store.thread(item.id.broadcast, item.id.channel, &item.address).await?;
        Ok(posts.first().zip(posts.last()).map(|(first, last)| social::thread(first, last)))
    }

    async fn record(&self, parcel: &Parcel, outcome: Outcome) {
        let Some((item, ends_claim)) = self.open().end(parcel.id) else { return };
        let manifest = self.route.provider.manifest();
        let now = self.engine.world.clock.now();
        match &outcome {
            Outcome::Later { reason: Reason::Throttled, after, .. } => {
                self.route.pacer.hold(after.unwrap_or(Duration::from_secs(1)), now);
            }
            Outcome::Accepted { .. } | Outcome::Delivered { .. } => self.route.pacer.worked(),
            _ => {}
        }
        let retry = &self.engine.config.retry;
        let age = policy::longest_age(retry, item.attempts);
        let rule = policy::in_doubt_rule(manifest.channel, policy::Keys::of(manifest), age, retry);
        let spread = self.engine.world.spread();
        let (verdict, attempt) = policy::decide(outcome, item.attempts, rule, &self.engine.config.retry, spread, now);
        let suppress = match &verdict {
            Verdict::End { reason: Some(reason), .. } if reason.suppresses() && manifest.channel.is_personal() => {
                Some(item.address.clone())
            }
            _ => None,
        };
        let record = Record {
            claim: item.claim,
            id: item.id,
            attempts: item.attempts,
            provider: manifest.name.clone(),
            at: now,
            verdict,
            attempt,
            referable: manifest.receipts,
            ends_claim,
            suppress,
        };
        // The recorder outlives every connection.
        let _ = self.words.send(Word::Outcome(record)).await;
    }

    /// Gives back one delivery that was stopped while it waited ready, so that it goes at once when it is resumed,
    /// however long this connection lives.
    async fn give_back(&self, id: DeliveryId) {
        let Some((item, ends_claim)) = self.open().end(id) else { return };
        let claims = if ends_claim { vec![item.claim] } else { Vec::new() };
        let _ = self.words.send(Word::Unsent { items: vec![item], claims, reason: "stopped" }).await;
    }

    /// Ends a delivery whose message cannot be made: a fault of ours that no retry mends.
    async fn fail(&self, item: &Claimed) {
        let Some((item, ends_claim)) = self.open().end(item.id) else { return };
        let reason = Some(Reason::BadContent);
        let record = Record {
            claim: item.claim,
            id: item.id,
            attempts: item.attempts,
            provider: self.route.provider.manifest().name.clone(),
            at: self.engine.world.clock.now(),
            verdict: Verdict::End { state: crate::track::DeliveryState::Failed, reason, reference: None, parts: 0 },
            attempt: Some(("rejected", reason, "the message could not be made".to_owned())),
            referable: false,
            ends_claim,
            suppress: None,
        };
        let _ = self.words.send(Word::Outcome(record)).await;
    }

    /// What was claimed and not written goes back; an unavailable provider pauses.
    async fn after(&self, result: std::result::Result<(), Unavailable>) {
        let now = self.engine.world.clock.now();
        let mut reason = "stopped";
        if let Err(unavailable) = &result {
            let pause = self.route.pacer.failed(unavailable.to_string(), unavailable.after, now);
            reason = unavailable.reason.as_str();
            let provider = &self.route.provider.manifest().name;
            tracing::warn!(
                provider,
                reason = unavailable.reason.as_str(),
                ?pause,
                "the provider cannot carry anything now"
            );
            self.engine.metrics.provider_up(provider, false);
        }
        let left = std::mem::take(&mut *self.open());
        if left.items.is_empty() {
            return;
        }
        let mut items: Vec<Claimed> = left.items.into_values().collect();
        items.sort_unstable_by_key(|item| item.id);
        let ended: Vec<i64> = left.left.into_keys().collect();
        let _ = self.words.send(Word::Unsent { items, claims: ended, reason }).await;
    }

    /// The next claim; waits for work, at most `patience` when given. None when there is none, or the engine stops.
    async fn next_claim(&self, patience: Option<Duration>) -> Option<Claim> {
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
                Ok(Some(claim)) => return Some(claim),
                Ok(None) => self.until_due().await,
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

    async fn try_claim(&self) -> Result<Option<Claim>> {
        let manifest = self.route.provider.manifest();
        let now = self.engine.world.clock.now();
        if self.route.pacer.health(now).waits_until.is_some() {
            return Ok(None);
        }
        // Every fourth claim looks at waiting deliveries first, so that neither they nor first attempts starve.
        let turn = self.turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let size = manifest.limits.per_second.map_or(CLAIM, |rate| (rate.ceil() as i64).clamp(1, CLAIM));
        loop {
            let before = std::time::Instant::now();
            let claim = self
                .engine
                .store
                .claim(manifest.channel, &manifest.name, self.route.exercise, turn % 4 == 3, size, now)
                .await?;
            let Some(claim) = claim else { return Ok(None) };
            self.engine.metrics.claimed(before.elapsed());
            self.open().add(&claim);
            if claim.settled {
                self.engine.close_if_done(claim.broadcast_id).await;
                self.engine.tell(super::Event::Progress { broadcast: claim.broadcast_id });
            }
            if !claim.items.is_empty() {
                return Ok(Some(claim));
            }
        }
    }

    /// How long until a waiting delivery is due, or the provider's pause is over; at most a second, because a clock may
    /// be set.
    async fn until_due(&self) -> Duration {
        let now = self.engine.world.clock.now();
        let longest = Duration::from_secs(1);
        let due = self.engine.store.next_due(self.route.provider.manifest().channel).await.ok().flatten();
        let due =
            due.map_or(longest, |due| Duration::try_from(due.duration_since(now)).unwrap_or(Duration::from_millis(10)));
        due.clamp(Duration::from_millis(10), longest)
    }
}
