//! How many have it when, and what somebody decided to leave.

use super::*;
use crate::{approve::State, store::StoreError};

#[tokio::test]
async fn a_curve_has_a_point_for_each_change_and_fewer_later() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x", "c@x", "d@x"], Kind_::default()).await;
    let kept = async || -> Vec<(i64, i64)> {
        let curve = bench.store.reach(id).await.unwrap().remove(&Channel::Email).unwrap_or_default();
        curve.into_iter().map(|(at, n)| (at.duration_since(bench.now).as_secs(), n)).collect()
    };
    bench.store.keep_reach(bench.later(5)).await.unwrap();
    assert_eq!(kept().await, [], "nobody has it");
    let send = async |verdict| {
        let claim = bench.claim(1).await.unwrap();
        bench.record(&claim.items, verdict).await;
    };
    send(accepted()).await;
    for second in [10, 15] {
        bench.store.keep_reach(bench.later(second)).await.unwrap();
    }
    assert_eq!(kept().await, [(10, 1)], "nothing changed between the two");
    send(failed()).await;
    bench.store.keep_reach(bench.later(20)).await.unwrap();
    assert_eq!(kept().await, [(10, 1)], "a failure reaches nobody");
    send(accepted()).await;
    bench.store.keep_reach(bench.later(400)).await.unwrap();
    send(accepted()).await;
    bench.store.keep_reach(bench.later(405)).await.unwrap();
    assert_eq!(kept().await, [(10, 1), (400, 2)], "later a point a minute");
    let held = entry(bench.now);
    bench.store.step_broadcast(id, State::Paused, &held).await.unwrap();
    bench.store.keep_reach(bench.later(900)).await.unwrap();
    assert_eq!(kept().await.len(), 2, "what stands still has no new points");
}

#[tokio::test]
async fn what_may_have_arrived_is_left_once_and_asked_again_after_it_was_sent_again() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x"], Kind_::default()).await;
    let now = entry(bench.now);
    let nothing = bench.store.leave_in_doubt(id, None, &now).await;
    assert!(matches!(nothing, Err(StoreError::Conflict(_))), "there is nothing to decide");
    let doubt = || Verdict::End { state: DeliveryState::InDoubt, reason: None, reference: None, parts: 0 };
    let claim = bench.claim(2).await.unwrap();
    bench.record(&claim.items, doubt()).await;
    assert!(bench.store.leave_in_doubt(id, Some(Channel::Sms), &now).await.is_err(), "not on that channel");
    bench.store.leave_in_doubt(id, Some(Channel::Email), &now).await.unwrap();
    assert_eq!(bench.store.left_in_doubt(id).await.unwrap(), BTreeMap::from([(Channel::Email, 2)]));
    assert!(bench.store.leave_in_doubt(id, None, &now).await.is_err(), "it was decided already");
    bench.store.retry(id, &[DeliveryState::InDoubt], None, bench.now, &now).await.unwrap();
    assert_eq!(bench.store.left_in_doubt(id).await.unwrap(), BTreeMap::new());
}

#[tokio::test]
async fn whom_it_failed_for_may_have_it_another_way() {
    let bench = Bench::new().await;
    let mine = |place: usize, address: &str, person| SnapshotRow { recipient_id: Some(person), ..row(place, address) };
    let rows = BTreeMap::from([
        (Channel::Email, vec![mine(0, "a@x", 1), mine(1, "b@x", 2)]),
        (Channel::Sms, vec![mine(0, "+441", 1)]),
    ]);
    let id = bench.frozen(bench.incident().await, MessageKind::Update, 2, Kind_::default(), &rows).await;
    bench.store.approve_broadcast(id, "digest", 2, 2, &entry(bench.now)).await.unwrap();
    bench.start(id).await;
    let claim = bench.claim(2).await.unwrap();
    bench.record(&claim.items, failed()).await;
    assert_eq!(bench.store.reached_otherwise(id, 10).await.unwrap(), (2, 0));
    let texts = bench.store.claim(Channel::Sms, "texts", false, false, 9, bench.now).await.unwrap().unwrap();
    bench.record(&texts.items, accepted()).await;
    assert_eq!(bench.store.reached_otherwise(id, 10).await.unwrap(), (2, 1));
}
