//! Which of a channel's providers takes the next deliveries: those of the first priority that can, each by its weight.
//!
//! A provider with more than [`ERRORS`] errors in [`WINDOW`] loses its share to the others, and gets it back in steps.

use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// So many errors in [`WINDOW`] are borne.
const ERRORS: usize = 50;
/// The time in which errors are counted, and in which a provider that had too many gets nothing.
const WINDOW: Duration = Duration::from_secs(60);
/// After that its share grows by a tenth so often.
const DRIFT: Duration = Duration::from_secs(10);
/// How many deliveries of the channel a provider may be ahead of its share.
const AHEAD: f64 = 128.0;
/// How many claims of the smallest share it may catch up at once, after it took none.
const BEHIND: f64 = 4.0;
/// The size of a claim.
const CLAIM: f64 = 64.0;
/// A provider that neither asked for work nor told an outcome for so long holds nobody back.
const SILENT: Duration = Duration::from_secs(2);

/// The providers of one channel.
#[derive(Debug, Default)]
pub struct Routes(Mutex<Vec<Member>>);

#[derive(Debug)]
struct Member {
    weight: f64,
    priority: u32,
    /// False while its breaker is not closed.
    available: bool,
    /// How many deliveries the channel would have sent, had this one exactly its share.
    taken: f64,
    /// When it last asked for work and may have got some, or told an outcome.
    seen: Option<Duration>,
    /// Until when its own limit is what holds it up.
    paced_until: Duration,
    errors: VecDeque<Duration>,
    lost_at: Option<Duration>,
}

impl Member {
    /// How much of its share it has: 0 after too many errors, then in steps up to 1.
    fn trust(&self, at: Duration) -> f64 {
        let Some(rested) = self.lost_at.map(|lost| at.saturating_sub(lost)) else { return 1.0 };
        match rested.checked_sub(WINDOW) {
            None => 0.0,
            Some(drifted) => (((drifted.as_secs() / DRIFT.as_secs()) + 1) as f64 / 10.0).min(1.0),
        }
    }

    fn competes(&self, at: Duration) -> bool {
        self.paced_until <= at && self.seen.is_some_and(|seen| at < seen + SILENT)
    }
}

impl Routes {
    fn lock(&self) -> MutexGuard<'_, Vec<Member>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a provider; answers its place.
    pub(super) fn add(&self, weight: NonZeroU32, priority: u32) -> usize {
        let mut members = self.lock();
        members.push(Member {
            weight: f64::from(weight.get()),
            priority,
            available: true,
            taken: 0.0,
            seen: None,
            paced_until: Duration::ZERO,
            errors: VecDeque::new(),
            lost_at: None,
        });
        members.len() - 1
    }

    /// The priority of the one at a place.
    pub(super) fn priority(&self, place: usize) -> u32 {
        self.lock()[place].priority
    }

    /// Another weight and priority from now on.
    pub(super) fn set(&self, place: usize, weight: NonZeroU32, priority: u32) {
        let mut members = self.lock();
        if (members[place].weight, members[place].priority) != (f64::from(weight.get()), priority) {
            members[place].weight = f64::from(weight.get());
            members[place].priority = priority;
            members.iter_mut().for_each(|member| member.taken = 0.0);
        }
    }

    /// Whether it is this provider's turn.
    pub(super) fn may_claim(&self, place: usize, at: Duration) -> bool {
        let mut members = self.lock();
        members[place].seen = Some(at);
        if members.len() == 1 {
            return true;
        }
        if share(&members, place, at) <= 0.0 {
            return false;
        }
        let shares: Vec<f64> = (0..members.len()).map(|other| share(&members, other, at)).collect();
        let others = (0..members.len()).filter(|other| *other != place && members[*other].competes(at));
        let least = others.filter(|other| shares[*other] > 0.0).map(|other| members[other].taken);
        let Some(least) = least.min_by(f64::total_cmp) else { return true };
        let smallest = shares.into_iter().filter(|share| *share > 0.0).fold(1.0, f64::min);
        members[place].taken = members[place].taken.max(least - BEHIND * CLAIM / smallest);
        members[place].taken <= least + AHEAD
    }

    /// It got so many.
    pub(super) fn claimed(&self, place: usize, deliveries: usize, at: Duration) {
        let mut members = self.lock();
        if deliveries == 0 {
            members[place].seen = None;
            return;
        }
        let share = share(&members, place, at);
        if share > 0.0 {
            members[place].taken += deliveries as f64 / share;
        }
    }

    /// It told an outcome; `error` where that is one of the provider's faults. True where it lost its share by it.
    pub(super) fn told(&self, place: usize, error: bool, at: Duration) -> bool {
        let mut members = self.lock();
        let member = &mut members[place];
        member.seen = Some(at);
        if !error {
            return false;
        }
        member.errors.push_back(at);
        if member.errors.len() <= ERRORS {
            return false;
        }
        let first = member.errors.pop_front().unwrap_or_default();
        let lost = at.saturating_sub(first) <= WINDOW;
        if lost {
            member.errors.clear();
            member.lost_at = Some(at);
        }
        lost
    }

    /// Its breaker closed, or is not closed any more.
    pub(super) fn set_available(&self, place: usize, available: bool) {
        self.lock()[place].available = available;
    }

    /// Its own limit holds it up until then.
    pub(super) fn paced(&self, place: usize, until: Duration) {
        // It is held up again and again, and holds nobody back in between.
        self.lock()[place].paced_until = until + Duration::from_secs(1);
    }

    /// Its part of the channel's deliveries, from 0 to 1.
    pub(super) fn share(&self, place: usize, at: Duration) -> f64 {
        share(&self.lock(), place, at)
    }

    /// Its part while all are available and trusted.
    pub(super) fn usual_share(&self, place: usize) -> f64 {
        let members = self.lock();
        let first = members.iter().map(|member| member.priority).min();
        let is_first = |member: &&Member| Some(member.priority) == first;
        let all: f64 = members.iter().filter(is_first).map(|member| member.weight).sum();
        members.get(place).filter(is_first).map_or(0.0, |member| member.weight / all)
    }
}

/// Of those that are available: with trust before those without, then the first priority, then by weight. None are
/// available: all as configured, since somebody has to.
fn share(members: &[Member], place: usize, at: Duration) -> f64 {
    let rank = |member: &Member| (!member.available, member.trust(at) <= 0.0, member.priority);
    let Some(best) = members.iter().map(rank).min() else { return 0.0 };
    if rank(&members[place]) != best {
        return 0.0;
    }
    let weight = |member: &Member| member.weight * if best.1 { 1.0 } else { member.trust(at) };
    let all: f64 = members.iter().filter(|member| rank(member) == best).map(weight).sum();
    weight(&members[place]) / all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    fn routes(members: &[(u32, u32)]) -> Routes {
        let routes = Routes::default();
        for (weight, priority) in members {
            routes.add(NonZeroU32::new(*weight).unwrap(), *priority);
        }
        routes
    }

    /// Everybody asks in turn for claims of 64; how many each got.
    fn claims(routes: &Routes, rounds: u32, from: Duration) -> Vec<usize> {
        let mut got = vec![0; routes.lock().len()];
        for round in 0..rounds {
            let now = from + Duration::from_millis(u64::from(round));
            for (place, got) in got.iter_mut().enumerate() {
                if routes.may_claim(place, now) {
                    routes.claimed(place, 64, now);
                    *got += 64;
                }
            }
        }
        got
    }

    proptest! {
        #[test]
        fn claims_are_shared_by_weight(weights in prop::collection::vec(1_u32..10, 1..5)) {
            let routes = routes(&weights.iter().map(|weight| (*weight, 1)).collect::<Vec<_>>());
            let got = claims(&routes, 2000, at(1));
            let (all, sum) = (got.iter().sum::<usize>() as f64, weights.iter().sum::<u32>());
            for (got, weight) in got.iter().zip(&weights) {
                let (part, wanted) = (*got as f64 / all, f64::from(*weight) / f64::from(sum));
                prop_assert!((part - wanted).abs() < 0.05, "{part} of {wanted}");
            }
        }
    }

    #[test]
    fn a_later_priority_gets_something_only_while_the_first_cannot() {
        let routes = routes(&[(1, 1), (1, 2)]);
        assert_eq!(claims(&routes, 10, at(1))[1], 0);
        routes.set_available(0, false);
        let got = claims(&routes, 10, at(2));
        assert_eq!((got[0], got[1] > 0), (0, true));
        routes.set_available(1, false);
        assert_eq!(claims(&routes, 10, at(3))[1], 0, "none is: as configured");
    }

    #[test]
    fn more_than_fifty_errors_in_a_minute_cost_the_share_which_drifts_back() {
        let routes = routes(&[(1, 1), (1, 1)]);
        for _ in 0..50 {
            assert!(!routes.told(0, true, at(10)));
        }
        assert_eq!(routes.share(0, at(10)), 0.5);
        assert!(routes.told(0, true, at(70)));
        assert_eq!((routes.share(0, at(70)), routes.share(1, at(70))), (0.0, 1.0));
        assert!(!routes.may_claim(0, at(100)) && routes.may_claim(1, at(100)));
        let drift: Vec<f64> = (0..12).map(|step| routes.share(0, at(130 + step * 10))).collect();
        assert!((drift[0] - 0.1 / 1.1).abs() < 1e-9, "{drift:?}");
        assert!(drift.windows(2).all(|pair| pair[0] <= pair[1]), "{drift:?}");
        assert_eq!(drift[9..], [0.5, 0.5, 0.5]);
        for _ in 0..50 {
            routes.told(0, true, at(240));
        }
        assert!(routes.told(0, true, at(240)), "and again");
        assert_eq!(routes.share(0, at(241)), 0.0);
    }

    #[test]
    fn fifty_one_errors_in_more_than_a_minute_are_borne() {
        let routes = routes(&[(1, 1), (1, 1)]);
        assert!((0..500).all(|place| !routes.told(0, true, Duration::from_millis(1300 * place))));
    }

    #[test]
    fn when_all_have_lost_their_share_all_go_on() {
        let routes = routes(&[(3, 1), (1, 1)]);
        for place in [0, 1] {
            for _ in 0..51 {
                routes.told(place, true, at(5));
            }
        }
        assert_eq!((routes.share(0, at(6)), routes.share(1, at(6))), (0.75, 0.25));
    }

    #[test]
    fn who_is_silent_or_held_up_by_its_own_limit_holds_nobody_back() {
        let routes = routes(&[(9, 1), (1, 1)]);
        assert!(routes.may_claim(0, at(1)));
        let alone = |now| {
            for _ in 0..100 {
                assert!(routes.may_claim(1, now));
                routes.claimed(1, 64, now);
            }
        };
        routes.claimed(1, 6400, at(1));
        assert!(!routes.may_claim(1, at(1)), "the other asked just now and gets most");
        alone(at(3));
        assert!(routes.may_claim(0, at(4)));
        routes.paced(0, at(4));
        alone(at(4));
        assert!(routes.may_claim(0, at(6)));
        routes.claimed(0, 0, at(6));
        alone(at(6));
    }
}
