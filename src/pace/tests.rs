//! The pace of a provider as a whole: what its limits, its domains and its own word do together.

use onevoice_channels::contract::DomainLimits;
use proptest::prelude::*;

use super::*;
use crate::config::Rate;

const SECOND: Duration = Duration::from_secs(1);

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn paced(per_second: f64, burst: u32) -> Limits {
    Limits { per_second: Some(per_second), burst: number(burst), ..Limits::default() }
}

fn shared(per_second: f64) -> Arc<Shared> {
    let shared = Shared::default();
    shared.set(Some(&Rate { per_second, burst: NonZeroU32::MIN }), Duration::ZERO);
    Arc::new(shared)
}

fn goes(pacer: &Pacer, address: &str, at: Duration) -> bool {
    matches!(pacer.permit(address, None, at), Permit::Go(_))
}

fn later(reason: Reason, after: Option<Duration>, detail: &str) -> Outcome {
    Outcome::Later { after, reason, detail: detail.to_owned() }
}

fn accepted() -> Outcome {
    Outcome::Accepted { reference: None, parts: 1 }
}

fn gone(reason: Reason) -> Unavailable {
    Unavailable { reason, detail: "no".to_owned(), after: None }
}

#[test]
fn an_absurd_wait_is_clamped_and_a_shorter_one_does_not_end_a_longer_one() {
    let pacer = Pacer::alone(&Limits::default(), SECOND);
    for after in [999_999_999, 1] {
        pacer.outcome("a@b.example", &later(Reason::Throttled, Some(Duration::from_secs(after)), ""), SECOND);
    }
    let now = Timestamp::from_second(1_000_000).unwrap();
    assert_eq!(pacer.health(SECOND, now).waits_until, Some(now + LONGEST_HOLD));
    assert!(matches!(pacer.permit("a@b.example", None, SECOND), Permit::Stop), "what is claimed is given back");
    assert_eq!(pacer.health(SECOND + LONGEST_HOLD, now).waits_until, None);
}

#[test]
fn a_limit_makes_wait_and_a_full_domain_steps_aside() {
    let limits = Limits { per_domain_per_second: Some(1.0), ..paced(10.0, 1) };
    let pacer = Pacer::alone(&limits, Duration::ZERO);
    let at = SECOND * 5;
    assert!(goes(&pacer, "a@slow.example", at));
    let wait = pacer.permit("b@other.example", None, at);
    assert!(matches!(wait, Permit::Wait { by: Limit::Provider, until } if until == at + SECOND / 10), "{wait:?}");
    let aside = pacer.permit("b@SLOW.example", None, at + SECOND / 10);
    assert!(matches!(aside, Permit::Aside { until } if until == at + SECOND), "{aside:?}");
    assert!(goes(&pacer, "b@other.example", at + SECOND / 10), "the other domain's turn was not used up");
}

#[test]
fn no_permit_is_lost_where_the_next_limit_refuses() {
    let limits = Limits { per_domain_per_second: Some(1.0), ..paced(1.0, 1) };
    let slow = shared(0.1);
    let pacer = Pacer::alone(&limits, Duration::ZERO).sharing(None, Some(slow));
    let mut told = None;
    let mut at = SECOND;
    // Asked a hundred times while the limit over all refuses: the domain's and the provider's stay as they are.
    for _ in 0..100 {
        match pacer.permit("a@b.example", told, at) {
            Permit::Wait { until, by: Limit::Overall } => {
                told = Some(until);
                at += SECOND / 20;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(goes(&pacer, "a@b.example", SECOND * 10));
}

#[test]
fn providers_share_the_limit_of_their_sender() {
    let sender = shared(1.0);
    let pacer = || Pacer::alone(&Limits::default(), Duration::ZERO).sharing(Some(sender.clone()), None);
    let (one, other) = (pacer(), pacer());
    assert!(goes(&one, "a@b.example", SECOND * 2));
    assert!(matches!(other.permit("a@b.example", None, SECOND * 2), Permit::Wait { by: Limit::Sender, .. }));
    assert!(goes(&other, "a@b.example", SECOND * 3));
}

#[test]
fn under_way_at_a_domain_is_counted_until_the_slot_is_dropped() {
    let gmail = DomainLimits { connections: Some(number(2)), ..DomainLimits::default() };
    let limits = Limits { domains: [("gmail.com".to_owned(), gmail)].into(), ..Limits::default() };
    let pacer = Pacer::alone(&limits, Duration::ZERO);
    let slot = || match pacer.permit("a@gmail.com", None, SECOND) {
        Permit::Go(slot) => Some(slot),
        _ => None,
    };
    let (first, second) = (slot().unwrap(), slot().unwrap());
    assert!(first.is_counted() && slot().is_none());
    drop(first);
    let third = slot();
    assert!(third.is_some() && slot().is_none());
    drop((second, third));
    let Permit::Go(other) = pacer.permit("a@other.example", None, SECOND) else { panic!("nothing limits it") };
    assert!(!other.is_counted());
}

#[test]
fn a_word_of_throttling_halves_the_rate_and_what_is_accepted_raises_it() {
    let pacer = Pacer::alone(&paced(100.0, 10), Duration::ZERO);
    let slowed = |at| pacer.health(at, Timestamp::UNIX_EPOCH).slowed_to;
    pacer.outcome("a@b.example", &later(Reason::Throttled, None, "429 slow down"), SECOND);
    assert_eq!(slowed(SECOND), Some(50.0));
    pacer.unavailable(&gone(Reason::Throttled), SECOND * 3);
    assert_eq!(slowed(SECOND * 3), Some(25.0));
    for second in 4..40 {
        pacer.outcome("a@b.example", &accepted(), SECOND * second);
    }
    assert_eq!(slowed(SECOND * 40), None);
}

#[test]
fn a_domain_that_throttles_slows_itself_and_nobody_else() {
    let pacer = Pacer::alone(&Limits::default(), Duration::ZERO);
    for _ in 0..10 {
        assert!(goes(&pacer, "a@gmail.com", SECOND));
    }
    for (detail, reason) in [("450 4.7.1 come back", Reason::Temporary), ("421 4.7.28 rate", Reason::Throttled)] {
        pacer.outcome("a@gmail.com", &later(reason, None, detail), SECOND);
    }
    assert_eq!(pacer.health(SECOND, Timestamp::UNIX_EPOCH).slowed_to, None);
    assert!(matches!(pacer.permit("a@gmail.com", None, SECOND), Permit::Aside { .. }));
    assert!(goes(&pacer, "a@other.example", SECOND));
}

#[test]
fn repeated_failures_stop_it_and_one_message_finds_out() {
    let pacer = Pacer::alone(&Limits::default(), Duration::ZERO);
    for _ in 0..3 {
        pacer.unavailable(&gone(Reason::Unreachable), SECOND);
    }
    assert!(matches!(pacer.permit("a@b.example", None, SECOND), Permit::Stop));
    assert!(matches!(pacer.turn(SECOND), Turn::NotYet(_)));
    let Turn::Probe(probe) = pacer.turn(SECOND * 3) else { panic!("the pause is over") };
    assert!(matches!(pacer.turn(SECOND * 3), Turn::NotYet(_)), "another connection");
    assert_eq!(pacer.health(SECOND * 3, Timestamp::UNIX_EPOCH).breaker, BreakerState::HalfOpen);
    assert!(goes(&pacer, "a@b.example", SECOND * 3) && !goes(&pacer, "b@b.example", SECOND * 3));
    assert!(pacer.outcome("a@b.example", &accepted(), SECOND * 3), "idle connections may go on");
    pacer.probe_ended(probe);
    assert_eq!(pacer.turn(SECOND * 3), Turn::Now);
    assert!(pacer.health(SECOND * 3, Timestamp::UNIX_EPOCH).up);
}

#[test]
fn while_one_is_open_the_other_has_the_whole_channel() {
    let routes = Arc::new(Routes::default());
    let pacer = |weight| Pacer::new(&Limits::default(), routes.clone(), number(weight), 1, Duration::ZERO);
    let (dead, healthy) = (pacer(9), pacer(1));
    for _ in 0..3 {
        dead.unavailable(&gone(Reason::Unreachable), SECOND);
    }
    let shares = |at| [&dead, &healthy].map(|pacer| pacer.health(at, Timestamp::UNIX_EPOCH).share);
    assert_eq!(shares(SECOND), [0.0, 1.0]);
    assert!(matches!(dead.turn(SECOND * 3), Turn::Probe(_)), "whatever its share, it may find out");
    dead.outcome("a@b.example", &accepted(), SECOND * 3);
    assert_eq!(shares(SECOND * 3), [0.9, 0.1]);
}

#[test]
fn other_limits_begin_empty_and_the_same_ones_go_on() {
    let pacer = Pacer::alone(&paced(1.0, 5), Duration::ZERO);
    let at = SECOND * 60;
    pacer.set_limits(&paced(1.0, 5), at);
    assert!(goes(&pacer, "a@b.example", at), "nothing was changed");
    pacer.set_limits(&paced(2.0, 5), at);
    assert!(!goes(&pacer, "a@b.example", at));
    assert!(goes(&pacer, "a@b.example", at + SECOND / 2));
    pacer.set_limits(&Limits::default(), at + SECOND / 2);
    assert!(goes(&pacer, "a@b.example", at + SECOND / 2));
}

#[test]
fn what_is_kept_ready_is_a_hundredth_of_a_second_at_most() {
    assert_eq!(Pacer::alone(&Limits::default(), SECOND).depth(8), 8);
    for (rate, depth) in [(1.0, 1), (100.0, 1), (450.0, 5), (5000.0, 8)] {
        assert_eq!(Pacer::alone(&paced(rate, 1), SECOND).depth(8), depth);
    }
}

proptest! {
    /// Several connections, several domains, reloads and restarts in between: no limit is ever exceeded in any second.
    #[test]
    fn no_second_has_more_than_any_limit_and_its_burst(
        rate in 5.0_f64..200.0, burst in 1_u32..20, domain_rate in 2.0_f64..100.0, overall in 5.0_f64..200.0,
        steps in prop::collection::vec((0_usize..4, 0_usize..3, 0_u64..6, 0_u8..40), 50..1500),
    ) {
        let limits = Limits { per_domain_per_second: Some(domain_rate), ..paced(rate, burst) };
        let start = |at: Duration| {
            let shared = Shared::default();
            shared.set(Some(&Rate { per_second: overall, burst: number(burst) }), at);
            Pacer::alone(&limits, at).sharing(None, Some(Arc::new(shared)))
        };
        let mut at = SECOND;
        let mut pacer = start(at);
        let mut told = [None; 4];
        let mut sent: Vec<(Duration, usize)> = Vec::new();
        for (connection, domain, millis, event) in steps {
            at += Duration::from_millis(millis);
            match event {
                0 => (pacer, told) = (start(at), [None; 4]),
                1 => {
                    pacer.set_limits(&Limits { per_second: Some(rate / 2.0), ..limits.clone() }, at);
                    pacer.set_limits(&limits, at);
                }
                _ => {}
            }
            // A connection that waits asks when it was told to, or a little later.
            if told[connection].is_some_and(|until| until > at) {
                continue;
            }
            match pacer.permit(&format!("a@d{domain}.example"), told[connection], at) {
                Permit::Go(_) => {
                    sent.push((at, domain));
                    told[connection] = None;
                }
                Permit::Wait { until, .. } => {
                    prop_assert!(until > at);
                    told[connection] = Some(until);
                }
                Permit::Aside { until } => prop_assert!(until > at),
                Permit::Stop => prop_assert!(false, "nobody asked for a pause"),
            }
        }
        let most = |wanted: Option<usize>| {
            let times: Vec<Duration> =
                sent.iter().filter(|(_, domain)| wanted.is_none_or(|wanted| wanted == *domain)).map(|(at, _)| *at).collect();
            (0..times.len()).map(|from| times[from..].iter().take_while(|at| **at < times[from] + SECOND).count()).max()
        };
        let bound = |rate: f64| burst as usize + rate.ceil() as usize;
        prop_assert!(most(None).unwrap_or(0) <= bound(rate).min(bound(overall)));
        for domain in 0..3 {
            prop_assert!(most(Some(domain)).unwrap_or(0) <= bound(domain_rate));
        }
    }
}
