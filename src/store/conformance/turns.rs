//! Whose turn it is: lanes, first attempts apart from retries, and fair shares within a lane.

use super::*;
use crate::store::deliveries::Rescue;

const PLAIN: Kind_ = Kind_ { everywhere: false, by_law: false, exercise: false };

fn rows(prefix: &str, n: usize) -> Vec<SnapshotRow> {
    (0..n).map(|place| row(place, &format!("{prefix}{place:03}@x"))).collect()
}

impl Bench {
    /// An update of an incident of its own, going out in this lane to so many people.
    async fn in_lane(&self, lane: i64, n: usize) -> i64 {
        let incident = self.incident().await;
        let id = self.planned(incident, &rows("p", n), &[n as i64], lane, PLAIN, None).await;
        self.store.approve_broadcast(id, "digest", 2, n as i64, &entry(self.now)).await.unwrap();
        self.start(id).await;
        id
    }

    /// Puts everything back that is claimed now, to be tried again at once.
    async fn fails_for_now(&self, claim: &Claim) {
        let again = Verdict::Again { due_at: self.now, counts: true, reason: Reason::Temporary };
        self.record(&claim.items, again).await;
    }

    async fn prefer_retries(&self, max: i64) -> Option<Claim> {
        self.store.claim(Channel::Email, "relay", false, true, max, self.now).await.unwrap()
    }
}

#[tokio::test]
async fn lanes_go_in_order_and_a_correction_before_them_all() {
    let bench = Bench::new().await;
    let bulk = bench.in_lane(3, 4).await;
    let normal = bench.in_lane(2, 4).await;
    let urgent = bench.in_lane(1, 4).await;
    assert_eq!(bench.claim(1).await.unwrap().broadcast_id, urgent);
    let wrong = bench.claim(1).await.unwrap();
    bench.record(&wrong.items, accepted()).await;
    let correction = bench.store.begin_correction(urgent, &entry(bench.now)).await.unwrap();
    bench.store.start_broadcast(correction, None, &entry(bench.now)).await.unwrap();
    let mut order = Vec::new();
    while let Some(claim) = bench.claim(10).await {
        order.push((claim.broadcast_id, claim.items.len()));
    }
    // Nothing more goes of the urgent one; p000 of it is still on the wire, and its correction waits for that.
    assert_eq!(order[..3], [(correction, 1), (normal, 4), (bulk, 4)]);
}

#[tokio::test]
async fn broadcasts_of_one_lane_go_in_turns_and_a_new_one_gets_its_turn_at_once() {
    let bench = Bench::new().await;
    let (first, second) = (bench.in_lane(2, 100).await, bench.in_lane(2, 100).await);
    let mut order = Vec::new();
    for _ in 0..4 {
        order.push(bench.claim(2).await.unwrap().broadcast_id);
    }
    assert_eq!(order, [first, second, first, second]);
    let third = bench.in_lane(2, 100).await;
    let mut taken: BTreeMap<i64, i64> = BTreeMap::new();
    for turn in 0..30 {
        let claim = bench.claim(2).await.unwrap();
        assert!(turn > 0 || claim.broadcast_id == third);
        *taken.entry(claim.broadcast_id).or_default() += claim.items.len() as i64;
    }
    assert_eq!(taken.into_values().collect::<Vec<_>>(), [20, 20, 20]);
}

#[tokio::test]
async fn what_waits_takes_its_turn_like_what_is_new() {
    let bench = Bench::new().await;
    let first = bench.in_lane(2, 4).await;
    let claim = bench.claim(4).await.unwrap();
    bench.store.release(&claim.items, &[claim.items[0].claim], bench.now, "stopped").await.unwrap();
    let second = bench.in_lane(2, 4).await;
    let mut order = Vec::new();
    while let Some(claim) = bench.claim(2).await {
        order.push(claim.broadcast_id);
    }
    assert_eq!(order, [second, first, second, first]);
}

#[tokio::test]
async fn retries_of_an_urgent_update_wait_for_the_first_attempts_of_every_other_but_in_their_turn() {
    let bench = Bench::new().await;
    let urgent = bench.in_lane(1, 40).await;
    let claim = bench.claim(40).await.unwrap();
    bench.fails_for_now(&claim).await;
    let bulk = bench.in_lane(3, 40).await;
    let mut firsts = 0;
    let mut retries = 0;
    // As a connection asks: every fourth claim is for what waits.
    for turn in 0..16 {
        let claim = if turn % 4 == 3 { bench.prefer_retries(2).await } else { bench.claim(2).await }.unwrap();
        if claim.broadcast_id == bulk {
            firsts += claim.items.len();
        } else {
            assert_eq!((claim.broadcast_id, turn % 4), (urgent, 3));
            retries += claim.items.len();
            bench.fails_for_now(&claim).await;
        }
    }
    assert_eq!((firsts, retries), (24, 8), "a storm takes its fourth and no more, and gets it");
    assert_eq!(bench.prefer_retries(2).await.unwrap().broadcast_id, urgent);
    let mut rest = bench.claim(40).await.unwrap();
    while rest.broadcast_id == bulk {
        rest = bench.claim(40).await.unwrap();
    }
    assert_eq!(rest.broadcast_id, urgent, "with nothing else to do, retries go at once");
}

#[tokio::test]
async fn who_was_given_back_unsent_is_a_first_attempt() {
    let bench = Bench::new().await;
    let id = bench.in_lane(2, 4).await;
    let claim = bench.claim(2).await.unwrap();
    bench.fails_for_now(&claim).await;
    let claim = bench.claim(2).await.unwrap();
    bench.store.release(&claim.items, &[claim.items[0].claim], bench.now, "stopped").await.unwrap();
    assert_eq!(addresses(&bench.claim(2).await.unwrap()), ["p002@x", "p003@x"]);
    let retried = bench.claim(2).await.unwrap();
    assert_eq!((retried.broadcast_id, retried.items[0].attempts), (id, 1));
}

#[tokio::test]
async fn a_broadcast_that_has_to_wait_does_not_hold_up_the_lanes_behind_it() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let people = rows("p", 8);
    let plan = |lane| bench.planned(incident, &people, &[8], lane, PLAIN, None);
    let first = plan(1).await;
    bench.store.approve_broadcast(first, "digest", 2, 8, &entry(bench.now)).await.unwrap();
    bench.start(first).await;
    let on_wire = bench.claim(8).await.unwrap();
    // The next update of the same incident has all its readers blocked.
    let second = plan(1).await;
    bench.store.approve_broadcast(second, "digest", 2, 8, &entry(bench.now)).await.unwrap();
    bench.start(second).await;
    let other = bench.in_lane(3, 4).await;
    let claim = bench.claim(4).await.unwrap();
    assert_eq!(
        (claim.broadcast_id, claim.items.len()),
        (other, 4),
        "in one claim, not after a round for each blocked row"
    );
    assert!(bench.claim(4).await.is_none(), "nothing is left to do before the wire is free");
    bench.record(&on_wire.items, accepted()).await;
    let claim = bench.claim_at(8, bench.later(1)).await.unwrap();
    assert_eq!((claim.broadcast_id, claim.items.len()), (second, 8));
}

#[tokio::test]
async fn turns_and_places_survive_a_restart() {
    let bench = Bench::new().await;
    let (first, second) = (bench.in_lane(2, 10).await, bench.in_lane(2, 10).await);
    assert_eq!(bench.claim(3).await.unwrap().broadcast_id, first);
    bench.store.rescue(|_, _, _| Rescue::Resend, bench.now).await.unwrap();
    let claim = bench.claim(3).await.unwrap();
    assert_eq!((claim.broadcast_id, claim.items[0].attempts), (second, 0));
    let mut seen = 3;
    while let Some(claim) = bench.claim(3).await {
        seen += claim.items.len();
        bench.record(&claim.items, accepted()).await;
    }
    assert_eq!(seen, 20);
}
