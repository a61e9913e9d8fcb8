//! What is taken in, refused, kept and replayed.

use super::*;

#[tokio::test]
async fn a_strangers_call_is_not_read() {
    let bench = Bench::monitored().await;
    let unread = || Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::convert::Infallible>>());
    for token in ["Bearer wrong", "Basic aHVzaA==", ""] {
        let request = Request::post("/intake/alertmanager").header("authorization", token).body(unread()).unwrap();
        let answer = crate::intake::door::router(bench.app.clone()).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 401, "{token}");
    }
}

#[tokio::test]
async fn whoever_does_not_prove_who_they_are_is_refused_and_nothing_is_kept() {
    let bench = Bench::monitored().await;
    let body = group("g", &[FAIL], &[]);
    for (path, token) in [
        ("/intake/alertmanager", "hush"),
        ("/intake/alertmanager", "hush checks"),
        ("/intake/json", "hush prometheus"),
        ("/intake/json", ""),
    ] {
        assert_eq!(bench.call(path, token, &body).await.0, 401, "{path} {token}");
    }
    assert_eq!(bench.call("/intake/teapot", "hush prometheus", &body).await.0, 404);
    let large = " ".repeat((1 << 20) + 1);
    assert_eq!(bench.call("/intake/alertmanager", "hush prometheus", &large).await.0, 413);
    assert!(bench.app.store.calls(None, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_place_and_kept_as_it_came() {
    let bench = Bench::monitored().await;
    let (status, answer) = bench.call("/intake/alertmanager", "hush prometheus", r#"{"version":"4"}"#).await;
    assert_eq!((status, answer["pointer"].as_str()), (422, Some("/groupKey")));
    let (call, body) = bench.app.store.call(answer["call"].as_i64().unwrap()).await.unwrap();
    assert_eq!(body, br#"{"version":"4"}"#);
    assert!(call.verdict["refused"].as_str().unwrap().contains("groupKey"));
    assert_eq!(bench.call("/intake/alertmanager", "hush prometheus", "not JSON").await.0, 400);
    let answer = bench.group("g", &[FAIL], &[SLOW]).await;
    assert_eq!((&answer["verdict"]["firing"], &answer["verdict"]["over"]), (&json!(1), &json!(1)));
    let unmatched = r#"{"version":"4","groupKey":"x","status":"firing","alerts":[{"status":"firing","labels":{}}]}"#;
    let (status, answer) = bench.call("/intake/alertmanager", "hush prometheus", unmatched).await;
    assert_eq!(
        (status, &answer["verdict"]["unmatched"]),
        (200, &json!(1)),
        "and the verdict says that no rule is for it"
    );
}

#[tokio::test]
async fn a_dry_run_says_what_would_become_of_a_call_and_writes_nothing() {
    let bench = Bench::monitored().await;
    let path = "/intake/alertmanager?dry_run=true";
    let (status, answer) = bench.call(path, "hush prometheus", &group("g", &[FAIL], &[])).await;
    assert_eq!((status, &answer["call"], &answer["verdict"]["firing"]), (200, &Value::Null, &json!(1)));
    assert!(bench.app.store.calls(None, 0, 10).await.unwrap().is_empty());
    assert!(bench.app.store.voices(0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_is_replayed_by_the_rules_as_they_are_now() {
    let bench = Bench::monitored().await;
    let answer = bench.group("g", &[FAIL], &[]).await;
    bench.group("g", &[], &[FAIL]).await;
    assert!(bench.app.store.voices(0, 10).await.unwrap().is_empty());
    let id = answer["call"].as_i64().unwrap();
    assert_eq!(take::replay(&bench.app, &bench.key, id).await.unwrap_err().status, 403, "not by a key that announces");
    let again = take::replay(&bench.app, &bench.ana, id).await.unwrap();
    assert_eq!(bench.app.store.call(again.call.unwrap()).await.unwrap().0.replay_of, Some(id));
    assert_eq!(bench.app.store.voices(0, 10).await.unwrap().len(), 1);
    assert_eq!(take::replay(&bench.app, &bench.ana, 99).await.unwrap_err().status, 404);
}

#[tokio::test]
async fn calls_are_kept_for_their_time_and_no_more_than_fits() {
    let bench = Bench::monitored().await;
    bench.group("old", &[FAIL], &[]).await;
    bench.clock.on(31 * 86_400);
    bench.group("new", &[FAIL], &[]).await;
    speak::forget_old(&bench.app, bench.app.world.clock.now()).await.unwrap();
    let kept = bench.app.store.calls(None, 0, 10).await.unwrap();
    assert_eq!(kept.iter().map(|call| call.id).collect::<Vec<_>>(), [2]);
    bench.group("newer", &[FAIL], &[]).await;
    let before = bench.app.world.clock.now() - jiff::SignedDuration::from_hours(1);
    bench.app.store.forget_calls(before, kept[0].bytes + 100).await.unwrap();
    assert_eq!(bench.app.store.calls(None, 0, 10).await.unwrap()[0].id, 3, "the oldest go first");
    assert_eq!(bench.app.store.calls(None, 0, 10).await.unwrap().len(), 1);
}
