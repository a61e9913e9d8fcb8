//! Pace: when the next message may go, and by which provider. Waiting is never an attempt.
//!
//! A message goes when its destination domain, its provider, its sender and the limit over all providers let it go at
//! the same moment; before that it takes the permit of none. What a provider or a domain asks for ("slower", "not before
//! …") comes on top. A message whose domain alone must wait is put aside, so that the ones behind it do not wait too.
//!
//! All of it is told the time, as [`Clock::elapsed`] gives it: a wall clock that is set changes no pace.

mod adapt;
mod answer;
mod breaker;
mod common;
mod domains;
mod limits;
mod quiet;
mod rate;
mod route;
mod timing;
mod word;

use std::{
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use jiff::Timestamp;
use onevoice_channels::contract::{Limits, Outcome, Reason, Unavailable};

use self::{
    adapt::Adapt,
    breaker::{Admit, Breaker},
    domains::{Domains, Full},
    limits::Bucket,
    word::{is_domains, is_fault},
};
pub use self::{
    answer::{Health, Limit, Paced, Permit, Turn},
    breaker::BreakerState,
    common::Common,
    domains::destination,
    limits::Shared,
    quiet::{Quiet, QuietAnswer, Window},
    rate::Rates,
    route::Routes,
    timing::{AtNight, STAGE_PERCENT, Timing},
    word::own_fault,
};
use crate::world::Clock;

/// The longest wait that a provider may ask for: a broken Retry-After must not stop a broadcast for a week.
const LONGEST_HOLD: Duration = Duration::from_secs(3600);
/// How long a provider rests that asks to go slower and names no time.
const REST: Duration = Duration::from_secs(1);
/// A pause up to this long is waited for with what is claimed; before a longer one it is given back.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long until a provider that is ahead of its share asks again.
const TURN: Duration = Duration::from_millis(20);

/// The pace of one provider, shared by its connections.
pub struct Pacer {
    state: Arc<Mutex<State>>,
    sender: Option<Arc<Shared>>,
    overall: Option<Arc<Shared>>,
    routes: Arc<Routes>,
    place: usize,
    /// The end of the pause of now, in nanoseconds: looked at for each message as it is taken.
    paused_until: AtomicU64,
}

#[derive(Default)]
struct State {
    limits: Limits,
    bucket: Option<Bucket>,
    adapt: Adapt,
    domains: Domains,
    breaker: Breaker,
    asked_until: Duration,
    meter: Meter,
    last_trouble: Option<String>,
}

/// How many messages went in this second and the one before.
#[derive(Default)]
struct Meter {
    second: u64,
    count: u32,
    before: u32,
}

/// A message under way. Its domain's place is free again when this is dropped.
#[derive(Default)]
#[must_use]
pub struct Slot(Option<(Arc<Mutex<State>>, Box<str>)>);

impl Slot {
    /// Whether anything counts it: one that nothing does need not be kept.
    pub fn is_counted(&self) -> bool {
        self.0.is_some()
    }
}

impl std::fmt::Debug for Slot {
    /// Leaves out the domain: it is a part of an address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").field("counted", &self.is_counted()).finish()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some((state, domain)) = self.0.take() {
            lock(&state).domains.landed(&domain);
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pacer {
    /// The pace that a provider's limits allow from `at` on. Its place among the channel's providers is by weight and
    /// priority.
    pub fn new(limits: &Limits, routes: Arc<Routes>, weight: NonZeroU32, priority: u32, at: Duration) -> Pacer {
        let place = routes.add(weight, priority);
        let mut state = State::default();
        state.limit(limits, at);
        Pacer { state: Arc::new(Mutex::new(state)), sender: None, overall: None, routes, place, paused_until: 0.into() }
    }

    /// The pace of a provider that has its channel for itself.
    pub fn alone(limits: &Limits, at: Duration) -> Pacer {
        Pacer::new(limits, Arc::default(), NonZeroU32::MIN, 1, at)
    }

    /// The same with limits that others share.
    #[must_use]
    pub fn sharing(self, sender: Option<Arc<Shared>>, overall: Option<Arc<Shared>>) -> Pacer {
        Pacer { sender, overall, ..self }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Other limits from now on. Where they are the same, everything goes on as it was.
    pub fn set_limits(&self, limits: &Limits, at: Duration) {
        let mut state = self.lock();
        if state.limits != *limits {
            state.limit(limits, at);
        }
    }

    /// Another weight and priority from now on.
    pub fn set_share(&self, weight: NonZeroU32, priority: u32) {
        self.routes.set(self.place, weight, priority);
    }

    /// Its priority among the channel's providers; those of the lowest number go first.
    pub fn priority(&self) -> u32 {
        self.routes.priority(self.place)
    }

    /// Waits until a message to `address` may go; for its domain at most `patience`.
    pub async fn wait(&self, address: &str, patience: Duration, clock: &dyn Clock) -> Paced {
        let began = clock.elapsed();
        let (mut at, mut waits) = (began, None);
        loop {
            let (until, by) = match self.permit(address, waits.map(|(until, _)| until), at) {
                Permit::Go(slot) => {
                    return Paced::Go { slot, waited: waits.map(|(_, by)| (at.saturating_sub(began), by)) };
                }
                Permit::Stop => return Paced::Stop,
                Permit::Aside { until } if until > began + patience => return Paced::Aside,
                Permit::Aside { until } => (until, Limit::Domain),
                Permit::Wait { until, by } => (until, by),
            };
            clock.sleep(until.saturating_sub(at)).await;
            waits = Some((until, by));
            at = clock.elapsed();
        }
    }

    /// Whether a message to `address` may go now. `told` is when it was told to ask again.
    pub fn permit(&self, address: &str, told: Option<Duration>, at: Duration) -> Permit {
        let mut state = self.lock();
        if !state.breaker.lets_go() {
            return Permit::Stop;
        }
        match state.held_until() {
            until if until > at + PATIENCE => return Permit::Stop,
            until if until > at => return Permit::Wait { until, by: Limit::Pause },
            _ => {}
        }
        let State { limits, domains, bucket, breaker, meter, .. } = &mut *state;
        let domain = domains.find(limits, address, at);
        if let Some(Err(full)) = domain.as_ref().map(|domain| domain.asks(told, at)) {
            let until = match full {
                Full::Until(until) => until,
                Full::UnderWay => at + TURN,
            };
            return Permit::Aside { until };
        }
        let sender = self.sender.as_ref().map(|shared| shared.lock());
        let overall = self.overall.as_ref().map(|shared| shared.lock());
        let buckets = [
            (Limit::Provider, bucket.as_ref()),
            (Limit::Sender, sender.as_ref().and_then(|held| held.1.as_ref())),
            (Limit::Overall, overall.as_ref().and_then(|held| held.1.as_ref())),
        ];
        let buckets = buckets.iter().filter_map(|(limit, bucket)| bucket.map(|bucket| (*limit, bucket)));
        let last = buckets.clone().map(|(limit, bucket)| (bucket.next(told, at), limit)).max_by_key(|(next, _)| *next);
        if let Some((until, by)) = last.filter(|(until, _)| *until > at) {
            if by == Limit::Provider {
                self.routes.paced(self.place, until);
            }
            return Permit::Wait { until, by };
        }
        buckets.for_each(|(_, bucket)| bucket.take(told, at));
        breaker.let_go();
        meter.count(at);
        let counted = domain.is_some_and(|domain| domain.take(told, at));
        Permit::Go(Slot(counted.then(|| (self.state.clone(), domains::destination(limits, address).into()))))
    }

    /// Puts a message aside whose domain must wait: for how long.
    pub fn aside(&self, address: &str, at: Duration) -> Duration {
        let mut state = self.lock();
        let State { limits, domains, .. } = &mut *state;
        domains.find(limits, address, at).map_or(Duration::ZERO, |domain| domain.aside(at).saturating_sub(at))
    }

    /// Whether a connection may claim now.
    pub fn turn(&self, at: Duration) -> Turn {
        let mut state = self.lock();
        if let Some(pause) = state.held_until().checked_sub(at).filter(|pause| !pause.is_zero()) {
            return Turn::NotYet(pause);
        }
        match state.breaker.admit(at) {
            Admit::One(probe) => return Turn::Probe(probe),
            Admit::Nothing => return Turn::NotYet(TURN * 10),
            Admit::All => {}
        }
        drop(state);
        if self.routes.may_claim(self.place, at) { Turn::Now } else { Turn::NotYet(TURN) }
    }

    /// A connection claimed so many.
    pub fn claimed(&self, deliveries: usize, at: Duration) {
        self.routes.claimed(self.place, deliveries, at);
    }

    /// The connection that had a probe ended: where it told nothing, another may try.
    pub fn probe_ended(&self, probe: u64) {
        self.lock().breaker.untold(probe);
    }

    /// What became of a message to `address`. True where idle connections may go on because of it.
    pub fn outcome(&self, address: &str, outcome: &Outcome, at: Duration) -> bool {
        let mut state = self.lock();
        let mut error = false;
        let answered = match outcome {
            Outcome::Accepted { .. } | Outcome::Delivered { .. } => {
                state.took(address, at);
                true
            }
            Outcome::Rejected { .. } => true,
            Outcome::Later { reason, detail, .. } if is_domains(*reason, detail) => {
                state.domain_slower(address, at);
                true
            }
            Outcome::Later { reason: Reason::Throttled, after, .. } => {
                state.slower(at);
                state.hold(after.unwrap_or(REST), at);
                true
            }
            Outcome::Later { reason, .. } => {
                error = is_fault(*reason);
                !matches!(reason, Reason::Unauthorized | Reason::Unreachable)
            }
            Outcome::InDoubt { detail } => {
                error = true;
                state.last_trouble = Some(detail.clone());
                state.breaker.failed(None, at);
                false
            }
        };
        let closed = answered && state.breaker.worked();
        if answered && !error {
            state.last_trouble = None;
        }
        let available = state.breaker.state() == BreakerState::Closed;
        self.note_pause(&state);
        drop(state);
        if self.routes.told(self.place, error, at) {
            tracing::warn!("a provider had too many errors in a minute and loses its share of the channel for now");
        }
        if closed || !available {
            self.routes.set_available(self.place, available);
        }
        closed
    }

    /// The provider could not carry anything: its connections pause, longer each time. Answers for how long.
    pub fn unavailable(&self, why: &Unavailable, at: Duration) -> Duration {
        let mut state = self.lock();
        if matches!(why.reason, Reason::Throttled | Reason::Temporary) {
            state.slower(at);
        }
        state.last_trouble = Some(why.to_string());
        let pause = state.breaker.failed(why.after.map(|after| after.min(LONGEST_HOLD)), at);
        let available = state.breaker.state() == BreakerState::Closed;
        self.note_pause(&state);
        drop(state);
        self.routes.told(self.place, is_fault(why.reason), at);
        self.routes.set_available(self.place, available);
        self.routes.paced(self.place, at + pause);
        pause
    }

    /// Whether a pause keeps everything of this provider from going.
    pub fn is_paused(&self, at: Duration) -> bool {
        at.as_nanos() < u128::from(self.paused_until.load(Relaxed))
    }

    fn note_pause(&self, state: &State) {
        self.paused_until.store(u64::try_from(state.held_until().as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// The least of the rates that hold for every message of this provider; None where there is none.
    pub fn rate(&self) -> Option<f64> {
        self.own_rate().into_iter().chain(self.shared().map(|(_, rate)| rate)).min_by(f64::total_cmp)
    }

    /// Its own limit, or what it was slowed down to.
    pub fn own_rate(&self) -> Option<f64> {
        let state = self.lock();
        state.adapt.rate(state.limits.per_second)
    }

    /// The limits that it shares with others, in messages a second: each with what tells it from another limit.
    pub fn shared(&self) -> impl Iterator<Item = (usize, f64)> {
        let shared = [&self.sender, &self.overall].into_iter().flatten();
        shared.filter_map(|shared| Some((Arc::as_ptr(shared).addr(), shared.lock().0.as_ref()?.per_second)))
    }

    /// The limit over all providers.
    pub fn overall(&self) -> Option<f64> {
        self.overall.as_ref().and_then(|shared| shared.lock().0.as_ref().map(|rate| rate.per_second))
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.lock().limits.clone()
    }

    /// How many messages may be kept ready for one connection, `most` or fewer: what is ready goes as fast as the
    /// provider takes it, so it is never more than a hundredth of a second's.
    pub fn depth(&self, most: usize) -> usize {
        self.rate().map_or(most, |rate| ((rate / 100.0).ceil() as usize).clamp(1, most))
    }

    /// How the provider stands.
    pub fn health(&self, at: Duration, now: Timestamp) -> Health {
        let mut state = self.lock();
        let pause = state.held_until().checked_sub(at).filter(|pause| !pause.is_zero());
        let slowed_to = state.adapt.rate(state.limits.per_second).filter(|_| state.adapt.is_slowed());
        Health {
            up: state.breaker.is_well() && state.breaker.state() == BreakerState::Closed,
            waits_until: pause.and_then(|pause| now.checked_add(pause).ok()),
            last_trouble: state.last_trouble.clone(),
            breaker: state.breaker.state(),
            share: self.routes.share(self.place, at),
            usual_share: self.routes.usual_share(self.place),
            per_second: state.meter.rate(at),
            slowed_to,
        }
    }
}

impl State {
    fn held_until(&self) -> Duration {
        self.asked_until.max(self.breaker.until())
    }

    fn hold(&mut self, after: Duration, at: Duration) {
        self.asked_until = self.asked_until.max(at + after.min(LONGEST_HOLD));
    }

    fn limit(&mut self, limits: &Limits, at: Duration) {
        self.limits = limits.clone();
        self.refill(at);
        self.domains.set(limits, at);
    }

    /// The bucket of the rate of now, empty.
    fn refill(&mut self, at: Duration) {
        let burst = if self.adapt.is_slowed() { NonZeroU32::MIN } else { self.limits.burst };
        self.bucket = self.adapt.rate(self.limits.per_second).map(|rate| Bucket::empty(rate, burst, at));
    }

    fn slower(&mut self, at: Duration) {
        let measured = self.meter.rate(at);
        if self.adapt.slower(self.limits.per_second, measured, at) {
            self.refill(at);
        }
    }

    fn domain_slower(&mut self, address: &str, at: Duration) {
        let measured = self.meter.rate(at);
        self.domains.slower(&self.limits, address, measured, at);
    }

    fn took(&mut self, address: &str, at: Duration) {
        if self.adapt.took(at) {
            self.refill(at);
        }
        self.domains.took(&self.limits, address, at);
    }
}

impl Meter {
    fn count(&mut self, at: Duration) {
        self.turn(at);
        self.count += 1;
    }

    fn turn(&mut self, at: Duration) {
        let second = at.as_secs();
        if second != self.second {
            self.before = if second == self.second + 1 { self.count } else { 0 };
            (self.second, self.count) = (second, 0);
        }
    }

    fn rate(&mut self, at: Duration) -> f64 {
        self.turn(at);
        f64::from(self.before.max(self.count))
    }
}

#[cfg(test)]
mod tests;
