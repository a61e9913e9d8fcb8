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
use tokio::sync::{mpsc, oneshot};

use super::{Engine, Route, ledger::Word, policy};
use crate::store::{
    Result,
    deliveries::{Ask, Claim, Claimed, Record, Returned, Verdict},
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
    items: HashMap<DeliveryId, Arc<Claimed>>,
    left: HashMap<i64, usize>,
}

impl Open {
    fn add(&mut self, items: &[Arc<Claimed>]) {
        for item in items {
            self.items.insert(item.id, item.clone());
            *self.left.entry(item.claim).or_default() += 1;
        }
    }

    /// Takes a delivery out; whether it was its claim's last.
    fn end(&mut self, id: DeliveryId) -> Option<(Arc<Claimed>, bool)> {
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

/// What one claim gave this connection to send.
struct Load {
    broadcast: i64,
    items: Vec<Arc<Claimed>>,
    /// Whether the claim was as large as it may be, so that there is probably more.
    full: bool,
}

/// The answer to an [`Ask`] that is under way.
type Asked = oneshot::Receiver<Result<Option<Claim>>>;

struct Worker {
    engine: Arc<Engine>,
    route: Arc<Route>,
    words: mpsc::Sender<Word>,
    open: Mutex<Open>,
    /// The next claim, asked for while the one before is sent. If the connection ends first, the next one takes it.
    ahead: Mutex<Option<Asked>>,
    turn: std::sync::atomic::AtomicU32,
}

/// Runs one connection until the engine stops.
pub async fn run(engine: Arc<Engine>, route: Arc<Route>, words: mpsc::Sender<Word>) {
    let worker = Worker { engine, route, words, open: Mutex::default(), ahead: Mutex::default(), turn: 0.into() };
    while let Some(first) = worker.next_claim(None).await {
        worker.connection(first).await;
    }
    worker.return_ahead().await;
}

impl Worker {
    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Carries claims over one connection until there is nothing more, or the provider cannot.
    async fn connection(&self, first: Load) {
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
            while let Some(load) = next {
                if !self.feed(&load, &parcels).await {
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
    async fn feed(&self, load: &Load, parcels: &mpsc::Sender<Parcel>) -> bool {
        let loaded = match self.engine.load(load.broadcast).await {
            Ok(loaded) => loaded,
            Err(error) => {
                tracing::error!(%error, broadcast = load.broadcast, "the broadcast cannot be read");
                return false;
            }
        };
        for (place, item) in load.items.iter().enumerate() {
            if load.full && place == load.items.len() / 2 {
                self.ask_ahead().await;
            }
            if !self.paced(load.broadcast, item, parcels).await {
                return false;
            }
            let Ok(slot) = parcels.reserve().await else { return false };
            // Looked at last: after a stop is answered no new message starts.
            if self.engine.is_stopping() || !self.engine.is_running(load.broadcast) {
                return false;
            }
            let thread = match self.thread(item).await {
                Ok(thread) => thread,
                Err(error) => {
                    tracing::error!(%error, broadcast = load.broadcast, "the thread cannot be read");
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

    /// Waits until a message may go; false when it must not any more.
    async fn paced(&self, broadcast: i64, item: &Claimed, parcels: &mpsc::Sender<Parcel>) -> bool {
        let clock = self.engine.world.clock.as_ref();
        let waited = if self.route.pacer.try_take(&item.address, clock.now()) {
            Duration::ZERO
        } else {
            let waited = tokio::select! {
                waited = self.route.pacer.wait(&item.address, clock) => Some(waited),
                () = self.stopped(broadcast) => None,
                () = parcels.closed() => None,
            };
            let Some(waited) = waited else { return false };
            waited
        };
        self.engine.metrics.paced(&self.route.provider.manifest().name, waited);
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
        self.tell(record).await;
    }

    /// Hands an outcome to the ledger, as soon as few enough wait there.
    async fn tell(&self, record: Record) {
        // The ledger gives the permit back with the commit, and outlives every connection; neither is ever closed.
        if let Ok(permit) = self.engine.uncommitted.acquire().await {
            permit.forget();
        }
        let _ = self.words.send(Word::Outcome(record)).await;
    }

    /// Gives back one delivery that was stopped while it waited ready, so that it goes at once when it is resumed,
    /// however long this connection lives.
    async fn give_back(&self, id: DeliveryId) {
        let Some((item, ends_claim)) = self.open().end(id) else { return };
        let claims = if ends_claim { vec![item.claim] } else { Vec::new() };
        let _ = self.words.send(Word::Unsent(Returned { items: vec![item], claims, reason: "stopped" })).await;
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
        self.tell(record).await;
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
        let mut items: Vec<_> = left.items.into_values().collect();
        items.sort_unstable_by_key(|item| item.id);
        let claims = left.left.into_keys().collect();
        let _ = self.words.send(Word::Unsent(Returned { items, claims, reason })).await;
    }

    /// The next claim; waits for work, at most `patience` when given. None when there is none, or the engine stops.
    async fn next_claim(&self, patience: Option<Duration>) -> Option<Load> {
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
                Ok(Some(load)) => return Some(load),
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

    async fn try_claim(&self) -> Result<Option<Load>> {
        loop {
            let asked = self.ahead().take();
            let asked = match asked {
                Some(asked) => asked,
                None if self.may_ask().await? => self.ask(false).await,
                None => return Ok(None),
            };
            // The ledger answers everything; it is gone only when the engine ends.
            let Some(claim) = asked.await.unwrap_or(Ok(None))? else { return Ok(None) };
            if !claim.items.is_empty() {
                let full = claim.items.len() as i64 >= self.claim_size();
                let items: Vec<_> = claim.items.into_iter().map(Arc::new).collect();
                self.open().add(&items);
                return Ok(Some(Load { broadcast: claim.broadcast_id, items, full }));
            }
        }
    }

    fn ahead(&self) -> std::sync::MutexGuard<'_, Option<Asked>> {
        self.ahead.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Asks for the next claim while this one is sent.
    async fn ask_ahead(&self) {
        if self.ahead().is_none() && !self.is_held() {
            let asked = self.ask(true).await;
            *self.ahead() = Some(asked);
        }
    }

    /// Gives back what was asked ahead and nobody sends any more.
    async fn return_ahead(&self) {
        let asked = self.ahead().take();
        let Some(asked) = asked else { return };
        if let Ok(Ok(Some(claim))) = asked.await {
            let returned = Returned::whole(claim, "stopped");
            let _ = self.words.send(Word::Unsent(returned)).await;
        }
    }

    fn is_held(&self) -> bool {
        self.route.pacer.health(self.engine.world.clock.now()).waits_until.is_some()
    }

    /// An idle connection looks before it asks: looking costs the writer nothing.
    async fn may_ask(&self) -> Result<bool> {
        let channel = self.route.provider.manifest().channel;
        let now = self.engine.world.clock.now();
        Ok(!self.is_held() && self.engine.store.has_work(channel, self.route.exercise, now).await?)
    }

    async fn ask(&self, ahead: bool) -> Asked {
        let manifest = self.route.provider.manifest();
        // Every fourth claim looks at waiting deliveries first, so that neither they nor first attempts starve.
        let turn = self.turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let ask = Ask {
            channel: manifest.channel,
            provider: manifest.name.clone(),
            exercise: self.route.exercise,
            prefer_waiting: turn % 4 == 3,
            max: self.claim_size(),
        };
        let (reply, asked) = oneshot::channel();
        let _ = self.words.send(Word::Ask { ask, ahead, reply }).await;
        asked
    }

    fn claim_size(&self) -> i64 {
        let rate = self.route.provider.manifest().limits.per_second;
        rate.map_or(CLAIM, |rate| (rate.ceil() as i64).clamp(1, CLAIM))
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
