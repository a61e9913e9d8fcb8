//! Whom a correction goes to: exactly the people who have the wrong text, or may have it.

use onevoice_channels::contract::ReceiptWord;

use super::*;
use crate::{approve::State, store::recipients::Suppression};

const PLAIN: Kind_ = Kind_ { everywhere: false, by_law: false, exercise: false };

/// Everything of a broadcast is on the wire when its correction begins and starts; answers both.
async fn corrected_on_the_wire(bench: &Bench, addresses: &[&str]) -> (i64, Claim, i64) {
    let source = bench.started(bench.incident().await, addresses, PLAIN).await;
    let on_wire = bench.claim(10).await.unwrap();
    let correction = bench.store.begin_correction(source, &entry(bench.now)).await.unwrap();
    bench.store.start_broadcast(correction, None, &entry(bench.now)).await.unwrap();
    assert!(bench.claim(10).await.unwrap().items.is_empty(), "it waits for what is on the wire");
    (source, on_wire, correction)
}

async fn suppress(bench: &Bench, channel: Channel, value: &str) {
    let suppression = Suppression {
        channel,
        value: value.to_owned(),
        reason: "opted_out".to_owned(),
        note: String::new(),
        created_at: bench.now,
        expires_at: None,
        created_by: "test".to_owned(),
    };
    bench.store.suppress(&suppression, &entry(bench.now)).await.unwrap();
}

#[tokio::test]
async fn what_was_on_the_wire_is_corrected_only_if_it_arrived_or_may_have() {
    let bench = Bench::new().await;
    let names = ["accepted@x", "again@x", "back@x", "doubt@x", "failed@x"];
    let (source, on_wire, correction) = corrected_on_the_wire(&bench, &names).await;
    let [accepted_one, again, back, doubt, failed_one] = on_wire.items.try_into().unwrap();
    bench.record_some(&[accepted_one], accepted()).await;
    bench.record_some(&[failed_one], failed()).await;
    let later = Verdict::Again { due_at: bench.later(60), counts: true, reason: Reason::Temporary };
    bench.record_some(&[again], later).await;
    bench.store.release(&[back], &[], bench.now, "stopped").await.unwrap();
    bench.doubt(&[doubt]).await;
    let states = bench.states(source).await;
    let states: Vec<(&str, &str)> = states.iter().map(|(address, state)| (address.as_str(), state.as_str())).collect();
    let ends = ["accepted", "retracted", "retracted", "in_doubt", "failed"];
    assert_eq!(states, names.into_iter().zip(ends).collect::<Vec<_>>(), "what comes back is not sent any more");
    let claim = bench.claim_at(10, bench.later(1)).await.unwrap();
    assert_eq!(addresses(&claim), ["accepted@x", "doubt@x"]);
    bench.record(&claim.items, accepted()).await;
    assert_eq!(bench.store.close_if_done(correction, bench.now).await.unwrap(), Some(State::Completed));
    for id in [source, correction] {
        bench.counters_match(id).await;
    }
}

#[tokio::test]
async fn a_correction_that_nobody_needs_after_all_still_ends() {
    let bench = Bench::new().await;
    let (_, on_wire, correction) = corrected_on_the_wire(&bench, &["a@x"]).await;
    bench.record(&on_wire.items, failed()).await;
    let claim = bench.claim_at(10, bench.later(1)).await.unwrap();
    assert!(claim.items.is_empty() && claim.settled, "its connection is told to look whether it ended");
    assert_eq!(bench.store.close_if_done(correction, bench.now).await.unwrap(), Some(State::Completed));
}

#[tokio::test]
async fn a_receipt_that_overtakes_the_answer_says_that_there_is_nothing_to_correct() {
    let bench = Bench::new().await;
    let (source, _, correction) = corrected_on_the_wire(&bench, &["a@x"]).await;
    let bounced = ReceiptWord::Failed(Reason::Undelivered);
    bench.store.apply_receipt(delivery(source, 0), "relay", bounced, bench.now).await.unwrap();
    assert_eq!(bench.states(correction).await["a@x"], "retracted");
}

#[tokio::test]
async fn a_doubt_that_a_receipt_settled_is_none_and_one_that_was_resent_is() {
    let bench = Bench::new().await;
    let source = bench.started(bench.incident().await, &["resent@x", "settled@x"], PLAIN).await;
    bench.doubt(&bench.claim(2).await.unwrap().items).await;
    let bounced = ReceiptWord::Failed(Reason::Undelivered);
    bench.store.apply_receipt(delivery(source, 1), "relay", bounced, bench.now).await.unwrap();
    let again = bench.claim_at(2, bench.later(60)).await.unwrap();
    assert_eq!(addresses(&again), ["resent@x"]);
    bench.record(&again.items, failed()).await;
    let correction = bench.store.begin_correction(source, &entry(bench.now)).await.unwrap();
    let reached: Vec<String> = bench.states(correction).await.into_keys().collect();
    assert_eq!(reached, ["resent@x"], "its first message may have arrived; the other one certainly has not");
}

#[tokio::test]
async fn it_goes_on_every_channel_of_whoever_has_the_text_on_one() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let rows = |names: [(&str, i64); 4]| -> Vec<SnapshotRow> {
        let person =
            |(place, (name, id)): (usize, (&str, i64))| SnapshotRow { recipient_id: Some(id), ..row(place, name) };
        names.into_iter().enumerate().map(person).collect()
    };
    let emails = rows([("has@x", 1), ("left@x", 2), ("none@x", 3), ("text@x", 4)]);
    let texts = rows([("+1", 1), ("+2", 2), ("+3", 3), ("+4", 4)]);
    let rows = BTreeMap::from([(Channel::Email, emails), (Channel::Sms, texts)]);
    let source = bench.frozen(incident, MessageKind::Update, 2, PLAIN, &rows).await;
    bench.store.approve_broadcast(source, "digest", 2, 4, &entry(bench.now)).await.unwrap();
    bench.start(source).await;
    bench.record(&bench.claim(2).await.unwrap().items, accepted()).await;
    let texts = bench.store.claim(Channel::Sms, "texts", false, false, 4, bench.now).await.unwrap().unwrap();
    bench.record_some(&texts.items[..3], failed()).await;
    bench.record(&texts.items[3..], accepted()).await;
    suppress(&bench, Channel::Sms, "+2").await;
    let correction = bench.store.begin_correction(source, &entry(bench.now)).await.unwrap();
    let reached: Vec<String> = bench.states(correction).await.into_keys().collect();
    assert_eq!(reached, ["+1", "+4", "has@x", "left@x", "text@x"], "not those who have none, nor who opted out there");
}

#[tokio::test]
async fn people_who_share_an_address_are_behind_the_correction_too() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let shared = SnapshotRow { recipient_id: Some(1), sharers: vec![2, 3], ..row(1, "shared@x") };
    let rows = vec![SnapshotRow { recipient_id: Some(9), ..row(0, "other@x") }, shared];
    let rows = BTreeMap::from([(Channel::Email, rows)]);
    let source = bench.frozen(incident, MessageKind::Update, 2, PLAIN, &rows).await;
    bench.store.approve_broadcast(source, "digest", 2, 4, &entry(bench.now)).await.unwrap();
    bench.start(source).await;
    let claim = bench.claim(2).await.unwrap();
    bench.record_some(&claim.items[..1], failed()).await;
    bench.record(&claim.items[1..], accepted()).await;
    let correction = bench.store.begin_correction(source, &entry(bench.now)).await.unwrap();
    bench.store.start_broadcast(correction, None, &entry(bench.now)).await.unwrap();
    assert_eq!(bench.store.broadcast(correction).await.unwrap().people, 3);
    for person in [1, 2, 3] {
        let theirs = bench.store.deliveries_to(person, 10).await.unwrap();
        assert!(theirs.iter().any(|to| to.id == delivery(correction, 0).to_string()), "person {person}: {theirs:?}");
    }
    assert_eq!(bench.store.deliveries_to(9, 10).await.unwrap().len(), 1, "who does not have it hears of no correction");
}

#[tokio::test]
async fn a_correction_keeps_its_turn_before_later_updates_and_a_paused_one_does_not() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let source = bench.started(incident, &["a@x"], PLAIN).await;
    bench.record(&bench.claim(1).await.unwrap().items, accepted()).await;
    let correction = bench.store.begin_correction(source, &entry(bench.now)).await.unwrap();
    bench.store.start_broadcast(correction, None, &entry(bench.now)).await.unwrap();
    let claim = bench.claim(1).await.unwrap();
    let again = Verdict::Again { due_at: bench.later(60), counts: true, reason: Reason::Temporary };
    bench.record(&claim.items, again).await;
    let next = bench.started(incident, &["a@x"], PLAIN).await;
    assert!(bench.claim(1).await.unwrap().items.is_empty(), "the correction goes first");
    assert!(bench.claim_at(1, bench.later(59)).await.is_none(), "and is not asked for every 50 ms");
    bench.store.step_broadcast(correction, State::Paused, &entry(bench.now)).await.unwrap();
    let claim = bench.claim_at(1, bench.later(61)).await.unwrap();
    assert_eq!(claim.broadcast_id, next);
}
