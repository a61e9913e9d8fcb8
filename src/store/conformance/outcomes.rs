//! Claims, outcomes, counters, receipts, restarts.

use onevoice_channels::contract::ReceiptWord;

use super::*;
use crate::{
    approve::State,
    store::{StoreError, deliveries::Rescue},
};

const PLAIN: Kind_ = Kind_ { everywhere: false, by_law: false, exercise: false };

fn rescue(_: Channel, _: &str, _: std::time::Duration) -> Rescue {
    Rescue::Resend
}

#[tokio::test]
async fn an_address_has_one_delivery_in_a_broadcast() {
    let bench = Bench::new().await;
    let id = bench.submitted(bench.incident().await, &["a@x"], PLAIN).await;
    let twice = bench.store.append_snapshot(id, Channel::Email, &[row(1, "a@x")]).await;
    assert!(matches!(twice, Err(StoreError::Database(_))));
}

#[tokio::test]
async fn claims_never_overlap_and_a_broadcast_closes_when_its_sum_is_its_snapshot() {
    let bench = Bench::new().await;
    let names: Vec<String> = (0..23).map(|place| format!("{place:02}@x")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let id = bench.started(bench.incident().await, &names, PLAIN).await;
    let mut seen = Vec::new();
    while let Some(claim) = bench.claim(5).await {
        assert!(claim.items.len() <= 5);
        assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), None);
        seen.extend(claim.items.iter().map(|item| item.address.clone()));
        bench.record(&claim.items, accepted()).await;
    }
    seen.sort_unstable();
    assert_eq!(seen, names);
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Completed));
    assert_eq!(bench.store.broadcast(id).await.unwrap().state, State::Completed);
    bench.counters_match(id).await;
}

#[tokio::test]
async fn one_failure_makes_it_partial_and_retry_sends_the_failed_only() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    bench.record(&claim.items[..1], accepted()).await;
    bench.record(&claim.items[1..], failed()).await;
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Partial));
    assert_eq!(bench.store.retry(id, &[DeliveryState::Failed], None, bench.now, &entry(bench.now)).await.unwrap(), 1);
    assert_eq!(bench.store.broadcast(id).await.unwrap().state, State::Running);
    let claim = bench.claim(10).await.unwrap();
    assert_eq!(addresses(&claim), ["b@x"]);
    bench.record(&claim.items, accepted()).await;
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Completed));
    bench.counters_match(id).await;
    assert!(bench.store.retry(id, &[DeliveryState::Failed], None, bench.now, &entry(bench.now)).await.is_err());
}

#[tokio::test]
async fn waiting_is_persisted_and_only_counts_when_it_should() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    let throttled = Verdict::Again { due_at: bench.later(10), counts: false, reason: Reason::Throttled };
    bench.record(&claim.items, throttled).await;
    assert!(bench.claim_at(10, bench.later(9)).await.is_none());
    let claim = bench.claim_at(10, bench.later(10)).await.unwrap();
    assert_eq!(claim.items[0].attempts, 0);
    let temporary = Verdict::Again { due_at: bench.later(20), counts: true, reason: Reason::Temporary };
    bench.record(&claim.items, temporary).await;
    assert_eq!(bench.states(id).await["a@x"], "waiting");
    assert_eq!(bench.claim_at(10, bench.later(20)).await.unwrap().items[0].attempts, 1);
}

#[tokio::test]
async fn what_a_crash_leaves_is_in_doubt_within_the_claim_and_nowhere_else() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x", "c@x", "d@x"], PLAIN).await;
    let claim = bench.claim(3).await.unwrap();
    bench.record(&claim.items[..1], accepted()).await;
    // `record` ended the claim with its only record; a crash keeps claims open, so claim again what is left.
    let claim = bench.claim(3).await.unwrap();
    assert_eq!(addresses(&claim), ["d@x"]);
    assert_eq!(bench.store.rescue(rescue, bench.now).await.unwrap(), 1);
    let attempts = bench.store.attempts(delivery(id, 3)).await.unwrap();
    assert_eq!(attempts[0].word, "in_doubt", "a possible duplicate is marked before it is sent again");
    let again = bench.claim(3).await.unwrap();
    assert_eq!((addresses(&again), again.items[0].attempts), (vec!["d@x"], 1));
}

#[tokio::test]
async fn answers_come_in_any_order_and_what_a_crash_leaves_lies_before_and_behind_them() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x", "c@x", "d@x"], PLAIN).await;
    let claim = bench.claim(4).await.unwrap();
    bench.record_some(&claim.items[2..3], accepted()).await;
    assert_eq!(bench.store.rescue(rescue, bench.now).await.unwrap(), 3);
    let again = bench.claim(4).await.unwrap();
    assert_eq!(addresses(&again), ["a@x", "b@x", "d@x"], "the highest that was answered is no mark for the others");
    bench.record(&again.items, accepted()).await;
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Completed));
}

#[tokio::test]
async fn a_crash_neither_forgets_attempts_nor_makes_any_of_waiting() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let told = async |verdict: Verdict, word| {
        let mut records = bench.records(&bench.claim(1).await.unwrap().items, verdict);
        let Verdict::Again { reason, .. } = records[0].verdict else { unreachable!() };
        records[0].attempt = Some((word, Some(reason), String::new()));
        bench.store.record(&records).await.unwrap();
    };
    let again = |counts, reason| Verdict::Again { due_at: bench.now, counts, reason };
    told(again(false, Reason::Throttled), "later").await;
    told(again(true, Reason::Temporary), "later").await;
    told(again(false, Reason::Throttled), "later").await;
    assert_eq!(bench.claim(1).await.unwrap().items[0].attempts, 1);
    bench.store.rescue(rescue, bench.now).await.unwrap();
    assert_eq!(bench.claim(1).await.unwrap().items[0].attempts, 2, "the one before, and the one that is in doubt");
    bench.store.rescue(|_, _, _| Rescue::Hold, bench.now).await.unwrap();
    bench.store.close_if_done(id, bench.now).await.unwrap();
    bench.store.retry(id, &[DeliveryState::InDoubt], None, bench.now, &entry(bench.now)).await.unwrap();
    assert_eq!(bench.claim(1).await.unwrap().items[0].attempts, 0, "a person's decision begins anew");
    bench.store.rescue(rescue, bench.now).await.unwrap();
    assert_eq!(bench.claim(1).await.unwrap().items[0].attempts, 1, "after a crash too");
    let words: Vec<String> =
        bench.store.attempts(delivery(id, 0)).await.unwrap().into_iter().map(|attempt| attempt.word).collect();
    assert_eq!(words, ["later", "later", "later", "in_doubt", "in_doubt", "again", "in_doubt"]);
}

#[tokio::test]
async fn a_held_rescue_leaves_it_to_a_person() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    bench.claim(3).await.unwrap();
    bench.store.rescue(|_, _, _| Rescue::Hold, bench.now).await.unwrap();
    assert_eq!(bench.states(id).await["a@x"], "in_doubt");
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Partial));
    bench.counters_match(id).await;
}

#[tokio::test]
async fn released_deliveries_go_again_without_an_attempt() {
    let bench = Bench::new().await;
    bench.started(bench.incident().await, &["a@x", "b@x"], PLAIN).await;
    let claim = bench.claim(2).await.unwrap();
    bench.store.release(&claim.items, &[claim.items[0].claim], bench.now, "unreachable").await.unwrap();
    let again = bench.claim(2).await.unwrap();
    assert_eq!(addresses(&again), ["a@x", "b@x"]);
    assert!(again.items.iter().all(|item| item.attempts == 0));
    assert_eq!(bench.store.rescue(rescue, bench.now).await.unwrap(), 2, "the second claim is open");
}

#[tokio::test]
async fn what_is_put_aside_waits_without_an_attempt() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    bench.record(&claim.items, Verdict::Aside { due_at: bench.later(10) }).await;
    assert_eq!(bench.states(id).await["a@x"], "waiting");
    assert!(bench.store.attempts(delivery(id, 0)).await.unwrap().is_empty());
    assert!(bench.claim_at(10, bench.later(9)).await.is_none());
    assert_eq!(bench.claim_at(10, bench.later(10)).await.unwrap().items[0].attempts, 0);
    bench.counters_match(id).await;
}

#[tokio::test]
async fn what_may_have_arrived_is_claimed_by_the_same_provider_alone() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x"], PLAIN).await;
    let other = async |at| bench.store.claim(Channel::Email, "other", false, true, 10, at).await.unwrap();
    bench.claim(1).await.unwrap();
    // A crash: the first is in doubt at the relay, the second was never claimed.
    bench.store.rescue(rescue, bench.now).await.unwrap();
    assert_eq!(bench.store.next_due(Channel::Email, "other").await.unwrap(), None);
    assert_eq!(addresses(&other(bench.now).await.unwrap()), ["b@x"]);
    let again = bench.claim(10).await.unwrap();
    assert_eq!((addresses(&again), again.items[0].pinned.as_deref()), (vec!["a@x"], Some("relay")));
    bench.store.release(&again.items, &[again.items[0].claim], bench.now, "unreachable").await.unwrap();
    assert!(other(bench.now).await.is_none(), "given back, it is the relay's still");
    bench.store.unpin().await.unwrap();
    assert_eq!(addresses(&other(bench.now).await.unwrap()), ["a@x"], "the policy says so");
    bench.counters_match(id).await;
}

#[tokio::test]
async fn each_account_posts_what_is_its_own() {
    let bench = Bench::new().await;
    let claim = async |provider, exercise| {
        let found = bench.store.claim(Channel::Mastodon, provider, exercise, true, 10, bench.now).await.unwrap();
        found.map(|claim| claim.items.into_iter().map(|item| item.address).collect::<Vec<_>>()).unwrap_or_default()
    };
    for (exercise, first, then) in [(false, vec!["beta"], vec!["alpha"]), (true, vec!["alpha", "beta"], vec![])] {
        let rows = BTreeMap::from([(Channel::Mastodon, vec![row(0, "alpha"), row(1, "beta")])]);
        let kind = Kind_ { exercise, ..PLAIN };
        let id = bench.frozen(bench.incident().await, MessageKind::Update, 2, kind, &rows).await;
        bench.store.approve_broadcast(id, "digest", 2, 2, &entry(bench.now)).await.unwrap();
        bench.start(id).await;
        assert_eq!(claim(if exercise { "exercise-mastodon" } else { "beta" }, exercise).await, first);
        assert_eq!(claim("gamma", exercise).await, Vec::<String>::new());
        assert_eq!(claim("alpha", exercise).await, then);
    }
}

#[tokio::test]
async fn what_an_account_that_is_no_more_was_to_post_has_failed() {
    let bench = Bench::new().await;
    let rows = BTreeMap::from([(Channel::Mastodon, vec![row(0, "alpha"), row(1, "beta")])]);
    let id = bench.frozen(bench.incident().await, MessageKind::Update, 2, PLAIN, &rows).await;
    bench.store.approve_broadcast(id, "digest", 2, 2, &entry(bench.now)).await.unwrap();
    bench.start(id).await;
    bench.store.claim(Channel::Mastodon, "beta", false, true, 10, bench.now).await.unwrap();
    assert_eq!(bench.store.settle_pinned_elsewhere(&["beta"], bench.now).await.unwrap(), 1);
    assert_eq!(bench.states(id).await["alpha"], "failed");
    bench.counters_match(id).await;
}

#[tokio::test]
async fn what_may_have_arrived_by_a_provider_that_is_no_more_is_left_to_a_person() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    bench.claim(1).await.unwrap();
    bench.store.rescue(rescue, bench.now).await.unwrap();
    assert_eq!(bench.store.settle_pinned_elsewhere(&["relay", "other"], bench.now).await.unwrap(), 0);
    assert_eq!(bench.store.settle_pinned_elsewhere(&["other"], bench.now).await.unwrap(), 1);
    assert_eq!(bench.states(id).await["a@x"], "in_doubt");
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Partial));
    bench.counters_match(id).await;
}

#[tokio::test]
async fn suppression_is_read_again_at_the_claim_and_a_law_overrides_only_an_opt_out() {
    let bench = Bench::new().await;
    let plain = bench.approved(bench.incident().await, &["bounced@x", "free@x", "opted@x"], PLAIN).await;
    let by_law = bench
        .approved(bench.incident().await, &["bounced@x", "free@x", "opted@x"], Kind_ { by_law: true, ..PLAIN })
        .await;
    for (value, reason) in [("opted@x", "opted_out"), ("bounced@x", "no_such_address")] {
        let suppression = crate::store::recipients::Suppression {
            channel: Channel::Email,
            value: value.to_owned(),
            reason: reason.to_owned(),
            note: String::new(),
            created_at: bench.now,
            expires_at: None,
            created_by: "test".to_owned(),
        };
        bench.store.suppress(&suppression, &entry(bench.now)).await.unwrap();
    }
    bench.start(plain).await;
    assert_eq!(addresses(&bench.claim(10).await.unwrap()), ["free@x"]);
    bench.start(by_law).await;
    assert_eq!(addresses(&bench.claim(10).await.unwrap()), ["free@x", "opted@x"]);
    assert_eq!(bench.states(plain).await["opted@x"], "suppressed");
    bench.counters_match(plain).await;
}

#[tokio::test]
async fn a_receipt_moves_forward_only_and_may_come_before_the_outcome() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x"], PLAIN).await;
    let apply =
        async |ordinal, word| bench.store.apply_receipt(delivery(id, ordinal), "relay", word, bench.now).await.unwrap();
    assert_eq!(apply(0, ReceiptWord::Delivered).await, None, "nothing was handed over yet: no provider can know of it");
    let claim = bench.claim(10).await.unwrap();
    assert_eq!(apply(0, ReceiptWord::Delivered).await, Some(DeliveryState::Delivered), "it overtook the outcome");
    bench.record(&claim.items, accepted()).await;
    assert_eq!(bench.states(id).await["a@x"], "delivered");
    bench.counters_match(id).await;
    assert_eq!(apply(0, ReceiptWord::Accepted).await, None, "backwards");
    assert_eq!(apply(1, ReceiptWord::Delivered).await, Some(DeliveryState::Delivered));
    assert_eq!(
        apply(1, ReceiptWord::Failed(Reason::NoSuchAddress)).await,
        Some(DeliveryState::Failed),
        "a late bounce"
    );
    let suppressed = bench.store.suppressions(Some((Channel::Email, "b@x")), None, 10).await.unwrap();
    assert_eq!(suppressed[0].reason, "no_such_address");
    bench.counters_match(id).await;
}

#[tokio::test]
async fn a_receipt_by_a_reference_not_yet_known_is_parked() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    let found = bench.store.delivery_by_reference("relay", "ref-1", ReceiptWord::Delivered, bench.now).await.unwrap();
    assert_eq!(found, None);
    let verdict =
        Verdict::End { state: DeliveryState::Accepted, reason: None, reference: Some("ref-1".to_owned()), parts: 1 };
    bench.record(&claim.items, verdict).await;
    assert_eq!(bench.states(id).await["a@x"], "delivered");
    let found = bench.store.delivery_by_reference("relay", "ref-1", ReceiptWord::Delivered, bench.now).await.unwrap();
    assert_eq!(found, Some(delivery(id, 0)));
    bench.counters_match(id).await;
}

#[tokio::test]
async fn a_retracted_broadcast_ends_what_was_not_sent_and_keeps_what_is_on_the_wire() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x", "c@x"], PLAIN).await;
    let claim = bench.claim(1).await.unwrap();
    bench.store.step_broadcast(id, State::Retracted, &entry(bench.now)).await.unwrap();
    while bench.store.sweep_retracted(id, bench.now).await.unwrap() {}
    assert!(bench.claim(10).await.is_none());
    bench.record(&claim.items, accepted()).await;
    let states = bench.states(id).await;
    assert_eq!(states.values().collect::<Vec<_>>(), ["accepted", "retracted", "retracted"]);
    bench.counters_match(id).await;
}

#[tokio::test]
async fn stopping_everything_stops_all_and_nothing_is_claimed() {
    let bench = Bench::new().await;
    let first = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let second = bench.approved(bench.incident().await, &["a@x"], PLAIN).await;
    assert_eq!(bench.store.stop_everything(&entry(bench.now)).await.unwrap(), [first, second]);
    assert!(bench.claim(10).await.is_none());
}

#[tokio::test]
async fn an_approval_binds_the_digest_and_an_edit_voids_it() {
    let bench = Bench::new().await;
    let id = bench.submitted(bench.incident().await, &["a@x"], PLAIN).await;
    let wrong = bench.store.approve_broadcast(id, "another", 2, 1, &entry(bench.now)).await;
    assert!(matches!(wrong, Err(StoreError::Conflict(_))));
    assert_eq!(bench.store.broadcast(id).await.unwrap().state, State::Submitted, "nothing was changed");
    let update = bench.store.broadcast(id).await.unwrap().update_id;
    let content = content(Status::Identified);
    bench.store.save_version(update, 1, &content, Some(1), &entry(bench.now)).await.unwrap();
    assert_eq!(bench.store.broadcast(id).await.unwrap().state, State::Voided);
    assert!(bench.store.approve_broadcast(id, "digest", 2, 1, &entry(bench.now)).await.is_err());
    let stale = bench.store.save_version(update, 1, &content, Some(2), &entry(bench.now)).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "two people in one draft cannot overwrite silently");
    assert_eq!(bench.store.versions(update).await.unwrap().len(), 2, "every version is kept");
}

#[tokio::test]
async fn what_comes_back_from_the_wire_of_a_retracted_broadcast_ends() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["again@x", "back@x", "crash@x", "doubt@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    bench.store.step_broadcast(id, State::Retracted, &entry(bench.now)).await.unwrap();
    while bench.store.sweep_retracted(id, bench.now).await.unwrap() {}
    let again = Verdict::Again { due_at: bench.later(60), counts: true, reason: Reason::Temporary };
    bench.record_some(&claim.items[..1], again).await;
    bench.store.release(&claim.items[1..2], &[], bench.now, "stopped").await.unwrap();
    let mut records = bench.records(
        &claim.items[3..],
        Verdict::Again { due_at: bench.later(60), counts: true, reason: Reason::Temporary },
    );
    records[0].attempt = Some(("in_doubt", None, String::new()));
    records[0].ends_claim = false;
    bench.store.record(&records).await.unwrap();
    assert_eq!(bench.store.rescue(rescue, bench.now).await.unwrap(), 1);
    let states = bench.states(id).await;
    assert_eq!(states.values().collect::<Vec<_>>(), ["retracted", "retracted", "in_doubt", "in_doubt"]);
    bench.counters_match(id).await;
}

#[tokio::test]
async fn what_may_have_arrived_stays_in_doubt_when_it_is_not_sent_again() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let first = bench.started(incident, &["a@x"], PLAIN).await;
    bench.doubt(&bench.claim(1).await.unwrap().items).await;
    let second = bench.started(incident, &["a@x", "b@x"], PLAIN).await;
    let retried = bench.store.claim(Channel::Email, "relay", false, true, 1, bench.later(60)).await.unwrap();
    assert!(retried.unwrap().items.is_empty());
    assert_eq!(bench.states(first).await["a@x"], "in_doubt", "it was replaced, and may have arrived before");
    bench.counters_match(first).await;
    bench.doubt(&bench.claim(1).await.unwrap().items).await;
    bench.store.step_broadcast(second, State::Retracted, &entry(bench.now)).await.unwrap();
    while bench.store.sweep_retracted(second, bench.now).await.unwrap() {}
    let states = bench.states(second).await;
    assert_eq!((states["a@x"].as_str(), states["b@x"].as_str()), ("in_doubt", "retracted"));
    bench.counters_match(second).await;
}

#[tokio::test]
async fn no_receipt_is_believed_for_what_waits_and_was_never_tried() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let claim = bench.claim(1).await.unwrap();
    bench.store.release(&claim.items, &[claim.items[0].claim], bench.later(60), "unreachable").await.unwrap();
    let changed = bench.store.apply_receipt(delivery(id, 0), "relay", ReceiptWord::Delivered, bench.now).await.unwrap();
    assert_eq!((changed, bench.states(id).await["a@x"].as_str()), (None, "waiting"));
}

#[tokio::test]
async fn what_was_stopped_while_it_was_about_to_start_does_not_start() {
    let bench = Bench::new().await;
    let id = bench.approved(bench.incident().await, &["a@x"], PLAIN).await;
    bench.store.step_broadcast(id, State::Paused, &entry(bench.now)).await.unwrap();
    let started = bench.store.start_broadcast(id, None, &entry(bench.now)).await;
    assert!(matches!(started, Err(StoreError::Conflict(_))));
    assert_eq!(bench.store.broadcast(id).await.unwrap().state, State::Paused);
}

#[tokio::test]
async fn nothing_goes_on_while_everything_is_stopped() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let partial = bench.started(incident, &["a@x"], PLAIN).await;
    bench.record(&bench.claim(1).await.unwrap().items, failed()).await;
    bench.store.close_if_done(partial, bench.now).await.unwrap();
    let paused = bench.started(incident, &["a@x"], PLAIN).await;
    bench.store.stop_everything(&entry(bench.now)).await.unwrap();
    let later = bench.approved(incident, &["a@x"], PLAIN).await;
    assert!(bench.store.retry(partial, &[DeliveryState::Failed], None, bench.now, &entry(bench.now)).await.is_err());
    assert!(bench.store.step_broadcast(paused, State::Running, &entry(bench.now)).await.is_err());
    assert!(bench.store.start_broadcast(later, None, &entry(bench.now)).await.is_err());
    assert!(bench.claim(10).await.is_none());
    assert_eq!(bench.states(partial).await["a@x"], "failed", "and nothing was changed");
    bench.counters_match(partial).await;
}
