//! Who may see what: every operation of the API, asked by people and keys that are not named for a restricted incident.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    Answer, Api,
    doors::{body_for, operations},
};

/// What only the restricted incident says.
const CANARY: &str = "Payments fail";

/// An update that waits for an approval in a restricted incident that the author and the approver see.
async fn restricted(api: &Api) -> i64 {
    let (update, ..) = api.submitted("author").await;
    api.promised(40).await;
    let approver = api.get("approver", "/me").await.json["person"]["id"].clone();
    let change = json!({ "restricted": true, "add": [approver] });
    let done = api.post("author", "/incidents/1/named", change).await;
    assert_eq!(done.status, 204, "{}", done.text);
    update
}

/// What an answer says that is of use to who asks.
fn said(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json["detail"].clone())
}

#[tokio::test]
async fn no_operation_betrays_a_restricted_incident() {
    let api = Api::new().await;
    assert_eq!(restricted(&api).await, 1);
    // A key reads for a program: it sees none, whoever it belongs to.
    let all = ["read", "write", "submit", "stop", "correct", "audience", "admin", "announce"];
    let key = api.key("author", &all).await;
    let stranger = api.person("olga", crate::people::Role::Approver).await;
    let nouns = ["/incidents/1", "/updates/1", "/broadcasts/1", "/deliveries/1-", "/promises/1", "/deadlines/1"];
    let mut named = 0;
    for (method, path) in operations() {
        let about = nouns.iter().any(|noun| path.starts_with(noun));
        // What changes something else would only take the callers of this test away.
        if !about && method != Method::GET {
            continue;
        }
        let body = body_for(&path, &method);
        if about && method == Method::GET && !path.ends_with("/events") {
            let seen = api.get("approver", &path).await;
            named += usize::from(seen.status == 200);
        }
        for who in ["viewer", "administrator", &key, &stranger] {
            if who == "administrator" && path == "/incidents/1/named" && method == Method::POST {
                continue;
            }
            let answer = api.ask(who, method.clone(), &path, Some(body.clone()), None).await;
            assert!(!answer.text.contains(CANARY), "{who} reads it by {method} {path}: {}", answer.text);
            if about {
                let never = path.replacen("/1", "/999", 1);
                let never = api.ask(who, method.clone(), &never, Some(body.clone()), None).await;
                assert_eq!(said(&answer), said(&never), "{who}: {method} {path}");
                // Who may name nobody is told so whatever the number is.
                assert!(answer.status == 404 || path.ends_with("/named"), "{who}: {method} {path}: {}", answer.text);
            }
        }
    }
    assert!(named >= 9, "those who are named see it: {named}");
    for who in ["viewer", "administrator", &key, &stranger] {
        for path in ["/incidents", "/broadcasts", "/promises", "/schedule"] {
            assert_eq!(api.get(who, path).await.json["items"], json!([]), "{who} {path}");
        }
        let status = api.get(who, "/status").await.json;
        assert_eq!((&status["waiting"], &status["running"]), (&json!([]), &json!([])), "{who}");
    }
    assert_eq!(api.get("approver", "/status").await.json["waiting"], json!([1]));
}

#[tokio::test]
async fn a_repeated_request_is_not_answered_to_who_may_no_longer_see_it() {
    let api = Api::new().await;
    let open = || Some(json!({ "kind": "incident", "title": CANARY }));
    let first = api.ask("author", Method::POST, "/incidents", open(), Some("k")).await;
    assert_eq!(first.status, 201);
    let update = json!({ "incident_id": 1, "content": api.content(), "submit": false });
    assert_eq!(api.ask("author", Method::POST, "/announcements", Some(update.clone()), Some("a")).await.status, 201);
    let (author, approver) = (me(&api, "author").await, me(&api, "approver").await);
    assert_eq!(
        api.post("approver", "/incidents/1/named", json!({ "restricted": true, "remove": [author] })).await.status,
        204
    );
    let again = api.ask("author", Method::POST, "/incidents", open(), Some("k")).await;
    assert_eq!(again.status, 404, "{}", again.text);
    let again = api.ask("author", Method::POST, "/announcements", Some(update), Some("a")).await;
    assert_eq!(again.status, 404, "{}", again.text);
    let named = api.get("approver", "/incidents/1/named").await.json;
    assert_eq!(named["named"][0]["person_id"], approver);
    assert_eq!(named["missing"]["second_person"], true);
}

#[tokio::test]
async fn a_key_opens_nothing_that_it_could_not_see() {
    let api = Api::new().await;
    let key = api.key("author", &["read", "write"]).await;
    let new = json!({ "kind": "incident", "title": "x", "restricted": true });
    let refused = api.post(&key, "/incidents", new.clone()).await;
    assert_eq!((refused.status.as_u16(), refused.pointer()), (422, "/restricted"));
    let opened = api.post("author", "/incidents", new).await;
    assert_eq!((opened.status.as_u16(), &opened.json["restricted"]), (201, &json!(true)));
    assert_eq!(api.get(&key, "/incidents/1").await.status, 404);
    let open = api.post("author", "/incidents", json!({ "kind": "incident", "title": "y" })).await;
    let path = format!("/incidents/{}/named", open.json["id"]);
    assert_eq!(api.post(&key, &path, json!({ "restricted": true })).await.status, 403);
    // An administrator hears of it by number, and so can help where nobody is left.
    let hidden = api.get("administrator", "/incidents/hidden").await;
    assert_eq!((&hidden.json["items"][0]["id"], &hidden.json["items"][0]["named"]), (&json!(1), &json!(1)));
    assert!(!hidden.text.contains("title"));
    assert_eq!(api.get("approver", "/incidents/hidden").await.status, 403);
    let me = me(&api, "administrator").await;
    assert_eq!(api.post("administrator", "/incidents/1/named", json!({ "add": [me] })).await.status, 204);
    assert_eq!(api.get("administrator", "/incidents/1").await.status, 200);
}

async fn me(api: &Api, who: &str) -> Value {
    api.get(who, "/me").await.json["person"]["id"].clone()
}
