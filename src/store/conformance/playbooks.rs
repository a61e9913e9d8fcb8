//! Playbooks: versions, approvals, and what is sent by them.

use jiff::SignedDuration;

use super::*;
use crate::{
    approve::State,
    schedule::playbook::{Playbook, fill::Asked},
    store::{StoreError, playbooks::Instance},
};

fn playbook(name: &str) -> Playbook {
    serde_json::from_value(serde_json::json!({
        "name": name, "component": 1, "stages": {},
        "bounds": { "person": true, "channels": ["banner"], "every_minutes": 30, "valid_until": "2030-01-01T00:00:00Z" },
    }))
    .unwrap()
}

fn instance(update_id: i64, incident_id: i64, digest: &str, now: Timestamp) -> Instance {
    Instance {
        update_id,
        incident_id,
        playbook_id: 1,
        version: 1,
        digest: digest.to_owned(),
        asked: Asked::new(Status::Investigating, BTreeMap::new()),
        component_id: 1,
        person_id: Some(1),
        machine: None,
        exercise: false,
        at: now,
        sent_at: None,
        rest_update_id: None,
    }
}

#[tokio::test]
async fn a_new_version_has_no_approvals_and_writers_are_counted_since_the_last_approved_one() {
    let bench = Bench::new().await;
    let (store, now) = (&bench.store, bench.now);
    for name in ["Cem", "Dana"] {
        store.add_person(&format!("{name}@a.example"), name, Role::Approver, "hash", &entry(now)).await.unwrap();
    }
    let id = store.put_playbook(None, &playbook("a"), Some(1), &entry(now)).await.unwrap();
    let first = store.playbook(id).await.unwrap();
    assert_eq!((first.version, first.latest, first.writers.as_slice()), (1, true, &[1][..]));
    assert_eq!(first.digest, playbook("a").digest().unwrap());
    assert!(matches!(store.approve_playbook(id, "another", 2, &entry(now)).await, Err(StoreError::Conflict(_))));
    store.approve_playbook(id, &first.digest, 2, &entry(now)).await.unwrap();
    assert!(matches!(store.approve_playbook(id, &first.digest, 2, &entry(now)).await, Err(StoreError::Taken(_))));
    assert!(!store.playbook(id).await.unwrap().is_approved());
    store.approve_playbook(id, &first.digest, 3, &entry(now)).await.unwrap();
    assert!(store.playbook(id).await.unwrap().is_approved());

    let stale = store.put_playbook(Some((id, 2)), &playbook("b"), Some(4), &entry(now)).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))));
    store.put_playbook(Some((id, 1)), &playbook("b"), Some(4), &entry(now)).await.unwrap();
    store.put_playbook(Some((id, 2)), &playbook("c"), Some(3), &entry(now)).await.unwrap();
    let third = store.playbook(id).await.unwrap();
    assert!(third.approvals.is_empty() && third.version == 3, "an edit voids");
    let mut writers = third.writers.clone();
    writers.sort_unstable();
    assert_eq!(writers, [3, 4], "since the version that two approved");
    assert!(matches!(store.approve_playbook(id, &first.digest, 2, &entry(now)).await, Err(StoreError::Conflict(_))));
    let before = store.playbook_version(id, 1).await.unwrap();
    assert!(before.is_approved() && !before.latest);
    store.retire_playbook(id, &entry(now)).await.unwrap();
    assert!(store.playbooks().await.unwrap().is_empty() && store.playbook(id).await.unwrap().retired_at.is_some());
    assert!(matches!(
        store.put_playbook(Some((id, 3)), &playbook("d"), Some(1), &entry(now)).await,
        Err(StoreError::Missing(_))
    ));
}

#[tokio::test]
async fn one_of_a_stage_within_its_time_and_only_by_what_two_approved() {
    let bench = Bench::new().await;
    let (store, now, every) = (&bench.store, bench.now, SignedDuration::from_mins(30));
    store.add_person("cem@a.example", "Cem", Role::Approver, "hash", &entry(now)).await.unwrap();
    store.put_playbook(None, &playbook("a"), Some(1), &entry(now)).await.unwrap();
    let digest = store.playbook(1).await.unwrap().digest;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let incident = bench.incident().await;
        let id = bench.submitted(incident, &["a@x"], Kind_::default()).await;
        let asked = instance(store.broadcast(id).await.unwrap().update_id, incident, &digest, now);
        store.put_instance(&asked).await.unwrap();
        sent.push((id, asked));
    }
    let within = async |place: usize, at: Timestamp| {
        let (id, asked) = &sent[place];
        let broadcast = store.broadcast(*id).await.unwrap();
        store.approve_within(*id, &broadcast.digest, asked, every, &entry(at)).await
    };
    assert!(matches!(within(0, now).await, Err(StoreError::Conflict(_))), "nobody approved it yet");
    for person in [2, 3] {
        store.approve_playbook(1, &digest, person, &entry(now)).await.unwrap();
    }
    assert!(within(0, now).await.unwrap());
    let first = store.broadcast(sent[0].0).await.unwrap();
    assert_eq!((first.state, first.approved_by), (State::Scheduled, None));
    let approval = store.approval(first.id, &first.digest).await.unwrap().unwrap();
    assert_eq!((approval.person_id, approval.playbook), (Some(1), Some((1, 1, digest.clone()))));
    assert!(!within(1, bench.later(1_799)).await.unwrap(), "too soon after the first");
    assert_eq!(store.broadcast(sent[1].0).await.unwrap().state, State::Submitted);
    assert!(within(1, bench.later(1_800)).await.unwrap());
    assert_eq!(store.open_instance(1, false).await.unwrap().unwrap().update_id, sent[1].1.update_id);
    assert!(store.open_instance(1, true).await.unwrap().is_none(), "practice counts apart");
    store.put_playbook(Some((1, 1)), &playbook("b"), Some(1), &entry(now)).await.unwrap();
    assert!(matches!(within(2, bench.later(9_999)).await, Err(StoreError::Conflict(_))), "it was edited");
}
