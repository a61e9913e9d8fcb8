//! What the database writes down for other programs, with what it tells of; and in which order each hears of it.

use serde_json::{Value, json};

use super::*;
use crate::{
    store::{
        StoreError,
        webhooks::{Fate, Wanted},
    },
    webhooks::event::TYPES,
};

const HOUR: i64 = 3600;

fn all() -> Wanted<'static> {
    Wanted { endpoint: "all", types: TYPES.to_vec(), exercises: true, restricted: true }
}

/// What an endpoint hears now, taking everything: types, and bodies.
async fn heard(bench: &Bench, wanted: &Wanted<'_>) -> Vec<(String, Value)> {
    bench.store.give_events(wanted, bench.now).await.unwrap();
    let mut heard = Vec::new();
    while let Some(due) = bench.store.due_event(wanted, bench.now).await.unwrap() {
        heard.push((due.event.kind.clone(), serde_json::from_str(&due.event.body()).unwrap()));
        tried(bench, wanted.endpoint, due.event.number, Fate::Delivered).await;
    }
    heard
}

async fn tried(bench: &Bench, endpoint: &str, number: i64, fate: Fate) {
    bench.store.event_tried(endpoint, number, &fate, bench.now, &entry(bench.now)).await.unwrap();
}

fn types(heard: &[(String, Value)]) -> Vec<&str> {
    heard.iter().map(|(kind, _)| kind.as_str()).collect()
}

async fn start(bench: &Bench, id: i64, status: Status, next: Option<Timestamp>) {
    let effects = StartEffects { status, components: Vec::new(), next_update_at: next };
    bench.store.start_broadcast(id, Some(&effects), &entry(bench.now)).await.unwrap();
}

#[tokio::test]
async fn each_step_is_told_of_by_the_commit_that_makes_it_and_says_how_it_stood() {
    let mut bench = Bench::new().await;
    bench.store.put_endpoints(&["all"]).await.unwrap();
    let incident = bench.incident().await;
    let first = bench.approved(incident, &["a@x.example", "b@x.example"], Kind_::default()).await;
    let steps = heard(&bench, &all()).await;
    assert_eq!(types(&steps), ["incident.opened", "update.submitted", "update.approved"]);
    assert_eq!(
        steps[2].1,
        json!({ "type": "update.approved", "timestamp": bench.now.to_string(), "data": {
            "incident": { "id": incident, "kind": "incident", "status": null, "exercise": false, "restricted": false },
            "update": { "id": 1, "number": 1, "version": 1 },
            "broadcast": { "id": first, "message": "update", "state": "scheduled", "people": 2, "source_id": null, "outcomes": {} },
        }})
    );

    start(&bench, first, Status::Identified, Some(bench.later(HOUR))).await;
    let steps = heard(&bench, &all()).await;
    assert_eq!(types(&steps), ["broadcast.started", "incident.status_changed", "promise.made"]);
    assert_eq!(steps[1].1["data"]["incident"]["status"], "identified");
    assert_eq!(steps[2].1["data"]["promise"]["due_at"], json!(bench.later(HOUR).to_string()));

    bench.store.step_broadcast(first, crate::approve::State::Paused, &entry(bench.now)).await.unwrap();
    bench.now = bench.later(60);
    bench.store.step_broadcast(first, crate::approve::State::Running, &entry(bench.now)).await.unwrap();
    let claim = bench.claim(10).await.unwrap();
    bench.record(&claim.items, accepted()).await;
    bench.store.close_if_done(first, bench.now).await.unwrap();
    let steps = heard(&bench, &all()).await;
    assert_eq!(types(&steps), ["broadcast.paused", "broadcast.resumed", "broadcast.completed"]);
    assert_eq!(steps[1].1["timestamp"], json!(bench.now.to_string()));
    assert_eq!(steps[2].1["data"]["broadcast"]["outcomes"], json!({ "accepted": 2 }));

    let second = bench.approved(incident, &["a@x.example"], Kind_::default()).await;
    heard(&bench, &all()).await;
    start(&bench, second, Status::Resolved, None).await;
    let steps = heard(&bench, &all()).await;
    assert_eq!(types(&steps), ["broadcast.started", "incident.status_changed", "incident.closed", "promise.kept"]);
    assert_eq!(steps[3].1["data"]["promise"]["message"], "update");

    let third = bench.submitted(incident, &["a@x.example"], Kind_::default()).await;
    bench.now = bench.later(60);
    bench.store.return_broadcast(third, "not yet", &entry(bench.now)).await.unwrap();
    let update = bench.store.broadcast(third).await.unwrap().update_id;
    bench.store.save_version(update, 1, &content(Status::Investigating), Some(1), &entry(bench.now)).await.unwrap();
    let steps = heard(&bench, &all()).await;
    assert_eq!(types(&steps), ["update.submitted", "update.voided"]);
    assert_eq!(steps[1].1["timestamp"], json!(bench.now.to_string()));
}

#[tokio::test]
async fn what_is_undone_is_never_told_and_what_was_committed_outlives_a_crash() {
    let bench = Bench::new().await;
    bench.store.put_endpoints(&["all"]).await.unwrap();
    let incident = bench.incident().await;
    let submitted = bench.submitted(incident, &["a@x.example"], Kind_::default()).await;
    let other = bench.store.approve_broadcast(submitted, "another", 2, 1, &entry(bench.now)).await;
    assert!(matches!(other, Err(StoreError::Conflict(_))), "{other:?}");
    let bench = bench.reopened().await;
    let wanted = all();
    bench.store.give_events(&wanted, bench.now).await.unwrap();
    let before = bench.store.due_event(&wanted, bench.now).await.unwrap().unwrap().event;
    // Delivered, and the daemon ended before that was written down.
    let bench = bench.reopened().await;
    let again = bench.store.due_event(&wanted, bench.now).await.unwrap().unwrap().event;
    assert_eq!((before.id(), before.body()), (again.id(), again.body()));
    assert_eq!(types(&heard(&bench, &wanted).await), ["incident.opened", "update.submitted"]);
}

#[tokio::test]
async fn a_promise_is_missed_once_and_late_when_it_is_kept_after_all() {
    let mut bench = Bench::new().await;
    bench.store.put_endpoints(&["all"]).await.unwrap();
    let incident = bench.incident().await;
    let (since, two_hours) = (bench.now, jiff::SignedDuration::from_hours(2));
    let first = bench.approved(incident, &["a@x.example"], Kind_::default()).await;
    start(&bench, first, Status::Identified, Some(bench.later(HOUR))).await;
    heard(&bench, &all()).await;
    bench.now = bench.later(3 * HOUR - 1);
    bench.store.note_missed(two_hours, since, bench.now).await.unwrap();
    assert!(heard(&bench, &all()).await.is_empty());
    bench.now = bench.later(1);
    for _ in 0..3 {
        bench.store.note_missed(two_hours, since, bench.now).await.unwrap();
    }
    assert_eq!(types(&heard(&bench, &all()).await), ["promise.missed"]);
    let second = bench.approved(incident, &["a@x.example"], Kind_::default()).await;
    heard(&bench, &all()).await;
    start(&bench, second, Status::Identified, Some(bench.later(HOUR))).await;
    let steps = heard(&bench, &all()).await;
    assert_eq!(types(&steps), ["broadcast.started", "promise.late", "promise.made"]);
    assert_eq!(steps[1].1["data"]["promise"]["kept_by"], second);
}

#[tokio::test]
async fn what_is_not_taken_holds_up_its_own_incident_only() {
    let bench = Bench::new().await;
    bench.store.put_endpoints(&["all"]).await.unwrap();
    let (one, two) = (bench.incident().await, bench.incident().await);
    bench.submitted(one, &["a@x.example"], Kind_::default()).await;
    bench.submitted(two, &["a@x.example"], Kind_::default()).await;
    let wanted = all();
    bench.store.give_events(&wanted, bench.now).await.unwrap();
    let due = bench.store.due_event(&wanted, bench.now).await.unwrap().unwrap();
    let later =
        Fate::Again { due_at: Some(bench.later(60)), trouble: "no".to_owned(), not_before: None, disable: None };
    tried(&bench, "all", due.event.number, later).await;
    let others = heard(&bench, &wanted).await;
    assert_eq!(types(&others), ["incident.opened", "update.submitted"]);
    assert!(others.iter().all(|(_, body)| body["data"]["incident"]["id"] == two));
    // Given up, it holds up nothing any more.
    let never = Fate::Again { due_at: None, trouble: "no".to_owned(), not_before: None, disable: None };
    tried(&bench, "all", due.event.number, never).await;
    let rest = heard(&bench, &wanted).await;
    assert_eq!((types(&rest), &rest[0].1["data"]["incident"]["id"]), (vec!["update.submitted"], &json!(one)));
}

#[tokio::test]
async fn practice_and_restricted_incidents_are_told_to_whom_it_was_set_up_for() {
    let bench = Bench::new().await;
    bench.store.put_endpoints(&["all", "plain", "few"]).await.unwrap();
    let add = async |exercise, restricted| {
        bench.store.add_incident(Kind::Incident, "t", exercise, restricted, Some(1), &entry(bench.now)).await.unwrap()
    };
    let (open, practice, secret) = (add(false, false).await, add(true, false).await, add(false, true).await);
    let ids = |heard: Vec<(String, Value)>| -> Vec<i64> {
        heard.iter().map(|(_, body)| body["data"]["incident"]["id"].as_i64().unwrap()).collect()
    };
    let plain = Wanted { endpoint: "plain", types: TYPES.to_vec(), exercises: false, restricted: false };
    assert_eq!(ids(heard(&bench, &all()).await), [open, practice, secret]);
    assert_eq!(ids(heard(&bench, &plain).await), [open]);
    let few = Wanted { endpoint: "few", types: vec!["promise.made"], exercises: true, restricted: true };
    assert!(heard(&bench, &few).await.is_empty());
    // What waits already stays here, once its incident is restricted; and is not asked for by its number.
    add(false, false).await;
    bench.store.give_events(&plain, bench.now).await.unwrap();
    bench.store.tamper("UPDATE incident SET restricted = 1").await;
    assert!(bench.store.due_event(&plain, bench.now).await.unwrap().is_none());
    let again = bench.store.replay_events(&plain, (4, None), bench.now, &entry(bench.now)).await.unwrap();
    assert_eq!(again, 0);
}

#[tokio::test]
async fn what_is_old_is_forgotten_and_no_number_is_given_twice() {
    let bench = Bench::new().await;
    bench.store.put_endpoints(&["all"]).await.unwrap();
    bench.incident().await;
    let wanted = all();
    bench.store.give_events(&wanted, bench.now).await.unwrap();
    let old = bench.store.due_event(&wanted, bench.now).await.unwrap().unwrap().event.number;
    assert_eq!(bench.store.forget_events(bench.now).await.unwrap(), 0);
    assert_eq!(bench.store.forget_events(bench.later(1)).await.unwrap(), 1);
    assert!(bench.store.due_event(&wanted, bench.now).await.unwrap().is_none(), "with what waited of it");
    bench.incident().await;
    bench.store.give_events(&wanted, bench.now).await.unwrap();
    assert!(bench.store.due_event(&wanted, bench.now).await.unwrap().unwrap().event.number > old);
}
