//! Promises as a whole, over days of a clock that the tests turn: the demo's world, without anybody's pages.

mod calls;
mod kept;
mod weeks;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::{Channel, Clock};
use tokio::sync::Notify;

use super::{Entry, Standing, tick};
use crate::{
    app::App,
    approve::State,
    compose::{
        content::Content,
        status::{Kind, Status},
        write::{self, NewIncident},
    },
    config::Config,
    demo::{once, sample},
    path,
    people::{Actor, Role},
    problem::Problem,
    send::starter,
    store::{Store, broadcasts::Broadcast, lookups::Promise},
    world::World,
};

/// A clock that goes only where a test turns it. Who sleeps for a second wakes when it is rung, and others never.
struct Turned(Mutex<Timestamp>, Notify);

impl Turned {
    fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap() = at;
    }
}

#[async_trait]
impl Clock for Turned {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
    async fn sleep(&self, duration: std::time::Duration) {
        if duration > std::time::Duration::from_secs(1) {
            std::future::pending().await
        }
        self.1.notified().await;
    }
}

/// The demo's world: Ana (1) writes, Ben (2) and Dana (3) approve, Vera (4) reads; Ben is on duty.
struct House {
    app: App,
    clock: Arc<Turned>,
    ana: Actor,
    ben: Actor,
    data: tempfile::TempDir,
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

impl House {
    async fn new() -> House {
        House::with(|_| {}).await
    }

    async fn with(change: impl Fn(&mut Config)) -> House {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::new(Turned(Mutex::new("2026-11-02T10:00:00Z".parse().unwrap()), Notify::new()));
        let app = build(&data, &clock, change).await;
        sample::fill(&app).await.unwrap();
        for (name, role) in
            [("ana", Role::Author), ("ben", Role::Approver), ("dana", Role::Approver), ("vera", Role::Viewer)]
        {
            let entry = app.entry("operator", "person.add", "", serde_json::json!({}));
            app.store.add_person(&format!("{name}@acme.example"), name, role, "hash", &entry).await.unwrap();
        }
        let person = async |id| Actor::Person(app.store.person(id).await.unwrap());
        let (ana, ben) = (person(1).await, person(2).await);
        House { app, clock, ana, ben, data }
    }

    /// The same house after its daemon was ended and started again.
    async fn restarted(self) -> House {
        let House { app, clock, ana, ben, data } = self;
        drop(app);
        let app = build(&data, &clock, |_| {}).await;
        House { app, clock, ana, ben, data }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn on_duty(&self, person: i64) {
        let (from_at, until_at) = (self.now() - minutes(60), self.now() + SignedDuration::from_hours(24 * 60));
        let turn = crate::store::duty::Duty { id: 0, person_id: person, place: 1, from_at, until_at };
        let entry = self.app.entry("test", "duty.add", "", serde_json::json!({}));
        self.app.store.add_duty(&turn, &entry).await.unwrap();
    }

    async fn incident(&self, exercise: bool) -> i64 {
        let title = "Card payments fail".to_owned();
        let new = NewIncident { kind: Kind::Incident, title, exercise, restricted: false };
        write::open_incident(&self.app, &self.ana, &new).await.unwrap().id
    }

    /// What an update says that promises the next one in so many minutes, on three places and by email to a few.
    fn content(&self, promised: i64, status: Status) -> Content {
        let place = usize::from(status.is_final()) * 2;
        let mut content = once::updates().swap_remove(place);
        content.status = status;
        content.next_update_at = (!status.is_final()).then(|| self.now() + minutes(promised));
        content.channels = vec![Channel::Banner, Channel::StatusPage, Channel::Mastodon];
        content
    }

    async fn submitted(&self, incident: i64, content: Content) -> Result<Broadcast, Problem> {
        let update = write::begin_update(&self.app, &self.ana, incident, Some(content)).await?;
        path::prepare(&self.app, &self.ana, update.id).await
    }

    async fn approve(&self, broadcast: &Broadcast) {
        let entry = self.app.entry("person:2", "update.approve", "test", serde_json::json!({}));
        let (digest, people) = (&broadcast.digest, broadcast.people);
        self.app.store.approve_broadcast(broadcast.id, digest, 2, people, &entry).await.unwrap();
    }

    /// An update that went out, and promised the next one in so many minutes.
    async fn told(&self, incident: i64, promised: i64) -> Broadcast {
        let submitted = self.submitted(incident, self.content(promised, Status::Investigating)).await.unwrap();
        self.approve(&submitted).await;
        starter::start_due(&self.app.engine).await.unwrap();
        self.broadcast(submitted.id).await
    }

    async fn broadcast(&self, id: i64) -> Broadcast {
        self.app.store.broadcast(id).await.unwrap()
    }

    /// What the daemon does in a second: it looks after promises, and starts what may start.
    async fn look(&self) {
        tick(&self.app, self.now()).await.unwrap();
        starter::start_due(&self.app.engine).await.unwrap();
    }

    /// Rings the clock until `look` sees something.
    async fn until(&self, look: impl AsyncFn() -> bool) {
        for _ in 0..20_000 {
            if look().await {
                return;
            }
            self.clock.1.notify_waiters();
            tokio::task::yield_now().await;
        }
        panic!("it was not seen");
    }

    /// Lets time pass.
    async fn pass(&self, length: i64) {
        let until = self.now() + minutes(length);
        while self.now() < until {
            self.stride(until).await;
            self.look().await;
        }
    }

    /// Turns the clock on towards `until`: by a minute where a promise is near its time, else by ten.
    async fn stride(&self, until: Timestamp) {
        let mut open = self.app.store.open_promises(false).await.unwrap();
        open.extend(self.app.store.open_promises(true).await.unwrap());
        let near = |promise: &Promise| promise.due_at.duration_since(self.now()).abs() < minutes(30);
        let step = if open.iter().any(near) { minutes(1) } else { minutes(10) };
        self.clock.set(until.min(self.now() + step));
    }

    async fn promises(&self, incident: i64) -> Vec<Promise> {
        self.app.store.promises_of(incident).await.unwrap()
    }

    async fn entries(&self, incident: i64) -> Vec<Entry> {
        let (now, missed) = (self.now(), self.app.config.promises.missed_after.0);
        self.promises(incident).await.into_iter().map(|promise| Entry::of(promise, now, missed)).collect()
    }

    async fn standings(&self, incident: i64) -> Vec<Standing> {
        self.entries(incident).await.into_iter().map(|entry| entry.standing).collect()
    }

    /// The "no news yet" messages that started, in order.
    async fn holdings(&self, incident: i64) -> Vec<Broadcast> {
        let mut found = self.app.store.broadcasts_of_incident(incident).await.unwrap();
        found.retain(|broadcast| broadcast.message == crate::render::MessageKind::Holding);
        found
    }

    /// Who was called about a promise in a step, by name.
    async fn called(&self, promise: i64, step: &str) -> Vec<String> {
        let mut names = Vec::new();
        for id in self.app.store.called(crate::store::reminders::Noun::Promise, promise, step).await.unwrap() {
            names.push(self.app.store.person(id).await.unwrap().name);
        }
        names
    }
}

async fn build(data: &tempfile::TempDir, clock: &Arc<Turned>, change: impl Fn(&mut Config)) -> App {
    let mut config = Config::demo(data.path().to_owned(), ([127, 0, 0, 1], 8080).into());
    change(&mut config);
    let world = World { clock: clock.clone(), ..World::system().unwrap() };
    let store = Store::open(&data.path().join("onevoice.db"), world.random.as_ref()).await.unwrap();
    assert!(store.restored().is_none(), "it is the original");
    App::build(config, store, world).unwrap()
}
