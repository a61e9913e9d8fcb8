//! Proposals: where one person alone may change something, and where that ends.

use super::*;
use crate::propose::change::{Change, ComponentText, Ending, Noun};

fn named(name: &str) -> Change {
    Change::Component(ComponentText { name: name.to_owned(), ..ComponentText::default() })
}

#[tokio::test]
async fn a_change_counts_at_once_until_there_has_ever_been_a_second_person() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("onevoice.db"), &Counting::default()).await.unwrap();
    let now = Timestamp::from_second(1_000_000_000).unwrap();
    let propose = async |name: &str, by: Option<i64>| {
        let id = store.add_proposal(Noun::Component, None, &named(name), None, by, &entry(now)).await.unwrap();
        store.proposal(id).await.unwrap()
    };
    assert_eq!(propose("Before anybody", None).await.outcome, Some(Ending::Accepted));
    let first = store.add_person("a@x", "a", Role::Administrator, "hash", &entry(now)).await.unwrap();
    let alone = propose("Alone", Some(first)).await;
    assert_eq!((alone.outcome, alone.target_id), (Some(Ending::Accepted), Some(2)));
    let second = store.add_person("b@x", "b", Role::Approver, "hash", &entry(now)).await.unwrap();
    assert_eq!(propose("Two", Some(first)).await.outcome, None);
    // Whoever takes the second person's access away is not alone by that.
    let gone = crate::store::people::Change { active: Some(false), ..Default::default() };
    store.change_person(second, &gone, &entry(now)).await.unwrap();
    assert_eq!(propose("Still two", Some(first)).await.outcome, None);
    let names: Vec<String> = store.components().await.unwrap().into_iter().map(|component| component.name).collect();
    assert_eq!(names, ["Alone", "Before anybody"], "each was to stand first");
    assert_eq!(store.open_proposals().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_proposal_that_cannot_be_carried_out_stays_open() {
    let bench = Bench::new().await;
    let add = async |change: &Change| {
        bench.store.add_proposal(Noun::Component, None, change, None, Some(1), &entry(bench.now)).await.unwrap()
    };
    let (one, same) = (add(&named("Payments")).await, add(&named("Payments")).await);
    bench.store.accept_proposal(one, 2, &entry(bench.now)).await.unwrap();
    assert!(matches!(
        bench.store.accept_proposal(same, 2, &entry(bench.now)).await,
        Err(super::super::StoreError::Taken(_))
    ));
    assert_eq!(bench.store.proposal(same).await.unwrap().outcome, None, "nothing of it was done");
}
