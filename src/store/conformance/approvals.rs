//! Before an approval: codes are taken once, signatures are on what waits, calls go in order and once.

use super::*;
use crate::store::{StoreError, remarks::Said};

#[tokio::test]
async fn a_step_and_a_recovery_code_are_taken_once_and_only_of_a_confirmed_factor() {
    let bench = Bench::new().await;
    let store = &bench.store;
    store.offer_totp(1, b"first").await.unwrap();
    store.offer_totp(1, b"second").await.unwrap();
    assert_eq!(store.totp(1).await.unwrap().unwrap().secret, b"second", "an offer may be made again");
    assert!(!store.take_step(1, 7).await.unwrap(), "it does not count yet");
    store.confirm_totp(1, 7, &[b"a".to_vec(), b"b".to_vec()], &entry(bench.now)).await.unwrap();
    assert!(matches!(store.offer_totp(1, b"third").await, Err(StoreError::Conflict(_))));
    assert!(matches!(store.confirm_totp(1, 8, &[], &entry(bench.now)).await, Err(StoreError::Conflict(_))));
    let mut taken = Vec::new();
    for step in [7, 6, 8, 8] {
        taken.push(store.take_step(1, step).await.unwrap());
    }
    assert_eq!(taken, [false, false, true, false]);
    let mut used = Vec::new();
    for (person, code) in [(2, b"a"), (1, b"a"), (1, b"a"), (1, b"c")] {
        used.push(store.take_recovery_code(person, code, &entry(bench.now)).await.unwrap());
    }
    assert_eq!(used, [false, true, false, false]);
    assert_eq!(store.recovery_codes_left(1).await.unwrap(), 1);
    store.remove_factors(1, &entry(bench.now)).await.unwrap();
    assert!(store.totp(1).await.unwrap().is_none() && store.recovery_codes_left(1).await.unwrap() == 0);
    assert!(matches!(store.remove_factors(1, &entry(bench.now)).await, Err(StoreError::Missing(_))));
}

#[tokio::test]
async fn a_signature_is_on_what_waits_and_there_is_one_of_each_name() {
    let bench = Bench::new().await;
    let id = bench.submitted(bench.incident().await, &["a@x"], Kind_::default()).await;
    let digest = bench.store.broadcast(id).await.unwrap().digest;
    let said = |signed, digest: &str| Said {
        name: "legal".to_owned(),
        person_id: 2,
        signed,
        remark: String::new(),
        at: bench.now,
        digest: digest.to_owned(),
    };
    let other = bench.store.say(id, &said(true, "another digest"), &entry(bench.now)).await;
    assert!(matches!(other, Err(StoreError::Conflict(_))));
    for signed in [false, true, false] {
        bench.store.say(id, &said(signed, &digest), &entry(bench.now)).await.unwrap();
    }
    let twice = bench.store.say(id, &said(true, &digest), &entry(bench.now)).await;
    assert!(matches!(twice, Err(StoreError::Taken(_))));
    assert_eq!(bench.store.said(id).await.unwrap().len(), 3);
    bench.store.return_broadcast(id, "no", &entry(bench.now)).await.unwrap();
    let late = bench.store.say(id, &said(false, &digest), &entry(bench.now)).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))));
}

#[tokio::test]
async fn calls_go_in_order_once_and_end_when_it_is_opened_or_no_longer_waits() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let id = bench.submitted(bench.incident().await, &["a@x"], Kind_::default()).await;
    let calls =
        [(1, Channel::Email, bench.now), (1, Channel::Sms, bench.later(60)), (2, Channel::Email, bench.later(120))];
    store.plan_summons(id, &calls).await.unwrap();
    store.plan_summons(id, &calls).await.unwrap();
    assert_eq!(store.summons_of(id).await.unwrap().len(), 3);
    let first = store.take_summons(bench.now).await.unwrap().unwrap();
    assert_eq!((first.person_id, first.channel), (1, Channel::Email));
    assert!(store.take_summons(bench.now).await.unwrap().is_none());
    store.summons_failed(&first, bench.now).await.unwrap();
    let second = store.take_summons(bench.now).await.unwrap().unwrap();
    assert_eq!((second.person_id, second.channel), (1, Channel::Sms), "after one that failed the next goes at once");
    assert!(store.take_summons(bench.later(119)).await.unwrap().is_none());
    store.open_broadcast(id, 2, bench.later(60)).await.unwrap();
    store.open_broadcast(id, 2, bench.later(90)).await.unwrap();
    assert_eq!(store.opened(id).await.unwrap(), [(2, bench.later(60))]);
    assert!(store.take_summons(bench.later(999)).await.unwrap().is_none());

    let other = bench.submitted(bench.incident().await, &["a@x"], Kind_::default()).await;
    store.plan_summons(other, &calls).await.unwrap();
    store.return_broadcast(other, "no", &entry(bench.now)).await.unwrap();
    assert!(store.take_summons(bench.later(999)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_passkey_is_registered_once_and_its_count_goes_up_only() {
    let bench = Bench::new().await;
    let store = &bench.store;
    let passkey = |id: &[u8], counter| crate::store::passkeys::Passkey {
        id: 0,
        credential_id: id.to_vec(),
        name: "key".to_owned(),
        document: "{}".to_owned(),
        counter,
        created_at: bench.now,
        last_used_at: None,
    };
    let codes = [b"a".to_vec()];
    store.add_passkey(1, &passkey(b"one", 5), Some(&codes), &entry(bench.now)).await.unwrap();
    store.add_passkey(1, &passkey(b"none", 0), None, &entry(bench.now)).await.unwrap();
    for person in [1, 2] {
        let again = store.add_passkey(person, &passkey(b"one", 9), None, &entry(bench.now)).await;
        assert!(matches!(again, Err(StoreError::Taken(_))), "{again:?}");
    }
    let ids: Vec<i64> = store.passkeys(1).await.unwrap().iter().map(|passkey| passkey.id).collect();
    let mut taken = Vec::new();
    for (id, counter) in [(ids[0], 5), (ids[0], 4), (ids[0], 6), (ids[0], 0), (ids[1], 0), (ids[1], 0)] {
        taken.push(store.use_passkey(id, counter, bench.now).await.unwrap());
    }
    assert_eq!(taken, [false, false, true, false, true, true]);
    assert_eq!(store.passkeys(1).await.unwrap()[0].last_used_at, Some(bench.now));
    assert_eq!(store.people_with_factor().await.unwrap(), [1]);
    assert!(matches!(store.remove_passkey(2, ids[0], &entry(bench.now)).await, Err(StoreError::Missing(_))));
    store.remove_passkey(1, ids[0], &entry(bench.now)).await.unwrap();
    assert_eq!(store.recovery_codes_left(1).await.unwrap(), 1, "another one is left");
    store.remove_passkey(1, ids[1], &entry(bench.now)).await.unwrap();
    assert_eq!(store.recovery_codes_left(1).await.unwrap(), 0);
}

#[tokio::test]
async fn a_text_is_opened_once_by_each_person() {
    let bench = Bench::new().await;
    let id = bench.submitted(bench.incident().await, &["a@x"], Kind_::default()).await;
    let later = bench.now + jiff::SignedDuration::from_mins(1);
    for (person, text, at) in [(1, "b", bench.now), (1, "a", later), (1, "b", later), (2, "a", bench.now)] {
        bench.store.open_text(id, person, text, at).await.unwrap();
    }
    let opened: Vec<_> = bench.store.opened_texts(id).await.unwrap();
    let opened: Vec<_> = opened.iter().map(|one| (one.person_id, one.texts.join(" "), one.last_at)).collect();
    assert_eq!(opened, [(1, "a b".to_owned(), later), (2, "a".to_owned(), bench.now)]);
}
