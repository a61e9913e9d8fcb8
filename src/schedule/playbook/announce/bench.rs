//! The demo's world with a clock that a test turns, and a prepared message that machines may send.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;

use super::super::{Playbook, keep};
use crate::{
    app::App,
    approve::State,
    config::Config,
    demo::{prepared, sample},
    people::Actor,
    send::starter,
    store::Store,
    world::{Clock, World},
};

/// A clock that stands until it is turned: the steady time, and how far somebody has set the wall clock off it.
pub struct Turned(Mutex<(Timestamp, SignedDuration)>);

impl Turned {
    /// Lets time pass.
    pub fn on(&self, seconds: i64) {
        self.0.lock().unwrap().0 += SignedDuration::from_secs(seconds);
    }

    /// Sets the wall clock.
    pub fn set(&self, seconds: i64) {
        self.0.lock().unwrap().1 += SignedDuration::from_secs(seconds);
    }
}

#[async_trait]
impl Clock for Turned {
    fn now(&self) -> Timestamp {
        let (steady, off) = *self.0.lock().unwrap();
        steady + off
    }

    fn steady(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

/// The demo's world.
pub struct Bench {
    pub app: App,
    pub clock: Arc<Turned>,
    /// Who writes.
    pub ana: Actor,
    /// Her key, which announces.
    pub key: Actor,
    _data: tempfile::TempDir,
}

impl Bench {
    pub async fn new() -> Bench {
        Bench::with(|_| {}).await
    }

    /// The same with another configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Bench {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::demo(data.path().to_owned(), ([127, 0, 0, 1], 8080).into());
        change(&mut config);
        let clock = Arc::new(Turned(Mutex::new(("2026-03-02T10:00:00Z".parse().unwrap(), SignedDuration::ZERO))));
        let world = World { clock: clock.clone(), ..World::system().unwrap() };
        let store = Store::open(&data.path().join("onevoice.db"), world.random.as_ref()).await.unwrap();
        let app = App::build(config, store, world).unwrap();
        sample::fill(&app).await.unwrap();
        let [ana, ben] = sample::colleagues(&app).await.unwrap();
        let dana = prepared::colleague(&app).await.unwrap();
        prepared::fill(&app, ana.email, [dana.email, ben.email]).await.unwrap();
        let owner = app.store.person_by_email(ana.email).await.unwrap().unwrap().0;
        let key = Actor::Key { id: 1, owner: owner.clone(), scopes: vec!["announce".to_owned()] };
        let bench = Bench { app, clock, ana: Actor::Person(owner), key, _data: data };
        for id in [1, 2, 3] {
            bench.changed(id, |_| {}).await;
        }
        bench
    }

    /// Writes a playbook anew for machines, with a change, and has two approve it.
    pub async fn changed(&self, id: i64, change: impl FnOnce(&mut Playbook)) {
        let digest = self.edited(id, change).await;
        for person in [2, 3] {
            let entry = self.app.entry("test", "playbook.approve", "test", serde_json::json!({}));
            self.app.store.approve_playbook(id, &digest, person, &entry).await.unwrap();
        }
    }

    /// The same, approved by nobody.
    pub async fn edited(&self, id: i64, change: impl FnOnce(&mut Playbook)) -> String {
        let stored = self.app.store.playbook(id).await.unwrap();
        let mut playbook = stored.playbook.clone();
        playbook.bounds.machine = true;
        playbook.bounds.channels = vec![Channel::Email, Channel::Sms, Channel::Banner, Channel::StatusPage];
        playbook.bounds.largest_audience = 1_000_000;
        change(&mut playbook);
        keep::save(&self.app, &self.ana, Some((id, stored.version)), &playbook).await.unwrap().digest
    }

    /// What the starter makes of a broadcast.
    pub async fn started(&self, id: i64) -> State {
        starter::start_due(&self.app.engine).await.unwrap();
        self.app.store.broadcast(id).await.unwrap().state
    }

    /// How many incidents there are.
    pub async fn incidents(&self) -> usize {
        self.app.store.incidents(false, 0, 1_000).await.unwrap().len()
    }
}
