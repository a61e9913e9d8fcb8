//! Invariant 4: order for each address, and what replaces what.

use super::*;
use crate::approve::State;

const PLAIN: Kind_ = Kind_ { everywhere: false, by_law: false, exercise: false };

#[tokio::test]
async fn a_later_update_waits_for_what_is_on_the_wire_and_replaces_what_is_not() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.started(incident, &["a@x", "b@x", "c@x"], PLAIN).await;
    let on_wire = bench.claim(1).await.unwrap();
    assert_eq!(addresses(&on_wire), ["a@x"]);
    let second = bench.started(incident, &["a@x", "b@x", "c@x"], PLAIN).await;
    let next = bench.claim(10).await.unwrap();
    assert_eq!(
        (next.broadcast_id, addresses(&next)),
        (second, vec!["b@x", "c@x"]),
        "what holds goes first; a@x still has the first one on its way"
    );
    // The first one's rest is swept without a send.
    let swept = bench.claim(10).await.unwrap();
    assert_eq!((swept.broadcast_id, swept.items.len(), swept.settled), (first, 0, true));
    assert!(bench.claim(10).await.unwrap().items.is_empty(), "a@x waits");
    assert!(bench.claim(10).await.is_none());
    bench.record(&on_wire.items, accepted()).await;
    let last = bench.claim_at(10, bench.later(1)).await.unwrap();
    assert_eq!(addresses(&last), ["a@x"]);
    let states = bench.states(first).await;
    assert_eq!(states.values().collect::<Vec<_>>(), ["accepted", "superseded", "superseded"]);
    bench.counters_match(first).await;
}

#[tokio::test]
async fn only_those_whom_the_later_one_reaches_lose_the_earlier_one() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.started(incident, &["a@x", "b@x"], PLAIN).await;
    let second = bench.started(incident, &["b@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    assert_eq!((claim.broadcast_id, addresses(&claim)), (first, vec!["a@x"]));
    let claim = bench.claim(10).await.unwrap();
    assert_eq!((claim.broadcast_id, addresses(&claim)), (second, vec!["b@x"]));
    assert_eq!(bench.states(first).await["b@x"], "superseded");
}

#[tokio::test]
async fn a_resolution_replaces_everywhere() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.started(incident, &["a@x", "b@x"], PLAIN).await;
    bench.started(incident, &["b@x"], Kind_ { everywhere: true, ..PLAIN }).await;
    assert!(bench.claim(10).await.unwrap().items.is_empty());
    assert_eq!(bench.states(first).await["a@x"], "superseded");
    assert_eq!(bench.store.close_if_done(first, bench.now).await.unwrap(), Some(State::Completed));
}

#[tokio::test]
async fn another_incident_neither_waits_nor_replaces() {
    let bench = Bench::new().await;
    let first = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let on_wire = bench.claim(10).await.unwrap();
    let second = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    assert_eq!(on_wire.broadcast_id, first);
    assert_eq!(bench.claim(10).await.unwrap().broadcast_id, second);
}

#[tokio::test]
async fn a_paused_earlier_one_does_not_block_and_is_replaced_when_it_goes_on() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.started(incident, &["a@x"], PLAIN).await;
    bench.store.step_broadcast(first, State::Paused, &entry(bench.now)).await.unwrap();
    let second = bench.started(incident, &["a@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    assert_eq!(claim.broadcast_id, second);
    bench.record(&claim.items, accepted()).await;
    bench.store.step_broadcast(first, State::Running, &entry(bench.now)).await.unwrap();
    assert!(bench.claim(10).await.unwrap().items.is_empty());
    assert_eq!(bench.states(first).await["a@x"], "superseded");
}

#[tokio::test]
async fn who_was_replaced_goes_first_next_time() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let all = ["a@x", "b@x", "c@x", "d@x"];
    bench.started(incident, &all, PLAIN).await;
    let claim = bench.claim(2).await.unwrap();
    bench.record(&claim.items, accepted()).await;
    bench.started(incident, &all, PLAIN).await;
    assert_eq!(addresses(&bench.claim(10).await.unwrap()), ["c@x", "d@x"]);
    assert!(bench.claim(10).await.unwrap().items.is_empty(), "the first one's rest is swept");
    assert_eq!(addresses(&bench.claim(10).await.unwrap()), ["a@x", "b@x"]);
}

#[tokio::test]
async fn a_retry_of_a_replaced_update_is_not_sent() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.started(incident, &["a@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    let again = Verdict::Again { due_at: bench.later(60), counts: true, reason: Reason::Temporary };
    bench.record(&claim.items, again).await;
    bench.started(incident, &["a@x"], PLAIN).await;
    let second = bench.claim(10).await.unwrap();
    bench.record(&second.items, accepted()).await;
    assert!(bench.claim_at(10, bench.later(61)).await.unwrap().items.is_empty());
    assert_eq!(bench.states(first).await["a@x"], "superseded");
    bench.counters_match(first).await;
}

#[tokio::test]
async fn practice_is_claimed_by_its_own_outboxes_only() {
    let bench = Bench::new().await;
    let incident = bench
        .store
        .add_incident(crate::compose::status::Kind::Incident, "t", true, false, Some(1), &entry(bench.now))
        .await
        .unwrap();
    bench.started(incident, &["a@x"], Kind_ { exercise: true, ..PLAIN }).await;
    assert!(bench.claim(10).await.is_none(), "no real provider gets practice");
    assert!(bench.store.claim(Channel::Email, "exercise-email", true, false, 10, bench.now).await.unwrap().is_some());
}

#[tokio::test]
async fn the_correction_goes_to_exactly_those_who_have_it_or_may_have_it() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.started(incident, &["accepted@x", "doubt@x", "failed@x", "wire@x", "zero@x"], PLAIN).await;
    let claim = bench.claim(4).await.unwrap();
    let doubt = Verdict::End { state: DeliveryState::InDoubt, reason: None, reference: None, parts: 0 };
    bench.record(&claim.items[..1], accepted()).await;
    bench.record(&claim.items[1..2], doubt).await;
    bench.record(&claim.items[2..3], failed()).await;
    bench.store.step_broadcast(first, State::Paused, &entry(bench.now)).await.unwrap();
    let correction = bench.store.begin_correction(first, &entry(bench.now)).await.unwrap();
    let reached: Vec<String> = bench.states(correction).await.into_keys().collect();
    // `record` ended the claim with failed@x; wire@x had no outcome, but its claim is gone with the others.
    assert!(reached.starts_with(&["accepted@x".to_owned(), "doubt@x".to_owned()]), "{reached:?}");
    assert!(!reached.contains(&"failed@x".to_owned()) && !reached.contains(&"zero@x".to_owned()));
    let again = bench.store.begin_correction(first, &entry(bench.now)).await;
    assert!(again.is_err(), "a correction is sent once");
}

#[tokio::test]
async fn who_was_replaced_twice_goes_first_though_the_second_one_reached_nobody() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let all = ["a@x", "b@x", "c@x", "d@x"];
    bench.started(incident, &all, PLAIN).await;
    bench.record(&bench.claim(2).await.unwrap().items, accepted()).await;
    for _ in 0..2 {
        bench.started(incident, &all, PLAIN).await;
    }
    let first = loop {
        let claim = bench.claim(10).await.unwrap();
        if !claim.items.is_empty() {
            break claim;
        }
    };
    assert_eq!(addresses(&first), ["c@x", "d@x"]);
}

#[tokio::test]
async fn first_attempts_and_retries_take_turns_and_neither_waits_for_all_of_the_other() {
    let bench = Bench::new().await;
    bench.started(bench.incident().await, &["a@x", "b@x", "c@x", "d@x"], PLAIN).await;
    let claim = bench.claim(2).await.unwrap();
    let again = Verdict::Again { due_at: bench.now, counts: true, reason: Reason::Temporary };
    bench.record(&claim.items, again).await;
    let turn = async |retries| {
        let claim = bench.store.claim(Channel::Email, "relay", false, retries, 1, bench.now).await.unwrap().unwrap();
        claim.items[0].address.clone()
    };
    assert_eq!(turn(false).await, "c@x", "a first attempt does not stand behind retries that are due");
    assert_eq!(turn(true).await, "a@x", "nor a retry behind all first attempts, where it is its turn");
    assert_eq!(turn(false).await, "d@x");
    assert_eq!(turn(false).await, "b@x", "and when there are no first attempts left, retries take every turn");
}
