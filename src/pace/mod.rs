//! Pace: when the next message may go, by the limits of its provider and destination and by what the provider told
//! us. Waiting is never an attempt.

use std::{num::NonZeroU32, sync::Mutex, time::Duration};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use jiff::Timestamp;
use onevoice_channels::contract::Limits;

use crate::world::Clock;

/// The longest wait that a provider may ask for: a broken Retry-After must not stop a broadcast for a week.
const LONGEST_HOLD: Duration = Duration::from_secs(3600);
/// The first and the longest pause after a provider was unavailable.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The pace of one provider, shared by its connections.
pub struct Pacer {
    all: Option<DefaultDirectRateLimiter>,
    by_domain: Option<DefaultKeyedRateLimiter<String>>,
    clock: DefaultClock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    hold_until: Option<Timestamp>,
    failures: u32,
    last_trouble: Option<String>,
}

/// How a provider stands, for people and metrics.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Health {
    /// True where nothing keeps it from sending.
    pub up: bool,
    /// Until when it waits.
    pub waits_until: Option<Timestamp>,
    /// What it said last, where something was wrong.
    pub last_trouble: Option<String>,
}

/// A rate as governor counts it: one cell each `1/rate` seconds, `burst` of them at once after a pause.
fn quota(per_second: f64, burst: NonZeroU32) -> Option<Quota> {
    Quota::with_period(Duration::try_from_secs_f64(1.0 / per_second).ok()?).map(|quota| quota.allow_burst(burst))
}

impl Pacer {
    /// The pace that a provider's limits allow.
    pub fn new(limits: &Limits) -> Pacer {
        Pacer {
            all: limits.per_second.and_then(|rate| quota(rate, limits.burst)).map(RateLimiter::direct),
            by_domain: limits
                .per_domain_per_second
                .and_then(|rate| quota(rate, limits.burst))
                .map(RateLimiter::hashmap),
            clock: DefaultClock::default(),
            state: Mutex::new(State::default()),
        }
    }

    /// Waits until a message to `address` may go; answers how long that took.
    pub async fn wait(&self, address: &str, world: &dyn Clock) -> Duration {
        let mut waited = Duration::ZERO;
        while let Some(pause) = self.pause(address, world.now()) {
            world.sleep(pause).await;
            waited += pause;
        }
        waited
    }

    /// Whether a message to `address` may go now, which takes its permit.
    pub fn try_take(&self, address: &str, now: Timestamp) -> bool {
        self.pause(address, now).is_none()
    }

    /// How long to wait before asking again; None when a message may go now, which takes its permit.
    fn pause(&self, address: &str, now: Timestamp) -> Option<Duration> {
        if let Some(until) = self.held_until().filter(|until| *until > now) {
            return Duration::try_from(until.duration_since(now)).ok();
        }
        // The domain first: its permit is only taken when the provider's can be had at once after it.
        if let Some(limiter) = &self.by_domain {
            let domain = address.rsplit('@').next().unwrap_or(address).to_ascii_lowercase();
            if let Err(not_yet) = limiter.check_key(&domain) {
                return Some(not_yet.wait_time_from(self.clock.now()));
            }
        }
        self.all
            .as_ref()
            .and_then(|limiter| limiter.check().err())
            .map(|not_yet| not_yet.wait_time_from(self.clock.now()))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn held_until(&self) -> Option<Timestamp> {
        self.state().hold_until
    }

    /// The provider asked us to wait.
    pub fn hold(&self, after: Duration, now: Timestamp) {
        let until = now + after.min(LONGEST_HOLD);
        let mut state = self.state();
        state.hold_until = Some(state.hold_until.map_or(until, |known| known.max(until)));
    }

    /// The provider could not carry anything: its connections pause, longer each time. Answers for how long.
    pub fn failed(&self, trouble: String, after: Option<Duration>, now: Timestamp) -> Duration {
        let mut state = self.state();
        let doubled = BACKOFF.0 * 2_u32.saturating_pow(state.failures.min(10));
        let pause = after.map_or(doubled.min(BACKOFF.1), |after| after.min(LONGEST_HOLD));
        state.failures += 1;
        state.last_trouble = Some(trouble);
        let until = now + pause;
        state.hold_until = Some(state.hold_until.map_or(until, |known| known.max(until)));
        pause
    }

    /// The provider carried something.
    pub fn worked(&self) {
        let mut state = self.state();
        state.failures = 0;
        state.last_trouble = None;
    }

    /// How the provider stands.
    pub fn health(&self, now: Timestamp) -> Health {
        let state = self.state();
        Health {
            up: state.failures == 0,
            waits_until: state.hold_until.filter(|until| *until > now),
            last_trouble: state.last_trouble.clone(),
        }
    }
}

/// How many seconds `count` messages take at a provider's limits; None where nothing limits them.
pub fn seconds_for(count: i64, limits: &Limits) -> Option<f64> {
    let rate = limits.per_second?;
    Some(((count as f64 - f64::from(limits.burst.get())).max(0.0) / rate).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn failures_double_the_pause_up_to_a_minute_and_success_forgets_them() {
        let pacer = Pacer::new(&Limits::default());
        let pauses: Vec<u64> = (0..8).map(|_| pacer.failed("down".into(), None, at(0)).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(!pacer.health(at(0)).up);
        pacer.worked();
        assert_eq!(pacer.failed("down".into(), None, at(0)).as_secs(), 1);
    }

    #[test]
    fn an_absurd_wait_is_clamped_and_a_shorter_one_does_not_end_a_longer_one() {
        let pacer = Pacer::new(&Limits::default());
        pacer.hold(Duration::from_secs(999_999_999), at(0));
        pacer.hold(Duration::from_secs(1), at(0));
        assert_eq!(pacer.health(at(0)).waits_until, Some(at(3600)));
        assert_eq!(pacer.health(at(3600)).waits_until, None);
    }

    #[test]
    fn a_limit_gives_the_burst_at_once_and_then_makes_wait() {
        let limits = Limits { per_second: Some(0.001), burst: NonZeroU32::new(3).unwrap(), ..Limits::default() };
        let pacer = Pacer::new(&limits);
        let waits: Vec<bool> = (0..5).map(|_| pacer.pause("a@b.example", at(0)).is_some()).collect();
        assert_eq!(waits, [false, false, false, true, true]);
    }

    #[test]
    fn a_domain_limit_holds_its_own_domain_only() {
        let limits = Limits { per_domain_per_second: Some(0.001), ..Limits::default() };
        let pacer = Pacer::new(&limits);
        assert!(pacer.pause("a@slow.example", at(0)).is_none());
        assert!(pacer.pause("b@SLOW.example", at(0)).is_some());
        assert!(pacer.pause("b@other.example", at(0)).is_none());
    }
}
