//! Deleting posts: what is due, what is not, and that nothing of it is forgotten.

use super::*;
use crate::{
    approve::State,
    store::withdrawals::{Stands, Tried},
};

/// An incident's broadcast to two accounts and one mailbox, all of it on the wire but the mail.
async fn posted(bench: &Bench, incident: i64) -> (i64, Vec<Claimed>) {
    let accounts = vec![row(0, "one"), row(1, "two")];
    let rows = BTreeMap::from([(Channel::Email, vec![row(0, "a@x")]), (Channel::Mastodon, accounts)]);
    let id = bench.frozen(incident, MessageKind::Update, 2, Kind_::default(), &rows).await;
    bench.store.approve_broadcast(id, "digest", 2, 1, &entry(bench.now)).await.unwrap();
    bench.start(id).await;
    let mut items = Vec::new();
    for provider in ["one", "two"] {
        let claim = bench.store.claim(Channel::Mastodon, provider, false, false, 10, bench.now).await.unwrap();
        items.extend(claim.into_iter().flat_map(|claim| claim.items));
        let waiting = bench.store.claim(Channel::Mastodon, provider, false, true, 10, bench.now).await.unwrap();
        items.extend(waiting.into_iter().flat_map(|claim| claim.items));
    }
    items.sort_by_key(|item| item.id);
    (id, items)
}

fn post(reference: &str) -> Verdict {
    let reference = Some(reference.to_owned());
    Verdict::End { state: DeliveryState::Accepted, reason: None, reference, parts: 1 }
}

async fn due(bench: &Bench) -> Vec<i64> {
    bench.store.due_withdrawals(bench.now).await.unwrap().iter().map(|due| due.id.ordinal).collect()
}

async fn tried(bench: &Bench, ordinal: i64, state: Stands) {
    let all = bench.store.due_withdrawals(bench.now).await.unwrap();
    let one = all.iter().find(|due| due.id.ordinal == ordinal).unwrap();
    let reason = (state != Stands::Deleted).then_some(Reason::Temporary);
    let tried = Tried { state, reason, detail: String::new(), due_at: bench.later(60), at: bench.now };
    bench.store.record_withdrawal(one, &tried).await.unwrap();
}

#[tokio::test]
async fn only_posts_that_somebody_wants_gone_are_due_until_they_are_after_a_restart_too() {
    let bench = Bench::new().await;
    let (id, items) = posted(&bench, bench.incident().await).await;
    let (other, others) = posted(&bench, bench.incident().await).await;
    bench.record(&others, post("9")).await;
    bench.record_some(&items[..1], post("1")).await;
    bench.record(&bench.claim(10).await.unwrap().items, accepted()).await;
    assert!(due(&bench).await.is_empty() && bench.store.withdrawals(id).await.unwrap().is_empty());
    bench.store.step_broadcast(id, State::Retracted, &entry(bench.now)).await.unwrap();
    bench.store.ask_withdrawal(id, &entry(bench.now)).await.unwrap();
    assert_eq!(due(&bench).await, [0], "neither the mail, nor what is on the wire, nor another broadcast's");
    // What was on the wire when it was asked for turns out to be posted, or perhaps: it goes, too.
    let doubt = Verdict::End { state: DeliveryState::InDoubt, reason: None, reference: None, parts: 0 };
    bench.record(&items[1..], doubt).await;
    assert_eq!(due(&bench).await, [0, 1]);
    assert_eq!(bench.store.posts_out(id).await.unwrap(), 2);

    let bench = bench.reopened().await;
    assert_eq!(due(&bench).await, [0, 1], "a restart forgets none");
    tried(&bench, 0, Stands::Deleted).await;
    tried(&bench, 1, Stands::Waiting).await;
    assert!(due(&bench).await.is_empty());
    let later = bench.store.due_withdrawals(bench.later(60)).await.unwrap();
    assert_eq!(later.iter().map(|due| (due.id.ordinal, due.attempts)).collect::<Vec<_>>(), [(1, 1)]);
    assert_eq!((bench.store.posts_out(id).await.unwrap(), bench.store.posts_out(other).await.unwrap()), (1, 2));
    let told: Vec<Stands> = bench.store.withdrawals(id).await.unwrap().iter().map(|one| one.state).collect();
    assert_eq!(told, [Stands::Deleted, Stands::Waiting]);
    let words = async |ordinal| -> Vec<String> {
        let id = DeliveryId { broadcast: id, channel: Channel::Mastodon, ordinal };
        bench.store.attempts(id).await.unwrap().into_iter().map(|attempt| attempt.word).collect()
    };
    assert_eq!((words(0).await, words(1).await), (vec!["deleted".to_owned()], vec!["not_deleted".to_owned()]));
}

#[tokio::test]
async fn what_failed_is_tried_again_when_somebody_asks_and_what_is_gone_is_not() {
    let bench = Bench::new().await;
    let (id, items) = posted(&bench, bench.incident().await).await;
    bench.record(&items, post("1")).await;
    bench.store.ask_withdrawal(id, &entry(bench.now)).await.unwrap();
    tried(&bench, 0, Stands::Deleted).await;
    tried(&bench, 1, Stands::Failed).await;
    assert!(bench.store.due_withdrawals(bench.later(9_999)).await.unwrap().is_empty(), "not by itself");
    bench.store.ask_withdrawal(id, &entry(bench.now)).await.unwrap();
    assert_eq!(due(&bench).await, [1]);
}

#[tokio::test]
async fn nothing_replies_to_a_post_that_is_gone() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    let (first, items) = posted(&bench, incident).await;
    bench.record(&items, post("1")).await;
    bench.record(&bench.claim(10).await.unwrap().items, accepted()).await;
    let (next, _) = posted(&bench, incident).await;
    let thread = async |outlet| bench.store.thread(next, Channel::Mastodon, outlet).await.unwrap();
    assert_eq!((thread("one").await, thread("two").await), (vec!["1".to_owned()], vec!["1".to_owned()]));
    bench.store.ask_withdrawal(first, &entry(bench.now)).await.unwrap();
    tried(&bench, 0, Stands::Deleted).await;
    assert_eq!((thread("one").await, thread("two").await), (Vec::new(), vec!["1".to_owned()]));
}
