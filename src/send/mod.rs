//! Send: claims small ranges, commits the intent, talks to providers with no transaction open, and hands outcomes to
//! the ledger.

pub mod check;
mod ledger;
pub mod loaded;
pub mod own_test;
pub mod policy;
pub mod reload;
pub mod standing;
pub(crate) mod starter;
pub mod token;
pub mod trial;
pub mod troubles;
mod worker;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use onevoice_channels::contract::{Channel, Parcel, Provider};
use tokio::{
    sync::{Semaphore, broadcast, mpsc, watch},
    task::JoinSet,
};

use crate::{
    approve::State,
    config::{Config, Retry},
    dkim::Signers,
    pace::{Common, Health, Pacer, Rates},
    store::{Result, Store},
    telemetry::metrics::Metrics,
    world::World,
};
use loaded::Loaded;

/// Something changed that people or pages may want to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Outcomes of a broadcast were committed.
    Progress {
        /// Which.
        broadcast: i64,
    },
    /// A broadcast started, stopped or ended.
    State {
        /// Which.
        broadcast: i64,
    },
    /// What the public sees may have changed.
    Public,
    /// Drafts, approvals or settings changed.
    Desk,
}

/// A provider with its pace.
pub struct Route {
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// Its pace.
    pub pacer: Pacer,
    /// True for the outboxes that practice goes to.
    pub exercise: bool,
}

/// Carries out approved broadcasts.
pub struct Engine {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Store,
    pub(crate) world: World,
    pub(crate) metrics: Arc<Metrics>,
    /// What each provider carries while it is busy.
    pub(crate) rates: Rates,
    /// What went wrong with each provider lately.
    pub troubles: troubles::Troubles,
    /// How the last check of each provider's credentials went.
    pub checks: check::Checks,
    routes: Vec<Arc<Route>>,
    common: Common,
    signers: Signers,
    retry: RwLock<Arc<Retry>>,
    running: RwLock<BTreeSet<i64>>,
    loaded: Mutex<HashMap<i64, Arc<Loaded>>>,
    wake: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
    events: broadcast::Sender<Event>,
    writable: AtomicBool,
    /// A permit for each outcome that may be known and not committed.
    pub(crate) uncommitted: Semaphore,
}

impl Engine {
    /// Puts the engine together; nothing moves before [`Engine::run`].
    pub fn new(
        config: Arc<Config>,
        store: Store,
        world: World,
        metrics: Arc<Metrics>,
        routes: Vec<Route>,
        common: Common,
        signers: Signers,
    ) -> Arc<Engine> {
        Arc::new(Engine {
            retry: RwLock::new(Arc::new(config.retry.clone())),
            common,
            signers,
            config,
            store,
            world,
            metrics,
            rates: Rates::default(),
            troubles: troubles::Troubles::default(),
            checks: check::Checks::default(),
            routes: routes.into_iter().map(Arc::new).collect(),
            running: RwLock::default(),
            loaded: Mutex::default(),
            wake: watch::channel(0).0,
            stopping: watch::channel(false).0,
            events: broadcast::channel(1024).0,
            writable: AtomicBool::new(true),
            uncommitted: Semaphore::new(ledger::UNCOMMITTED),
        })
    }

    /// Signs a mail as the configuration says, last before it is handed over; anything else stays as it is. False when
    /// the process is ending.
    pub async fn sign(&self, parcel: &mut Parcel) -> bool {
        self.signers.sign(parcel, self.world.clock.now()).await
    }

    /// Rescues what a crash left, then carries out until [`Engine::stop`]; in-flight sends end and are recorded.
    ///
    /// # Errors
    /// The database's, when it is told to stop before what a crash left could be read.
    pub async fn run(self: &Arc<Self>) -> Result<()> {
        while let Err(error) = self.recover().await {
            // A daemon that takes requests and sends nothing would be worse than one that is late.
            tracing::error!(%error, "what the last end left cannot be settled; nothing is sent before it is");
            if self.is_stopping() {
                return Err(error);
            }
            self.set_writable(false);
            self.world.clock.sleep(ledger::AGAIN).await;
        }
        self.set_writable(true);
        let (sender, receiver) = mpsc::channel(4096);
        let ledger = tokio::spawn(ledger::run(self.clone(), receiver));
        let mut tasks = JoinSet::new();
        tasks.spawn(starter::run(self.clone()));
        for route in &self.routes {
            for _ in 0..route.provider.manifest().limits.connections.get() {
                tasks.spawn(worker::run(self.clone(), route.clone(), sender.clone()));
            }
        }
        drop(sender);
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a sending task failed");
            }
        }
        if let Err(error) = ledger.await {
            tracing::error!(%error, "the ledger failed");
        }
        Ok(())
    }

    /// A database that came from a copy may be hours old: what was sent since would be sent again.
    async fn hold_restored(&self, why: &str) -> Result<()> {
        tracing::error!(why, "nothing is sent until somebody starts it again with a reason");
        let entry = crate::store::audit::Entry {
            at: self.world.clock.now(),
            actor: "system",
            action: "stop",
            subject: "everything",
            detail: serde_json::json!({ "why": why }),
        };
        self.set_none_running();
        self.store.stop_everything(&entry).await.map(drop)
    }

    /// Settles what a crash left, and holds everything where the database came from a copy.
    async fn recover(&self) -> Result<()> {
        self.rescue().await?;
        for (provider, rate) in self.store.rates().await? {
            self.rates.remember(&provider, rate);
        }
        match self.store.restored() {
            Some(restored) => self.hold_restored(&restored.why).await,
            None => Ok(()),
        }
    }

    async fn rescue(&self) -> Result<()> {
        let manifests = self.routes.iter().map(|route| route.provider.manifest());
        let keys: HashMap<&str, policy::Keys> =
            manifests.map(|manifest| (manifest.name.as_str(), policy::Keys::of(manifest))).collect();
        let retry = self.retry();
        let rule = |channel, provider: &str, age| {
            policy::in_doubt_rule(channel, keys.get(provider).copied().unwrap_or_default(), age, &retry)
        };
        let in_doubt = self.store.rescue(rule, self.world.clock.steady()).await?;
        if retry.resend_by_another {
            self.store.unpin().await?;
        }
        self.settle_for_the_gone().await?;
        if in_doubt > 0 {
            tracing::warn!(
                deliveries = in_doubt,
                "the last end was not clean; these may have arrived and are handled by the rules for it"
            );
        }
        for broadcast in self.store.broadcasts_in(&[State::Running]).await? {
            self.set_running(broadcast.id, true);
            self.close_if_done(broadcast.id).await;
        }
        for broadcast in self.store.broadcasts_in(&[State::Retracted]).await? {
            while self.store.sweep_retracted(broadcast.id, self.world.clock.now()).await? {}
        }
        Ok(())
    }

    /// Ends what waits for a provider or an account that is configured no more.
    async fn settle_for_the_gone(&self) -> Result<()> {
        let names: Vec<&str> = self.every_route().map(|route| route.provider.manifest().name.as_str()).collect();
        let deliveries = self.store.settle_pinned_elsewhere(&names, self.world.clock.now()).await?;
        if deliveries > 0 {
            tracing::warn!(
                deliveries,
                "their provider is no longer configured: what may have arrived is a person's to decide, the rest has failed"
            );
        }
        Ok(())
    }

    /// Stops: no new message starts; what is on the wire ends and is recorded.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
        self.wake();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Wakes idle connections and the starter: there may be work.
    pub fn wake(&self) {
        self.wake.send_modify(|count| *count += 1);
    }

    /// Tells whoever listens.
    pub fn tell(&self, event: Event) {
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }

    /// Listens.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Marks a broadcast as going out, or not: connections look here before every message.
    pub fn set_running(&self, broadcast: i64, running: bool) {
        let mut set = self.running.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if running {
            set.insert(broadcast)
        } else {
            set.remove(&broadcast)
        };
        drop(set);
        if !running {
            self.loaded.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&broadcast);
        }
        self.wake();
        self.tell(Event::State { broadcast });
    }

    /// Marks every broadcast as not going out, at once.
    pub fn set_none_running(&self) {
        self.running.write().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        self.wake();
    }

    /// Whether any broadcast goes out.
    pub(crate) fn is_busy(&self) -> bool {
        !self.running.read().unwrap_or_else(std::sync::PoisonError::into_inner).is_empty()
    }

    pub(crate) fn is_running(&self, broadcast: i64) -> bool {
        self.running.read().unwrap_or_else(std::sync::PoisonError::into_inner).contains(&broadcast)
    }

    pub(crate) fn set_writable(&self, writable: bool) {
        self.writable.store(writable, Ordering::Relaxed);
    }

    /// False while outcomes cannot be written.
    pub fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Relaxed)
    }

    /// How failed attempts are repeated, as things are now.
    pub(crate) fn retry(&self) -> Arc<Retry> {
        self.retry.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Every provider that real messages go by.
    pub fn routes(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.routes.iter().filter(|route| !route.exercise)
    }

    /// Every provider, the outboxes of practice too.
    pub fn every_route(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.routes.iter()
    }

    /// The providers that keep messages in the house, by name: what the outbox shows.
    pub fn outboxes(&self) -> Vec<String> {
        self.routes
            .iter()
            .map(|route| route.provider.manifest())
            .filter(|manifest| !manifest.leaves)
            .map(|manifest| manifest.name.clone())
            .collect()
    }

    /// How the providers stand.
    pub fn health(&self) -> Vec<(Channel, String, Health)> {
        let (at, now) = (self.world.clock.elapsed(), self.world.clock.now());
        self.routes()
            .map(|route| {
                let manifest = route.provider.manifest();
                (manifest.channel, manifest.name.clone(), route.pacer.health(at, now))
            })
            .collect()
    }

    /// Ends a broadcast whose deliveries all have an end.
    pub async fn close_if_done(&self, broadcast: i64) {
        match self.store.close_if_done(broadcast, self.world.clock.now()).await {
            Ok(Some(state)) => {
                tracing::info!(broadcast, state = state.as_str(), "the broadcast ended");
                self.set_running(broadcast, false);
                self.tell(Event::Public);
                // What was measured outlives a restart; losing it costs a forecast its precision and nothing else.
                if let Err(error) = self.store.keep_rates(&self.rates.all()).await {
                    tracing::warn!(%error, "the measured rates could not be kept");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, broadcast, "could not see whether the broadcast ended"),
        }
    }

    pub(crate) async fn load(&self, broadcast: i64) -> Result<Arc<Loaded>> {
        if let Some(known) = self.loaded.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&broadcast) {
            return Ok(known.clone());
        }
        let fresh = Arc::new(Loaded::read(&self.store, &self.config, broadcast).await?);
        self.loaded.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(broadcast, fresh.clone());
        Ok(fresh)
    }
}
