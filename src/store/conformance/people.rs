//! People, sessions, keys, repeated requests, the audit.

use super::*;
use crate::store::{
    StoreError,
    people::{ApiKey, Change, KeptAnswer, Repeat},
};

#[tokio::test]
async fn taking_access_away_ends_sessions_and_keys_at_once() {
    let bench = Bench::new().await;
    let key = ApiKey {
        id: 0,
        prefix: "abcdef12".to_owned(),
        name: "k".to_owned(),
        person_id: 1,
        scopes: vec!["read".to_owned()],
        created_at: bench.now,
        expires_at: None,
        revoked_at: None,
    };
    bench.store.add_key(&key, b"hash", &entry(bench.now)).await.unwrap();
    bench.store.add_session(b"token", 1, bench.now).await.unwrap();
    let session = || bench.store.session(b"token", Timestamp::MIN, Timestamp::MIN);
    assert!(session().await.unwrap().is_some());
    bench
        .store
        .change_person(1, &Change { active: Some(false), ..Change::default() }, &entry(bench.now))
        .await
        .unwrap();
    assert!(session().await.unwrap().is_none());
    assert!(bench.store.key_by_prefix("abcdef12").await.unwrap().is_none());
    assert!(bench.store.keys().await.unwrap()[0].revoked_at.is_some());
}

#[tokio::test]
async fn a_mail_address_is_one_persons_whatever_its_case() {
    let bench = Bench::new().await;
    let again = bench.store.add_person("ANA@a.example", "x", Role::Viewer, "h", &entry(bench.now)).await;
    assert!(matches!(again, Err(StoreError::Taken(_))));
    assert_eq!(bench.store.person_by_email("Ana@A.example").await.unwrap().unwrap().0.id, 1);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_and_a_different_one_is_told_apart() {
    let bench = Bench::new().await;
    let reserve = |hash: &'static [u8]| bench.store.reserve_repeat("me", "k", hash, bench.now);
    assert!(matches!(reserve(b"one").await.unwrap(), Repeat::Fresh));
    assert!(matches!(reserve(b"one").await.unwrap(), Repeat::UnderWay));
    assert!(matches!(reserve(b"two").await.unwrap(), Repeat::Different));
    let answer = KeptAnswer { status: 201, content_type: "application/json".to_owned(), body: b"{}".to_vec() };
    bench.store.keep_answer("me", "k", Some(&answer)).await.unwrap();
    assert!(matches!(reserve(b"one").await.unwrap(), Repeat::Answered(kept) if kept.status == 201));
    assert!(matches!(bench.store.reserve_repeat("other", "k", b"two", bench.now).await.unwrap(), Repeat::Fresh));
}

#[tokio::test]
async fn the_audit_shows_an_edit_a_deletion_and_a_swap() {
    for damage in [
        "UPDATE audit SET actor = 'somebody' WHERE id = 2",
        "DELETE FROM audit WHERE id = 2",
        "UPDATE audit SET id = id + 100 WHERE id = 2",
    ] {
        let bench = Bench::new().await;
        for _ in 0..3 {
            bench.store.audit(&entry(bench.now)).await.unwrap();
        }
        assert_eq!(bench.store.audit_verify().await.unwrap(), (5, None));
        let mut tx = bench.store.begin().await.unwrap();
        sqlx::query(damage).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(bench.store.audit_verify().await.unwrap().1.is_some(), "{damage}");
    }
}
