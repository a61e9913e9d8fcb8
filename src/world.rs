//! The parts of the world that everything else is handed: time, randomness, HTTP. Nothing else makes them.

use std::{
    sync::{Arc, LazyLock, OnceLock},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jiff::Timestamp;
pub use onevoice_channels::contract::Clock;
use rand::TryRngCore as _;

/// The moment from which this process counts.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn steady(&self) -> Timestamp {
        static START: OnceLock<(Timestamp, Instant)> = OnceLock::new();
        let (at, since) = START.get_or_init(|| (self.now(), Instant::now()));
        at.saturating_add(since.elapsed()).unwrap_or(*at)
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one place that sleeps")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn elapsed(&self) -> Duration {
        BEGAN.elapsed()
    }
}

/// Randomness for secrets, handed in so that tests can repeat it.
pub trait Random: Send + Sync {
    /// Fills `bytes` with unguessable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no secret can be made: going on would be worse than stopping.
        rand::rngs::OsRng.try_fill_bytes(bytes).expect("the operating system gives randomness");
    }
}

/// `N` random bytes as lower-case hexadecimal.
pub fn random_hex<const N: usize>(random: &dyn Random) -> String {
    let mut bytes = [0_u8; N];
    random.fill(&mut bytes);
    hex(&bytes)
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// The one HTTP client: system roots, no redirects, bounded times.
///
/// # Errors
/// When the TLS set-up of this machine cannot be read.
#[allow(clippy::disallowed_methods, reason = "this is the one place that makes the client")]
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    install_crypto();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30))
        .user_agent(concat!("onevoice/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Makes ring the process's cryptography; later calls change nothing.
pub fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The clock and randomness of the machine.
pub fn system() -> (Arc<dyn Clock>, Arc<dyn Random>) {
    (Arc::new(SystemClock), Arc::new(SystemRandom))
}

/// Milliseconds since 1970, as the store keeps times.
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The instant of a stored time. Out-of-range values, which the store never writes, become the epoch.
pub fn from_millis(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What the rooms of the daemon are handed.
#[derive(Clone)]
pub struct World {
    /// The wall clock, and waiting.
    pub clock: Arc<dyn Clock>,
    /// Randomness for secrets and jitter.
    pub random: Arc<dyn Random>,
    /// The one HTTP client.
    pub http: reqwest::Client,
}

impl World {
    /// The machine's own.
    ///
    /// # Errors
    /// When the TLS set-up of this machine cannot be read.
    pub fn system() -> Result<World, reqwest::Error> {
        let (clock, random) = system();
        Ok(World { clock, random, http: http_client()? })
    }

    /// A number between -1 and 1, for jitter.
    pub fn spread(&self) -> f64 {
        let mut bytes = [0_u8; 4];
        self.random.fill(&mut bytes);
        f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX) * 2.0 - 1.0
    }
}
