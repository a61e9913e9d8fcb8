//! Announcements by a prepared message, and what monitoring called with, as programs see them.

use axum::http::Method;
use serde_json::{Value, json};

use super::Api;
use crate::demo::prepared;

async fn prepared_api() -> (Api, String) {
    let api = Api::new().await;
    let approvers = ["approver@people.example", "administrator@people.example"];
    prepared::fill(&api.app, "author@people.example", approvers).await.unwrap();
    let key = api.key("author", &["announce"]).await;
    (api, key)
}

fn asked(change: Value) -> Value {
    let mut asked = json!({ "playbook": "payments-fail", "stage": "investigating", "dedup_key": "pay" });
    asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    asked
}

#[tokio::test]
async fn a_key_announces_by_a_prepared_message_and_is_told_what_became_of_it() {
    let (api, key) = prepared_api().await;
    let would = api.post(&key, "/announcements", asked(json!({ "dry_run": true }))).await;
    assert_eq!((would.status.as_u16(), &would.json["outcome"]), (200, &json!("queued")), "{}", would.text);
    assert!(would.json["incident"].is_null() && would.json["preview"]["texts"].is_array());

    let body = asked(json!({ "playbook": 1, "variables": { "what": "Payments are slow" } }));
    let made = api.ask(&key, Method::POST, "/announcements", Some(body.clone()), Some("alarm")).await;
    assert_eq!((made.status.as_u16(), &made.json["awaits_approval"]), (201, &json!(true)), "{}", made.text);
    assert_eq!(made.json["exceeded"][0]["bound"], "sender", "this one is for people");
    let again = api.ask(&key, Method::POST, "/announcements", Some(body.clone()), Some("alarm")).await;
    assert_eq!((again.status.as_u16(), &again.json), (201, &made.json), "the same request, sent again");
    let repeated = api.post(&key, "/announcements", body).await;
    assert_eq!((repeated.status.as_u16(), &repeated.json["outcome"]), (200, &json!("repeated")));
    assert_eq!(repeated.json["incident"]["id"], made.json["incident"]["id"]);
    let over = api.post(&key, "/announcements", asked(json!({ "stage": "resolved" }))).await;
    assert_eq!((over.status.as_u16(), &over.json["outcome"]), (200, &json!("nothing")));
}

#[tokio::test]
async fn the_two_ways_to_announce_are_not_mixed() {
    let (api, key) = prepared_api().await;
    for (body, pointer) in [
        (asked(json!({ "title": "x" })), "/title"),
        (asked(json!({ "incident_id": 1 })), "/incident_id"),
        (asked(json!({ "stage": null })), "/stage"),
        (asked(json!({ "dedup_key": null })), "/dedup_key"),
        (asked(json!({ "playbook": null })), "/playbook"),
        (asked(json!({ "playbook": ["a"] })), "/playbook"),
        (asked(json!({ "variables": { "what": true } })), "/variables/what"),
        (asked(json!({ "severity": "critical" })), "/severity"),
        (json!({ "title": "x", "kind": "incident" }), "/content"),
    ] {
        let refused = api.post(&key, "/announcements", body.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.pointer()), (422, pointer), "{body}: {}", refused.text);
    }
    assert!(api.app.store.incidents(false, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn calls_of_monitoring_are_listed_read_and_by_a_source_that_is_gone_not_replayed() {
    let api = Api::new().await;
    let now = api.app.world.clock.now();
    for source in ["a", "b", "a"] {
        let verdict = json!({ "firing": 1 });
        api.app
            .store
            .take_call(
                source,
                br#"{"x":1}"#,
                &verdict,
                None,
                &[],
                None,
                crate::store::calls::Now { wall: now, steady: now },
            )
            .await
            .unwrap();
    }
    let page = api.get("viewer", "/intake/calls?limit=2").await;
    assert_eq!((&page.json["items"][0]["id"], &page.json["next_cursor"]), (&json!(3), &json!("2")), "{}", page.text);
    let rest = api.get("viewer", "/intake/calls?cursor=2").await;
    assert_eq!(rest.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(api.get("viewer", "/intake/calls?source=b").await.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(api.get("viewer", "/intake/calls?cursor=x").await.status, 400);
    assert_eq!(api.get("viewer", "/intake/calls/1").await.status, 403, "a body may name anything");
    assert_eq!(api.get("author", "/intake/calls/1").await.json["body"], r#"{"x":1}"#);
    assert_eq!(api.get("author", "/intake/calls/9").await.status, 404);
    let gone = api.post("author", "/intake/calls/1/replay", json!({})).await;
    assert!(gone.status == 409 && gone.text.contains("not configured any more"), "{}", gone.text);
    assert_eq!(api.get("viewer", "/intake/voices").await.json["items"], json!([]));
}
