//! Rates as governor counts them, told the time instead of asking for it.
//!
//! A [`Bucket`] begins empty: what was sent in the second before a start or a reload is not known any more, and a burst
//! on top of it would be more than the limit and the burst in one second.

use std::{
    cell::Cell,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{NotKeyed, StateStore},
};

use crate::config::Rate;

/// The longest time between two messages, in seconds: thirty years, which governor can still count.
const LONGEST: u64 = 1_000_000_000;

/// The time that a bucket was told last.
#[derive(Clone, Debug, Default)]
struct Told(Cell<Duration>);

impl Clock for Told {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.get()
    }
}

/// The state of one bucket. It can be asked without being changed: a message that several limits must let go takes the
/// permit of none before all have agreed. One thread at a time uses it, behind its owner's lock.
#[derive(Clone, Debug, Default)]
struct Level(Arc<(AtomicU64, AtomicBool)>);

impl StateStore for Level {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (reached, only_asks) = &*self.0;
        let (answer, next) = measure(Some(Nanos::from(reached.load(Relaxed))))?;
        if !only_asks.load(Relaxed) {
            reached.store(next.as_u64(), Relaxed);
        }
        Ok(answer)
    }
}

/// So many messages a second on average, so many at once after a pause.
#[derive(Debug)]
pub(super) struct Bucket {
    limiter: RateLimiter<NotKeyed, Level, Told, NoOpMiddleware<Duration>>,
    level: Level,
    period: Duration,
    burst: NonZeroU32,
}

impl Bucket {
    /// A bucket that was empty at `since`.
    pub(super) fn empty(per_second: f64, burst: NonZeroU32, since: Duration) -> Bucket {
        let longest = Duration::from_secs(LONGEST) / burst.get();
        let period = Duration::try_from_secs_f64(1.0 / per_second).map_or(longest, |period| period.min(longest));
        let period = period.max(Duration::from_nanos(1));
        let quota = Quota::with_period(period).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
        let level = Level::default();
        let limiter = RateLimiter::new(quota, level.clone(), Told(Cell::new(since)));
        // What fits at once always fits in a full bucket.
        let _ = limiter.check_n(burst);
        Bucket { limiter, level, period, burst }
    }

    /// The time between two messages.
    pub(super) fn period(&self) -> Duration {
        self.period
    }

    /// How long an empty one takes to be full.
    pub(super) fn fills_in(&self) -> Duration {
        self.period.saturating_mul(self.burst.get())
    }

    /// When the next message may go, at `at` or later. Takes nothing.
    pub(super) fn next(&self, told: Option<Duration>, at: Duration) -> Duration {
        let (_, only_asks) = &*self.level.0;
        only_asks.store(true, Relaxed);
        let answer = self.check(told, at);
        only_asks.store(false, Relaxed);
        answer
    }

    /// Takes the permit that [`Bucket::next`] found for now.
    pub(super) fn take(&self, told: Option<Duration>, at: Duration) {
        self.check(told, at);
    }

    /// `told` is the moment that this message was told to wait for. It counts as punctual although it woke a little
    /// later: otherwise each one's lateness would be the next one's too, and 100 a second would become 90.
    fn check(&self, told: Option<Duration>, at: Duration) -> Duration {
        let mut punctual = told.map_or(at, |told| told.max(at.saturating_sub(self.period)).min(at));
        loop {
            self.limiter.clock().0.set(punctual);
            match self.limiter.check() {
                Ok(()) => return at,
                // Another message took the moment that this one was told; the next one after it has passed too.
                Err(not_yet) if not_yet.earliest_possible() <= at => punctual = not_yet.earliest_possible(),
                Err(not_yet) => return not_yet.earliest_possible(),
            }
        }
    }
}

/// A limit that several providers share.
#[derive(Debug, Default)]
pub struct Shared(Mutex<(Option<Rate>, Option<Bucket>)>);

impl Shared {
    /// The limit from now on. What has not changed goes on as it was.
    pub fn set(&self, rate: Option<&Rate>, at: Duration) {
        let mut held = self.lock();
        if held.0.as_ref() != rate {
            *held = (rate.cloned(), rate.map(|rate| Bucket::empty(rate.per_second, rate.burst, at)));
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, (Option<Rate>, Option<Bucket>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The most of `sent` in any second.
    pub(crate) fn most_in_a_second(sent: &[Duration]) -> usize {
        (0..sent.len())
            .map(|from| sent[from..].iter().take_while(|at| **at < sent[from] + SECOND).count())
            .max()
            .unwrap_or(0)
    }

    /// Sends as often as it may until `end`, each wake late by the next of `late` milliseconds.
    fn run(bucket: &Bucket, from: Duration, end: Duration, late: &[u64], sent: &mut Vec<Duration>) {
        let (mut at, mut told) = (from, None);
        let mut late = late.iter().cycle();
        while at < end {
            let next = bucket.next(told, at);
            if next <= at {
                bucket.take(told, at);
                sent.push(at);
                told = None;
            } else {
                told = Some(next);
                at = next + Duration::from_micros(late.next().copied().unwrap_or(0));
            }
        }
    }

    proptest! {
        #[test]
        fn no_second_has_more_than_the_limit_and_the_burst_across_restarts_too(
            rate in 0.5_f64..300.0, burst in 1_u32..40, late in prop::collection::vec(0_u64..3000, 1..20),
            restarts in prop::collection::vec(1_u64..2500, 0..5),
        ) {
            let burst = NonZeroU32::new(burst).unwrap();
            let (mut sent, mut from) = (Vec::new(), Duration::from_secs(7));
            for life in restarts.into_iter().chain([3000]) {
                let bucket = Bucket::empty(rate, burst, from);
                let end = from + Duration::from_millis(life);
                run(&bucket, from, end, &late, &mut sent);
                from = end.max(sent.last().copied().unwrap_or_default());
            }
            let most = burst.get() as usize + rate.ceil() as usize;
            prop_assert!(most_in_a_second(&sent) <= most, "{} of {most}", most_in_a_second(&sent));
        }

        #[test]
        fn what_is_late_by_less_than_a_period_costs_nothing_of_the_rate(
            rate in 1_u32..400, late in prop::collection::vec(0_u64..1000, 1..20),
        ) {
            let bucket = Bucket::empty(f64::from(rate), NonZeroU32::MIN, Duration::ZERO);
            let mut sent = Vec::new();
            run(&bucket, Duration::ZERO, Duration::from_secs(10), &late, &mut sent);
            prop_assert!(sent.len() + 1 >= rate as usize * 10, "{} of {}", sent.len(), rate * 10);
        }
    }

    #[test]
    fn a_burst_is_there_after_a_pause_and_not_after_a_start() {
        let bucket = Bucket::empty(10.0, NonZeroU32::new(5).unwrap(), SECOND);
        assert_eq!(bucket.next(None, SECOND), SECOND + Duration::from_millis(100));
        let at = SECOND * 10;
        for _ in 0..5 {
            assert_eq!(bucket.next(None, at), at, "asking takes nothing");
            assert_eq!(bucket.next(None, at), at);
            bucket.take(None, at);
        }
        assert_eq!(bucket.next(None, at), at + Duration::from_millis(100));
    }

    #[test]
    fn rates_at_the_ends_of_what_can_be_written_are_counted() {
        for rate in [f64::MIN_POSITIVE, 1e-12, 1e12, f64::MAX] {
            let bucket = Bucket::empty(rate, NonZeroU32::MAX, SECOND);
            assert!(bucket.next(None, SECOND) > SECOND);
        }
    }

    #[test]
    fn a_shared_limit_that_did_not_change_goes_on_and_a_new_one_begins_empty() {
        let shared = Shared::default();
        let rate = Rate { per_second: 1.0, burst: NonZeroU32::new(3).unwrap() };
        shared.set(Some(&rate), Duration::ZERO);
        let free = |at| shared.lock().1.as_ref().is_some_and(|bucket| bucket.next(None, at) <= at);
        assert!(free(SECOND * 5));
        shared.set(Some(&rate), SECOND * 5);
        assert!(free(SECOND * 5), "nothing was changed");
        shared.set(Some(&Rate { per_second: 2.0, ..rate }), SECOND * 5);
        assert!(!free(SECOND * 5));
        shared.set(None, SECOND * 5);
        assert!(shared.lock().1.is_none());
    }
}
