//! What providers really carry: measured while they are busy, and what a forecast reckons with where no limit says it.

use std::{collections::HashMap, sync::Mutex};

use jiff::Timestamp;

/// Fewer messages than this say nothing.
const ENOUGH: f64 = 50.0;
/// After so many busy seconds the past counts half: a rate is of the last minutes, not of last year.
const MEMORY: f64 = 60.0;

/// The rates of all providers.
#[derive(Debug, Default)]
pub struct Rates {
    providers: Mutex<HashMap<String, Meter>>,
}

#[derive(Debug, Default)]
struct Meter {
    /// How many connections have something under way.
    active: u32,
    since: Option<Timestamp>,
    busy: f64,
    carried: f64,
}

impl Meter {
    fn settle(&mut self, now: Timestamp) {
        if self.active > 0
            && let Some(since) = self.since
        {
            // A clock that is set back adds nothing.
            self.busy += now.duration_since(since).as_secs_f64().max(0.0);
        }
        self.since = Some(now);
        if self.busy > MEMORY {
            self.busy /= 2.0;
            self.carried /= 2.0;
        }
    }

    fn rate(&self) -> Option<f64> {
        (self.carried >= ENOUGH && self.busy > 0.0).then(|| self.carried / self.busy)
    }
}

impl Rates {
    fn with<T>(&self, provider: &str, change: impl FnOnce(&mut Meter) -> T) -> T {
        let mut providers = self.providers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !providers.contains_key(provider) {
            providers.insert(provider.to_owned(), Meter::default());
        }
        change(providers.get_mut(provider).expect("it was just put there"))
    }

    /// A connection of a provider has something to carry from now on.
    pub fn busy(&self, provider: &str, now: Timestamp) {
        self.with(provider, |meter| {
            meter.settle(now);
            meter.active += 1;
        });
    }

    /// So many messages of it have their answer.
    pub fn carried(&self, provider: &str, messages: u32, now: Timestamp) {
        self.with(provider, |meter| {
            meter.settle(now);
            meter.carried += f64::from(messages);
        });
    }

    /// A connection has nothing more under way.
    pub fn idle(&self, provider: &str, now: Timestamp) {
        self.with(provider, |meter| {
            meter.settle(now);
            meter.active = meter.active.saturating_sub(1);
        });
    }

    /// What it carried a second while it was busy; None before enough was seen.
    pub fn of(&self, provider: &str) -> Option<f64> {
        self.with(provider, |meter| meter.rate())
    }

    /// Every rate that is known.
    pub fn all(&self) -> Vec<(String, f64)> {
        let providers = self.providers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        providers.iter().filter_map(|(name, meter)| Some((name.clone(), meter.rate()?))).collect()
    }

    /// Starts from what was measured before a restart; what is seen from now on soon weighs more.
    pub fn remember(&self, provider: &str, rate: f64) {
        if rate.is_finite() && rate > 0.0 {
            self.with(provider, |meter| {
                meter.busy = ENOUGH / rate;
                meter.carried = ENOUGH;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    #[test]
    fn only_busy_time_counts_and_connections_count_once() {
        let rates = Rates::default();
        rates.busy("relay", at(0));
        rates.busy("relay", at(0));
        rates.carried("relay", 100, at(1000));
        rates.idle("relay", at(1000));
        rates.carried("relay", 100, at(2000));
        rates.idle("relay", at(2000));
        assert_eq!(rates.of("relay"), Some(100.0));
        // An hour of nothing changes nothing.
        rates.busy("relay", at(3_600_000));
        rates.carried("relay", 100, at(3_601_000));
        assert_eq!(rates.of("relay"), Some(100.0));
        assert_eq!(rates.of("other"), None);
    }

    #[test]
    fn few_messages_say_nothing_and_a_clock_set_back_breaks_nothing() {
        let rates = Rates::default();
        rates.busy("relay", at(10_000));
        rates.carried("relay", 49, at(11_000));
        assert_eq!(rates.of("relay"), None);
        rates.carried("relay", 1, at(0));
        assert_eq!(rates.of("relay"), Some(50.0));
        rates.idle("relay", at(0));
        rates.idle("relay", at(0));
    }

    #[test]
    fn the_last_minutes_count_more_than_the_past() {
        let rates = Rates::default();
        rates.remember("relay", 1000.0);
        rates.busy("relay", at(0));
        for second in 1..=600 {
            rates.carried("relay", 10, at(second * 1000));
        }
        let rate = rates.of("relay").unwrap();
        assert!((9.9..=11.0).contains(&rate), "{rate}");
    }
}
