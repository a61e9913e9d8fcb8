//! How fast somebody takes messages who said "slower": half as fast at each word, and a little faster each second in
//! which they took something (additive increase, multiplicative decrease).

use std::time::Duration;

/// Words that come closer together than this are one: the answers to what was under way when the first was said.
const ONE_WORD: Duration = Duration::from_secs(1);
/// How long the rate rests after a word before it rises.
const REST: Duration = Duration::from_secs(5);
/// How often it rises.
const EVERY: Duration = Duration::from_secs(1);
/// By how much, as a part of the limit.
const STEP: f64 = 1.0 / 20.0;
/// The least, as a part of the limit, unless that is less than one message a second: a crisis message does not wait for
/// ever for a destination that cannot make up its mind.
const FLOOR: f64 = 1.0 / 64.0;

/// What is left of a limit.
#[derive(Debug)]
pub(super) struct Adapt {
    part: f64,
    /// What it is a part of, where no limit is configured: what was measured when the first word came.
    measured: f64,
    cut_at: Option<Duration>,
    raised_at: Duration,
}

impl Default for Adapt {
    fn default() -> Self {
        Adapt { part: 1.0, measured: 1.0, cut_at: None, raised_at: Duration::ZERO }
    }
}

impl Adapt {
    /// They said "slower", while `measured` messages a second went. True where the rate has changed.
    pub(super) fn slower(&mut self, configured: Option<f64>, measured: f64, at: Duration) -> bool {
        if self.cut_at.is_some_and(|cut| at < cut + ONE_WORD) {
            return false;
        }
        if self.part >= 1.0 {
            self.measured = measured.max(1.0);
        }
        let whole = configured.unwrap_or(self.measured);
        self.part = (self.part / 2.0).max(FLOOR).max((1.0 / whole).min(0.5));
        self.cut_at = Some(at);
        self.raised_at = at + REST;
        true
    }

    /// They took something. True where the rate has changed.
    pub(super) fn took(&mut self, at: Duration) -> bool {
        if self.part >= 1.0 || at < self.raised_at + EVERY {
            return false;
        }
        self.part = (self.part + STEP).min(1.0);
        self.raised_at = at;
        true
    }

    /// The rate of now; None where nothing limits it.
    pub(super) fn rate(&self, configured: Option<f64>) -> Option<f64> {
        if self.part >= 1.0 { configured } else { Some(configured.unwrap_or(self.measured) * self.part) }
    }

    /// Whether it is slower than it may be.
    pub(super) fn is_slowed(&self) -> bool {
        self.part < 1.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_stays_between_its_floor_and_the_limit_and_comes_back(
            configured in prop::option::of(0.1_f64..1000.0), measured in 0.0_f64..1000.0,
            words in prop::collection::vec((0_u64..3000, any::<bool>()), 0..200),
        ) {
            let mut adapt = Adapt::default();
            let mut at = Duration::from_secs(1);
            for (millis, slower) in words {
                at += Duration::from_millis(millis);
                let before = adapt.rate(configured);
                let changed = if slower { adapt.slower(configured, measured, at) } else { adapt.took(at) };
                let after = adapt.rate(configured);
                if let Some(limit) = configured {
                    let rate = after.unwrap();
                    prop_assert!(rate <= limit && rate >= (limit * FLOOR).max(limit.min(2.0) / 2.0) * 0.999, "{rate} of {limit}");
                }
                prop_assert!(changed || before == after);
            }
            for _ in 0..60 {
                at += REST + EVERY;
                adapt.took(at);
            }
            prop_assert_eq!(adapt.rate(configured), configured);
            prop_assert!(!adapt.is_slowed());
        }
    }

    #[test]
    fn a_storm_of_words_is_one_word_and_the_rise_waits() {
        let mut adapt = Adapt::default();
        let at = Duration::from_secs(10);
        assert!(adapt.slower(Some(100.0), 0.0, at));
        for _ in 0..100 {
            assert!(!adapt.slower(Some(100.0), 0.0, at + Duration::from_millis(300)));
        }
        assert_eq!(adapt.rate(Some(100.0)), Some(50.0));
        assert!(!adapt.took(at + REST), "it rests");
        assert!(adapt.took(at + REST + EVERY));
        assert!(adapt.rate(Some(100.0)).is_some_and(|rate| (rate - 55.0).abs() < 1e-9));
        assert!(!adapt.took(at + REST + EVERY), "once a second");
    }

    #[test]
    fn without_a_limit_it_is_a_part_of_what_was_measured() {
        let mut adapt = Adapt::default();
        assert_eq!(adapt.rate(None), None);
        adapt.slower(None, 400.0, Duration::from_secs(1));
        assert_eq!(adapt.rate(None), Some(200.0));
        adapt.slower(None, 7.0, Duration::from_secs(3));
        assert_eq!(adapt.rate(None), Some(100.0), "what goes while it is slowed says nothing");
    }
}
