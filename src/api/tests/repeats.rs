//! Repeated requests count once.

use axum::http::Method;
use serde_json::json;

use super::Api;

#[tokio::test]
async fn the_same_request_twice_counts_once() {
    let api = Api::new().await;
    let open = |title: &str| Some(json!({ "kind": "incident", "title": title }));
    let first = api.ask("author", Method::POST, "/incidents", open("One"), Some("key-1")).await;
    let again = api.ask("author", Method::POST, "/incidents", open("One"), Some("key-1")).await;
    assert_eq!((first.status, first.headers.get("idempotency-replayed")), (axum::http::StatusCode::CREATED, None));
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["content-type"], first.headers["content-type"]);
    let other = api.ask("author", Method::POST, "/incidents", open("Two"), Some("key-1")).await;
    assert_eq!((other.status.as_u16(), other.json["type"].as_str()), (422, Some("/problems/invalid")));
    let elsewhere = api.ask("author", Method::POST, "/stop", open("One"), Some("key-1")).await;
    assert_eq!(elsewhere.status, 422);
    // Somebody else's key of the same name is another one.
    assert_eq!(api.ask("approver", Method::POST, "/incidents", open("Three"), Some("key-1")).await.status, 201);
    assert_eq!(api.get("viewer", "/incidents").await.json["items"].as_array().unwrap().len(), 2);
    // A refusal is an answer as well.
    let bad = Some(json!({ "kind": "incident", "title": "" }));
    for replayed in [false, true] {
        let refused = api.ask("author", Method::POST, "/incidents", bad.clone(), Some("key-2")).await;
        assert_eq!((refused.status.as_u16(), refused.headers.contains_key("idempotency-replayed")), (422, replayed));
        assert_eq!(refused.headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn a_request_under_way_is_not_run_twice() {
    let api = Api::new().await;
    let now = api.app.world.clock.now();
    let body = json!({ "kind": "incident", "title": "One" });
    let me = api.get("author", "/me").await.json["person"]["id"].clone();
    let hash = crate::api::idempotency::fingerprint("/incidents", body.to_string().as_bytes());
    api.app.store.reserve_repeat(&format!("person:{me}"), "k", &hash, now).await.unwrap();
    let second = api.ask("author", Method::POST, "/incidents", Some(body), Some("k")).await;
    assert_eq!(second.status, 409, "{}", second.text);
    assert_eq!(api.get("viewer", "/incidents").await.json["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn what_holds_a_secret_is_not_kept() {
    let api = Api::new().await;
    let new = json!({ "name": "ci", "scopes": ["read"] });
    assert_eq!(api.ask("author", Method::POST, "/keys", Some(new.clone()), Some("k")).await.status, 400);
    let session = json!({ "email": "viewer@people.example", "password": super::PASSWORD });
    assert_eq!(api.ask("", Method::POST, "/sessions", Some(session), Some("k")).await.status, 400);
    assert_eq!(api.post("author", "/keys", new).await.status, 201);
}
