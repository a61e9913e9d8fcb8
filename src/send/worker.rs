//! One connection of a provider: claims, paces, hands over, records.

mod claims;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use onevoice_channels::{
    contract::{Channel, DeliveryId, Outcome, Parcel, Reason, Run, Thread, Unavailable},
    social,
};
use tokio::sync::{mpsc, oneshot};

use super::{Engine, Route, ledger::Word, loaded::Loaded, policy};
use crate::{
    pace::{self, Limit, Paced, Permit, Slot},
    store::{
        Result,
        deliveries::{Claim, Claimed, Record, Returned, Verdict},
    },
    track::rest,
};

/// How many parcels wait ready for a connection: enough for a pipeline, few enough to stop at once.
const DEPTH: usize = 8;
/// How long an idle connection stays open for more.
const LINGER: Duration = Duration::from_secs(5);
/// How long a connection waits for a slow destination when it has claimed nothing else: for one message, and for all
/// of a claim. Longer, and what is more urgent would wait too.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(1));
/// How long it rests when all that it claimed was for destinations that take nothing now.
const SIFTED: Duration = Duration::from_millis(200);

/// Deliveries claimed and not yet reported, and how many each claim has left.
#[derive(Default)]
struct Open {
    items: HashMap<DeliveryId, Arc<Claimed>>,
    left: HashMap<i64, usize>,
    /// What counts those that were let go, where anything does.
    slots: HashMap<DeliveryId, Slot>,
    /// The probe of a provider that was unavailable, while this connection has it.
    probe: Option<u64>,
    /// Answers that are not counted in the provider's rate yet.
    answered: u32,
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
        if !self.slots.is_empty() {
            self.slots.remove(&id);
        }
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

/// An [`Ask`] that is under way: for which channel, and its answer.
struct Asked {
    channel: Channel,
    answer: oneshot::Receiver<Result<Option<Claim>>>,
}

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

/// Whether a failure says something about the address: never again, or not for a while if it goes on.
fn weighs(reason: Reason) -> bool {
    reason.suppresses() || rest(reason).is_some()
}

impl Worker {
    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Carries claims over one connection until there is nothing more, or the provider cannot.
    async fn connection(&self, first: Load) {
        let engine = self.engine.clone();
        let (refused, mut returned) = mpsc::unbounded_channel();
        let route = self.route.clone();
        let may_go = move |parcel: &Parcel| {
            let goes = !engine.is_stopping()
                && engine.is_running(parcel.id.broadcast)
                && !route.pacer.is_paused(engine.world.clock.elapsed());
            if !goes {
                // At most DEPTH of them; when nobody listens any more, the end of the connection gives them back.
                let _ = refused.send(parcel.id);
            }
            goes
        };
        let (parcels, mut outcomes, mut run) = Run::guarded(self.route.pacer.depth(DEPTH), may_go);
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
        let mut late = Vec::new();
        for (place, item) in load.items.iter().enumerate() {
            if load.full && place == load.items.len() / 2 {
                self.ask_ahead().await;
            }
            match self.paced(item, Duration::ZERO, parcels).await {
                Some(Paced::Go { slot, waited }) => {
                    if !self.hand_over(item, &loaded, slot, waited, parcels).await {
                        return false;
                    }
                }
                Some(Paced::Aside) => late.push(item),
                Some(Paced::Stop) | None => return false,
            }
        }
        late.is_empty() || self.feed_late(load, &late, &loaded, parcels).await
    }

    /// What has to wait for its destination: waited for where nothing else would wait behind it, else put aside.
    async fn feed_late(
        &self,
        load: &Load,
        late: &[&Arc<Claimed>],
        loaded: &Loaded,
        parcels: &mpsc::Sender<Parcel>,
    ) -> bool {
        let limits = self.route.pacer.limits();
        let full: HashSet<_> = late.iter().map(|item| pace::destination(&limits, &item.address)).collect();
        let others = load.items.iter().any(|item| !full.contains(&pace::destination(&limits, &item.address)));
        let clock = &self.engine.world.clock;
        let end = clock.elapsed() + if others { Duration::ZERO } else { PATIENCE.1 };
        let mut went = others;
        for item in late {
            let patience = PATIENCE.0.min(end.saturating_sub(clock.elapsed()));
            match self.paced(item, patience, parcels).await {
                Some(Paced::Go { slot, waited }) => {
                    went = true;
                    if !self.hand_over(item, loaded, slot, waited, parcels).await {
                        return false;
                    }
                }
                Some(Paced::Aside) => self.put_aside(item).await,
                Some(Paced::Stop) | None => return false,
            }
        }
        if !went {
            // Looking through a long list for other destinations must not keep the database from everybody else.
            tokio::select! {
                () = clock.sleep(SIFTED) => {}
                () = self.stopped(load.broadcast) => {}
                () = parcels.closed() => {}
            }
        }
        true
    }

    /// Waits for a permit. None where the connection takes no more.
    async fn paced(&self, item: &Claimed, patience: Duration, parcels: &mpsc::Sender<Parcel>) -> Option<Paced> {
        let (pacer, clock) = (&self.route.pacer, self.engine.world.clock.as_ref());
        match pacer.permit(&item.address, None, clock.elapsed()) {
            Permit::Go(slot) => return Some(Paced::Go { slot, waited: None }),
            Permit::Stop => return Some(Paced::Stop),
            Permit::Wait { .. } | Permit::Aside { .. } => {}
        }
        tokio::select! {
            paced = pacer.wait(&item.address, patience, clock) => Some(paced),
            () = self.stopped(item.id.broadcast) => None,
            () = parcels.closed() => None,
        }
    }

    /// Hands one over that may go. False when the connection takes no more.
    async fn hand_over(
        &self,
        item: &Claimed,
        loaded: &Loaded,
        slot: Slot,
        waited: Option<(Duration, Limit)>,
        parcels: &mpsc::Sender<Parcel>,
    ) -> bool {
        self.engine.metrics.paced(&self.route.provider.manifest().name, waited);
        if slot.is_counted() {
            self.open().slots.insert(item.id, slot);
        }
        let thread = match self.thread(item).await {
            Ok(thread) => thread,
            Err(error) => {
                tracing::error!(%error, broadcast = item.id.broadcast, "the thread cannot be read");
                return false;
            }
        };
        let now = self.engine.world.clock.now();
        let mut parcel = match loaded.parcel(item, self.engine.store.secrets(), now, thread) {
            Ok(parcel) => parcel,
            Err(error) => {
                tracing::error!(%error, delivery = %item.id, "the message cannot be made");
                self.fail(item).await;
                return true;
            }
        };
        if !self.engine.sign(&mut parcel).await {
            return false;
        }
        let Ok(ready) = parcels.reserve().await else { return false };
        // Looked at last: after a stop is answered no new message starts.
        if self.engine.is_stopping() || !self.engine.is_running(item.id.broadcast) {
            return false;
        }
        ready.send(parcel);
        true
    }

    /// Puts one back whose destination has to wait, without an attempt.
    async fn put_aside(&self, item: &Claimed) {
        let Some((item, ends_claim)) = self.ended(item.id, self.engine.world.clock.now()) else { return };
        let wait = self.route.pacer.aside(&item.address, self.engine.world.clock.elapsed());
        self.engine.metrics.waited(&self.route.provider.manifest().name, Limit::Domain, wait);
        let due_at = self.engine.world.clock.steady() + wait;
        self.tell(self.record_of(&item, Verdict::Aside { due_at }, None, ends_claim)).await;
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
        if !item.id.channel.is_post() {
            return Ok(None);
        }
        let posts = self.engine.store.thread(item.id.broadcast, item.id.channel, &item.address).await?;
        Ok(posts.first().zip(posts.last()).map(|(first, last)| social::thread(first, last)))
    }

    async fn record(&self, parcel: &Parcel, outcome: Outcome) {
        let Some((item, ends_claim)) = self.ended(parcel.id, self.engine.world.clock.now()) else { return };
        let manifest = self.route.provider.manifest();
        if self.route.pacer.outcome(&item.address, &outcome, self.engine.world.clock.elapsed()) {
            self.engine.wake();
        }
        if let Some((reason, detail)) = pace::own_fault(&outcome) {
            self.engine.troubles.note(&manifest.name, reason, detail, self.engine.world.clock.now());
        }
        let retry = self.engine.retry();
        let doubtful = matches!(outcome, Outcome::InDoubt { .. }) && !retry.resend_by_another;
        let age = policy::longest_age(&retry, item.attempts);
        let rule = policy::in_doubt_rule(manifest.channel, policy::Keys::of(manifest), age, &retry);
        // Randomness costs a system call, and a success needs none.
        let succeeded = matches!(outcome, Outcome::Accepted { .. } | Outcome::Delivered { .. });
        let spread = if succeeded { 0.0 } else { self.engine.world.spread() };
        let now = self.engine.world.clock.steady();
        let (verdict, attempt) = policy::decide(outcome, item.attempts, rule, &retry, spread, now);
        let mut record = self.record_of(&item, verdict, attempt, ends_claim);
        record.pinned |= doubtful;
        self.tell(record).await;
    }

    fn record_of(&self, item: &Claimed, verdict: Verdict, attempt: policy::Kept, ends_claim: bool) -> Record {
        let manifest = self.route.provider.manifest();
        let suppress = match &verdict {
            Verdict::End { reason: Some(reason), .. } if item.id.channel.is_personal() && weighs(*reason) => {
                Some(item.address.clone())
            }
            _ => None,
        };
        Record {
            claim: item.claim,
            id: item.id,
            attempts: item.attempts,
            provider: manifest.name.clone(),
            at: self.engine.world.clock.now(),
            verdict,
            attempt,
            referable: manifest.receipts,
            ends_claim,
            suppress,
            pinned: item.pinned.is_some(),
        }
    }

    /// Hands an outcome to the ledger, as soon as few enough wait there.
    async fn tell(&self, record: Record) {
        // The ledger gives the permit back with the commit, and outlives every connection; neither is ever closed.
        if let Ok(permit) = self.engine.uncommitted.acquire().await {
            permit.forget();
        }
        let _ = self.words.send(Word::Outcome(record)).await;
    }

    /// Notes what was claimed; from here on the provider is busy.
    fn opened(&self, items: &[Arc<Claimed>]) {
        let mut open = self.open();
        if open.items.is_empty() {
            self.engine.rates.busy(&self.route.provider.manifest().name, self.engine.world.clock.now());
        }
        open.add(items);
    }

    /// Takes a delivery out that has its answer; what the provider carries is counted once a claim.
    fn ended(&self, id: DeliveryId, now: Timestamp) -> Option<(Arc<Claimed>, bool)> {
        let mut open = self.open();
        let ended = open.end(id)?;
        open.answered += 1;
        if ended.1 || open.items.is_empty() {
            let provider = &self.route.provider.manifest().name;
            self.engine.rates.carried(provider, std::mem::take(&mut open.answered), now);
            if open.items.is_empty() {
                self.engine.rates.idle(provider, now);
            }
        }
        Some(ended)
    }

    /// Gives back one delivery that was stopped while it waited ready, so that it goes at once when it is resumed,
    /// however long this connection lives.
    async fn give_back(&self, id: DeliveryId) {
        let Some((item, ends_claim)) = self.ended(id, self.engine.world.clock.now()) else { return };
        let claims = if ends_claim { vec![item.claim] } else { Vec::new() };
        let _ = self.words.send(Word::Unsent(Returned { items: vec![item], claims, reason: self.why_back() })).await;
    }

    /// Why something is given back that was not written.
    fn why_back(&self) -> &'static str {
        if self.route.pacer.is_paused(self.engine.world.clock.elapsed()) { "pace" } else { "stopped" }
    }

    /// Ends a delivery whose message cannot be made: a fault of ours that no retry mends.
    async fn fail(&self, item: &Claimed) {
        let Some((item, ends_claim)) = self.ended(item.id, self.engine.world.clock.now()) else { return };
        let reason = Some(Reason::BadContent);
        let verdict = Verdict::End { state: crate::track::DeliveryState::Failed, reason, reference: None, parts: 0 };
        let attempt = Some(("rejected", reason, "the message could not be made".to_owned()));
        self.tell(Record { referable: false, ..self.record_of(&item, verdict, attempt, ends_claim) }).await;
    }

    /// What was claimed and not written goes back; an unavailable provider pauses.
    async fn after(&self, result: std::result::Result<(), Unavailable>) {
        let mut reason = self.why_back();
        if let Err(unavailable) = &result {
            let pause = self.route.pacer.unavailable(unavailable, self.engine.world.clock.elapsed());
            reason = unavailable.reason.as_str();
            let provider = &self.route.provider.manifest().name;
            let now = self.engine.world.clock.now();
            self.engine.troubles.note(provider, Some(unavailable.reason), &unavailable.detail, now);
            tracing::warn!(
                provider,
                reason = unavailable.reason.as_str(),
                ?pause,
                "the provider cannot carry anything now"
            );
            self.engine.metrics.provider_up(provider, false);
        }
        let left = std::mem::take(&mut *self.open());
        if let Some(probe) = left.probe {
            self.route.pacer.probe_ended(probe);
        }
        if left.items.is_empty() {
            return;
        }
        self.engine.rates.idle(&self.route.provider.manifest().name, self.engine.world.clock.now());
        let mut items: Vec<_> = left.items.into_values().collect();
        items.sort_unstable_by_key(|item| item.id);
        let claims = left.left.into_keys().collect();
        let _ = self.words.send(Word::Unsent(Returned { items, claims, reason })).await;
    }
}
