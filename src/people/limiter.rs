//! Sign-in attempts: a few wrong passwords, and an address or account waits.

use std::{collections::HashMap, sync::Mutex};

use jiff::Timestamp;

/// Wrong tries before a wait.
const FREE: u32 = 5;
/// How long wrong tries are remembered, in seconds.
const WINDOW: i64 = 900;
/// How many names are remembered; beyond that the oldest half is forgotten.
const MOST: usize = 10_000;

/// Wrong sign-ins by name: an account, or a caller's address.
#[derive(Default)]
pub struct LoginLimiter {
    failures: Mutex<HashMap<String, (u32, Timestamp)>>,
}

impl LoginLimiter {
    fn failures(&self) -> std::sync::MutexGuard<'_, HashMap<String, (u32, Timestamp)>> {
        self.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Seconds to wait before another try; None when one is free.
    pub fn wait(&self, name: &str, now: Timestamp) -> Option<i64> {
        let (count, last) = self.failures().get(name).copied()?;
        // 1, 2, 4 … seconds after each wrong try beyond the free ones, at most the window.
        let pause = 1_i64 << count.checked_sub(FREE)?.min(9);
        let left = last.as_second() + pause.min(WINDOW) - now.as_second();
        (left > 0).then_some(left)
    }

    /// Notes a wrong try.
    pub fn failed(&self, name: &str, now: Timestamp) {
        let mut failures = self.failures();
        if failures.len() >= MOST {
            let mut times: Vec<Timestamp> = failures.values().map(|(_, last)| *last).collect();
            times.sort_unstable();
            let middle = times[times.len() / 2];
            failures.retain(|_, (_, last)| *last > middle);
        }
        let entry = failures.entry(name.to_owned()).or_insert((0, now));
        if now.as_second() - entry.1.as_second() > WINDOW {
            entry.0 = 0;
        }
        *entry = (entry.0 + 1, now);
    }

    /// Forgets wrong tries after a right one.
    pub fn worked(&self, name: &str) {
        self.failures().remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tries_wait_longer_each_time_and_are_forgotten() {
        let limiter = LoginLimiter::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        for _ in 0..4 {
            limiter.failed("ana", at(0));
            assert_eq!(limiter.wait("ana", at(0)), None);
        }
        for expected in [1, 2, 4, 8] {
            limiter.failed("ana", at(0));
            assert_eq!(limiter.wait("ana", at(0)), Some(expected));
        }
        assert_eq!(limiter.wait("ben", at(0)), None);
        limiter.worked("ana");
        assert_eq!(limiter.wait("ana", at(0)), None);
    }
}
