//! What tests of providers need, here and in the daemon: parcels, a clock, scripted servers, and the one suite that
//! every registered provider must pass.
//!
//! Nothing here is for production. Servers listen on loopback and are scripted exactly; nothing waits or is timed,
//! except where a silence is what is tested.

pub mod callbacks;
pub mod http_server;
pub mod logs;
pub mod parcels;
pub mod smpp_server;
pub mod smtp_server;
pub mod suite;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;

pub use self::{
    callbacks::{Callbacks, Proof, Vector},
    suite::{Case, Expect, Row, Script},
};
use crate::{
    contract::{Clock, Outcome, Parcel, Provider, Run, Unavailable, World},
    registry::{self, ProviderSettings},
};

/// A file that holds [`SECRET`], for settings that want one.
pub const SECRET_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/secret");
/// What [`SECRET_FILE`] holds. It must never be seen in an outcome, an error or a `Debug`.
pub const SECRET: &str = "kit-secret-5d1f0c";

/// A file that holds this secret, for settings that want the address of a server as one.
///
/// # Panics
/// When the system's folder for such files cannot be written to.
pub fn secret_file(secret: &str) -> PathBuf {
    let name: String = secret.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let file = std::env::temp_dir().join(format!("onevoice-kit-{name}"));
    // Its name says what it holds, so whoever else writes it writes the same.
    if std::fs::read_to_string(&file).ok().as_deref() != Some(secret) {
        let draft = file.with_extension(std::process::id().to_string());
        std::fs::write(&draft, secret).expect("the folder for temporary files is writable");
        std::fs::rename(&draft, &file).expect("the folder for temporary files is writable");
    }
    file
}

/// A clock that stands still until a test turns it. To sleep on it is to turn it.
pub struct TestClock(Mutex<Timestamp>);

impl TestClock {
    /// A clock that shows this time.
    pub fn at(now: Timestamp) -> Arc<TestClock> {
        Arc::new(TestClock(Mutex::new(now)))
    }

    /// Turns it on.
    pub fn advance(&self, by: Duration) {
        let mut now = lock(&self.0);
        *now = now.checked_add(by).expect("a test's clock stays within the calendar");
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

/// A world with a patient HTTP client, for everything that is answered. Its clock shows 2026-03-01T12:00:00Z.
pub fn world() -> World {
    world_with(Duration::from_secs(30), Duration::from_secs(30))
}

/// A world whose HTTP client gives up at once, for servers that never answer.
pub fn impatient_world() -> World {
    world_with(Duration::from_millis(300), Duration::from_millis(200))
}

fn world_with(timeout: Duration, connect_timeout: Duration) -> World {
    // A second installation fails, and is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[allow(clippy::disallowed_methods, reason = "the kit is the daemon of these tests: it makes the one client")]
    let http = reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client with constant settings");
    World {
        clock: TestClock::at(Timestamp::constant(1_772_366_400, 0)),
        http,
        public_url: Some("https://alerts.example/".parse().expect("a constant URL")),
    }
}

/// A provider from its settings as JSON, with `kind`.
///
/// # Panics
/// When the settings are refused.
pub fn provider(settings: serde_json::Value, world: &World) -> Arc<dyn Provider> {
    let settings: ProviderSettings = serde_json::from_value(settings).expect("settings that can be read");
    registry::build("kit", &settings, world).expect("settings that can be used")
}

/// Carries these parcels, all of them ready at once, and tells what was reported, in order, and how the run ended.
pub async fn carry(provider: &dyn Provider, parcels: Vec<Parcel>) -> (Vec<(Parcel, Outcome)>, Result<(), Unavailable>) {
    let (sender, mut outcomes, mut run) = Run::new(parcels.len().max(1));
    for parcel in parcels {
        sender.send(parcel).await.expect("the run takes as many as there are");
    }
    drop(sender);
    let ended = provider.carry(&mut run).await;
    drop(run);
    let mut reported = Vec::new();
    while let Some(report) = outcomes.recv().await {
        reported.push(report);
    }
    (reported, ended)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panics while it holds this")
}
