//! Incidents are found by what is known of them, and by nobody who may not see them.

use super::*;
use crate::{
    compose::status::{Kind, Status},
    store::{history::Wanted, named::Noun},
};

#[tokio::test]
async fn incidents_are_found_by_words_kind_state_component_and_time() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let open = async |kind, title: &str, exercise, restricted| {
        store.add_incident(kind, title, exercise, restricted, Some(1), &entry(bench.now)).await.unwrap()
    };
    let cards = open(Kind::Incident, "Cards fail", false, false).await;
    let works = open(Kind::Maintenance, "New machines, 100% new", false, false).await;
    let practice = open(Kind::Incident, "Practice", true, false).await;
    let secret = open(Kind::Incident, "Cards stolen", false, true).await;
    let content: crate::compose::content::Content = serde_json::from_value(serde_json::json!({
        "status": "investigating", "components": { "7": "partial_outage" },
        "variants": [{ "name": "everyone", "facts": { "en": { "headline": "Paying is slow in Zürich" } } }],
    }))
    .unwrap();
    store.add_update(cards, &content, Some(1), &entry(bench.now)).await.unwrap();

    let stranger = (false, None);
    let find = async |wanted: Wanted, eyes| {
        let found = store.find_incidents(&wanted, eyes, 0, 10).await.unwrap();
        found.iter().map(|incident| incident.id).collect::<Vec<_>>()
    };
    let words =
        |words: &[&str]| Wanted { words: words.iter().map(|word| (*word).to_owned()).collect(), ..Wanted::default() };
    assert_eq!(find(Wanted::default(), stranger).await, [practice, works, cards]);
    assert_eq!(find(Wanted::default(), (false, Some(1))).await, [secret, practice, works, cards]);
    assert_eq!(find(Wanted::default(), (true, None)).await, [secret, practice, works, cards]);
    assert_eq!(find(words(&["cards"]), stranger).await, [cards], "what is hidden is not found by its words");
    assert_eq!(find(words(&["slow", "FAIL"]), stranger).await, [cards], "one in the title, one in the text");
    assert_eq!(find(words(&["slow", "machines"]), stranger).await, [0; 0]);
    assert_eq!(find(words(&["investigating"]), stranger).await, [0; 0], "only what is said is looked at");
    assert_eq!(find(words(&["0% n"]), stranger).await, [works]);
    assert_eq!(find(words(&["_"]), stranger).await, [0; 0], "signs of the search are letters here");
    assert_eq!(find(Wanted { kind: Some(Kind::Maintenance), ..Wanted::default() }, stranger).await, [works]);
    assert_eq!(find(Wanted { component: Some(7), ..Wanted::default() }, stranger).await, [cards]);
    assert_eq!(find(Wanted { exercise: Some(true), ..Wanted::default() }, stranger).await, [practice]);
    assert_eq!(find(Wanted { over: Some(true), ..Wanted::default() }, stranger).await, [0; 0]);
    assert_eq!(find(Wanted { status: Some(Status::Resolved), ..Wanted::default() }, stranger).await, [0; 0]);
    let born = store.incident(cards).await.unwrap().created_at;
    assert_eq!(find(Wanted { until: Some(born), ..Wanted::default() }, stranger).await, [0; 0]);
    assert_eq!(find(Wanted { since: Some(born), ..Wanted::default() }, stranger).await, [practice, works, cards]);
    let page = store.find_incidents(&Wanted::default(), stranger, works, 1).await.unwrap();
    assert_eq!(page.iter().map(|incident| incident.id).collect::<Vec<_>>(), [cards]);
}

#[tokio::test]
async fn who_is_named_sees_it_and_nobody_takes_the_last_writer_away() {
    let bench = Bench::new().await;
    let (store, author) = (&bench.store, 1);
    let id = store
        .add_incident(crate::compose::status::Kind::Incident, "x", false, true, Some(author), &entry(bench.now))
        .await
        .unwrap();
    let sees = async |person| store.is_seen(Noun::Incident, id, person).await.unwrap();
    assert!(sees(Some(author)).await && !sees(Some(2)).await && !sees(None).await);
    assert!(store.is_seen(Noun::Update, 999, None).await.is_err(), "what is not there is seen by nobody");
    let alone = store.restrict(id, true, (&[], &[author]), None, &entry(bench.now)).await;
    assert!(matches!(alone, Err(crate::store::StoreError::Conflict(_))));
    assert!(sees(Some(author)).await, "nothing was changed");
    store.restrict(id, true, (&[2], &[author]), Some(author), &entry(bench.now)).await.unwrap();
    assert!(!sees(Some(author)).await && sees(Some(2)).await);
    let hidden = store.hidden_from(Some(author)).await.unwrap();
    assert_eq!((hidden.len(), hidden[0].id, hidden[0].named), (1, id, 1));
    store.restrict(id, false, (&[], &[]), None, &entry(bench.now)).await.unwrap();
    assert!(sees(None).await && store.hidden_from(None).await.unwrap().is_empty());
}
