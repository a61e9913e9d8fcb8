//! The circuit breaker of a provider: when it cannot be reached again and again, nothing is tried for a while, and then
//! one message on one connection.

use std::time::Duration;

/// So many failures one after another open it. The ones before only make all wait a second.
const OPENS_AT: u32 = 3;
/// The first and the longest pause.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// How a breaker stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Messages go.
    #[default]
    Closed,
    /// Nothing is tried.
    Open,
    /// One message is on its way, to see.
    HalfOpen,
}

impl BreakerState {
    /// Each of them.
    pub const ALL: [BreakerState; 3] = [BreakerState::Closed, BreakerState::Open, BreakerState::HalfOpen];

    /// The word in the API and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half_open",
        }
    }
}

/// Whether a connection may take messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admit {
    /// As many as it likes.
    All,
    /// One, to see; the probe's number.
    One(u64),
    /// None.
    Nothing,
}

#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: BreakerState,
    failures: u32,
    until: Duration,
    probe: u64,
    /// Whether the probe's one message has not gone yet.
    to_go: bool,
}

impl Breaker {
    /// Asked before a claim.
    pub(super) fn admit(&mut self, at: Duration) -> Admit {
        match self.state {
            BreakerState::Closed => Admit::All,
            BreakerState::Open if self.until <= at => {
                self.state = BreakerState::HalfOpen;
                self.probe += 1;
                self.to_go = true;
                Admit::One(self.probe)
            }
            BreakerState::Open | BreakerState::HalfOpen => Admit::Nothing,
        }
    }

    /// Whether a message may go now. True only once while half open, so it is asked last.
    pub(super) fn let_go(&mut self) -> bool {
        match self.state {
            BreakerState::Closed => true,
            BreakerState::Open => false,
            BreakerState::HalfOpen => std::mem::take(&mut self.to_go),
        }
    }

    /// Whether a message would be let go.
    pub(super) fn lets_go(&self) -> bool {
        self.state == BreakerState::Closed || self.to_go
    }

    /// The provider answered. True where this closed it.
    pub(super) fn worked(&mut self) -> bool {
        let closed = self.state != BreakerState::Closed;
        *self = Breaker { probe: self.probe, ..Breaker::default() };
        closed
    }

    /// The provider could not carry anything. Answers how long nothing goes.
    pub(super) fn failed(&mut self, after: Option<Duration>, at: Duration) -> Duration {
        if self.state == BreakerState::Open && self.until > at {
            // Other connections that broke with the first.
            self.until = self.until.max(at + after.unwrap_or_default());
            return self.until - at;
        }
        self.failures = self.failures.saturating_add(1);
        let doubled = PAUSE.0 * 2_u32.pow(self.failures.saturating_sub(OPENS_AT - 1).min(10));
        let pause = after.unwrap_or(doubled.min(PAUSE.1));
        if self.failures >= OPENS_AT {
            self.state = BreakerState::Open;
            self.to_go = false;
        }
        self.until = at + pause;
        pause
    }

    /// The probe's connection ended and told nothing: another may try.
    pub(super) fn untold(&mut self, probe: u64) {
        if self.state == BreakerState::HalfOpen && self.probe == probe {
            self.state = BreakerState::Open;
            self.to_go = false;
        }
    }

    pub(super) fn state(&self) -> BreakerState {
        self.state
    }

    /// True where nothing failed since it last worked.
    pub(super) fn is_well(&self) -> bool {
        self.failures == 0
    }

    /// Until when nothing goes after a failure.
    pub(super) fn until(&self) -> Duration {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    #[test]
    fn repeated_failures_double_the_pause_up_to_a_minute_and_success_forgets_them() {
        let mut breaker = Breaker::default();
        let mut now = at(0);
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let pause = breaker.failed(None, now);
            pauses.push(pause.as_secs());
            now += pause;
            if breaker.state() == BreakerState::Open {
                assert!(matches!(breaker.admit(now), Admit::One(_)));
            }
        }
        assert_eq!(pauses, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(breaker.worked() && breaker.is_well());
        assert_eq!((breaker.failed(None, now).as_secs(), breaker.state()), (1, BreakerState::Closed));
    }

    #[test]
    fn half_open_lets_exactly_one_message_of_one_connection_through() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            breaker.failed(None, at(0));
        }
        assert_eq!((breaker.admit(at(1)), breaker.let_go()), (Admit::Nothing, false));
        assert_eq!(breaker.admit(at(2)), Admit::One(1));
        assert_eq!(breaker.admit(at(2)), Admit::Nothing, "another connection");
        assert_eq!([breaker.let_go(), breaker.let_go(), breaker.let_go()], [true, false, false]);
        assert_eq!(breaker.failed(None, at(2)), at(4), "a failed probe opens it again, for longer");
        assert_eq!(breaker.admit(at(6)), Admit::One(2));
        assert!(breaker.worked());
        assert_eq!((breaker.admit(at(6)), breaker.let_go()), (Admit::All, true));
    }

    #[test]
    fn a_probe_that_tells_nothing_is_tried_again_and_an_old_one_changes_nothing() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            breaker.failed(None, at(0));
        }
        assert_eq!(breaker.admit(at(2)), Admit::One(1));
        breaker.untold(1);
        assert!(!breaker.let_go());
        assert_eq!(breaker.admit(at(2)), Admit::One(2));
        breaker.untold(1);
        assert_eq!((breaker.state(), breaker.let_go()), (BreakerState::HalfOpen, true));
    }

    #[test]
    fn connections_that_break_together_are_one_failure_once_it_is_open() {
        let mut breaker = Breaker::default();
        let pauses: Vec<u64> = (0..8).map(|_| breaker.failed(None, at(0)).as_secs()).collect();
        assert_eq!(pauses, [1, 1, 2, 2, 2, 2, 2, 2]);
    }

    proptest! {
        #[test]
        fn never_more_than_one_message_between_two_words_while_it_is_not_closed(
            steps in prop::collection::vec((0_u8..5, 0_u64..30), 1..300),
        ) {
            let mut breaker = Breaker::default();
            let (mut now, mut gone, mut probes) = (at(0), 0, Vec::new());
            for (step, seconds) in steps {
                now += at(seconds);
                match step {
                    0 => {
                        if let Admit::One(probe) = breaker.admit(now) {
                            probes.push(probe);
                            gone = 0;
                        }
                    }
                    1 => {
                        let closed = breaker.state() == BreakerState::Closed;
                        gone += u32::from(breaker.let_go() && !closed);
                    }
                    2 => { breaker.worked(); }
                    3 => prop_assert!(breaker.failed(None, now) <= at(60)),
                    _ => breaker.untold(probes.last().copied().unwrap_or(0)),
                }
                prop_assert!(gone <= 1);
                prop_assert_eq!(breaker.lets_go(), breaker.state() == BreakerState::Closed || breaker.to_go);
            }
            probes.dedup();
            prop_assert!(probes.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
