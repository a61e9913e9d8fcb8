//! What comes back: a reader's complaint, and an address that fails again and again.

use jiff::SignedDuration;
use onevoice_channels::contract::ReceiptWord;

use super::*;

const PLAIN: Kind_ = Kind_ { everywhere: false, by_law: false, exercise: false };

/// A broadcast to `a@x` that was accepted, and then spoken of.
async fn told(bench: &Bench, word: ReceiptWord, at: Timestamp) -> Option<DeliveryState> {
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let claim = bench.claim(10).await.expect("it may be written to");
    bench.record(&claim.items, accepted()).await;
    let state = bench.store.apply_receipt(delivery(id, 0), "bounces", word, at).await.unwrap();
    bench.counters_match(id).await;
    state
}

async fn suppressed(bench: &Bench) -> Vec<(String, Option<Timestamp>)> {
    let all = bench.store.suppressions(Some((Channel::Email, "a@x")), None, 10).await.unwrap();
    all.into_iter().map(|one| (one.reason, one.expires_at)).collect()
}

#[tokio::test]
async fn an_address_whose_mailbox_is_full_again_and_again_rests_for_a_while() {
    let bench = Bench::new().await;
    let (full, now) = (ReceiptWord::Failed(Reason::MailboxFull), bench.now);
    let day = |days: i64| now + SignedDuration::from_hours(24 * days);
    // Twice; then something arrived, so that it begins anew.
    for at in [0, 1] {
        assert_eq!(told(&bench, full, day(at)).await, Some(DeliveryState::Failed));
    }
    told(&bench, ReceiptWord::Delivered, day(2)).await;
    // What is a month ago counts no more; what fails for another reason never did.
    told(&bench, full, day(3)).await;
    told(&bench, full, day(40)).await;
    told(&bench, ReceiptWord::Failed(Reason::Blocked), day(41)).await;
    told(&bench, full, day(42)).await;
    assert!(suppressed(&bench).await.is_empty());
    told(&bench, full, day(43)).await;
    assert_eq!(suppressed(&bench).await, [("mailbox_full".to_owned(), Some(day(57)))]);
}

#[tokio::test]
async fn what_the_relay_refuses_at_once_counts_as_what_comes_back() {
    let bench = Bench::new().await;
    for time in 1..=3 {
        assert!(suppressed(&bench).await.is_empty(), "{time}");
        let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
        let claim = bench.claim(10).await.expect("it may be written to");
        if time == 2 {
            // Taken first, and reported later.
            bench.record(&claim.items, accepted()).await;
            let full = ReceiptWord::Failed(Reason::MailboxFull);
            bench.store.apply_receipt(delivery(id, 0), "bounces", full, bench.now).await.unwrap();
        } else {
            let mut refused = bench.records(&claim.items, failed());
            refused[0].suppress = Some("a@x".to_owned());
            bench.store.record(&refused).await.unwrap();
        }
        bench.counters_match(id).await;
    }
    let until = bench.now + SignedDuration::from_hours(24 * 14);
    assert_eq!(suppressed(&bench).await, [("mailbox_full".to_owned(), Some(until))]);
}

#[tokio::test]
async fn one_report_said_twice_counts_once() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    let claim = bench.claim(10).await.unwrap();
    bench.record(&claim.items, accepted()).await;
    for _ in 0..5 {
        let full = ReceiptWord::Failed(Reason::MailboxFull);
        bench.store.apply_receipt(delivery(id, 0), "bounces", full, bench.now).await.unwrap();
    }
    assert!(suppressed(&bench).await.is_empty());
}

#[tokio::test]
async fn whoever_complains_has_it_and_gets_nothing_more() {
    let bench = Bench::new().await;
    assert_eq!(told(&bench, ReceiptWord::Complained, bench.now).await, Some(DeliveryState::Delivered));
    assert_eq!(suppressed(&bench).await, [("complaint".to_owned(), None)]);
    let entry = entry(bench.now);
    bench.store.lift_suppression(Channel::Email, "a@x", Some("complaint"), &entry).await.unwrap();
    // A complaint about what is known to have arrived changes no state, and counts all the same.
    told(&bench, ReceiptWord::Delivered, bench.now).await;
    let id = bench.started(bench.incident().await, &["a@x"], PLAIN).await;
    assert_eq!(
        bench.store.apply_receipt(delivery(id, 0), "bounces", ReceiptWord::Complained, bench.now).await.unwrap(),
        None,
        "nothing was handed over yet: nobody can complain of it"
    );
    assert!(suppressed(&bench).await.is_empty());
    let claim = bench.claim(10).await.unwrap();
    bench.record(&claim.items, accepted()).await;
    for word in [ReceiptWord::Delivered, ReceiptWord::Complained] {
        bench.store.apply_receipt(delivery(id, 0), "bounces", word, bench.now).await.unwrap();
    }
    assert_eq!(suppressed(&bench).await, [("complaint".to_owned(), None)]);
    bench.counters_match(id).await;
}

#[tokio::test]
async fn whoever_unsubscribes_has_it_and_withdraws_their_consent() {
    let bench = Bench::new().await;
    assert_eq!(told(&bench, ReceiptWord::Unsubscribed, bench.now).await, Some(DeliveryState::Delivered));
    assert_eq!(suppressed(&bench).await, [("opted_out".to_owned(), None)], "that is no complaint");
    // What the law requires reaches them all the same.
    let kind = Kind_ { by_law: true, ..PLAIN };
    let id = bench.started(bench.incident().await, &["a@x"], kind).await;
    assert_eq!(bench.claim(10).await.expect("it is required").items.len(), 1);
    bench.counters_match(id).await;
}
