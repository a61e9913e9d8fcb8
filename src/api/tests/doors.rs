//! Every door: who gets in, and what strangers are told.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;

use super::Api;
use crate::{api::openapi, people::Role};

/// Every operation: method, path, whether a body goes with it.
pub(super) fn operations() -> Vec<(Method, String)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let path = path
                .replace("{customer_id}", "c1")
                .replace("{name}", "email")
                .replace("/deliveries/{id}", "/deliveries/1-email-0")
                .replace("{id}", "1");
            found.push((method, path));
        }
    }
    found
}

#[tokio::test]
async fn every_operation_but_signing_in_takes_a_caller() {
    let api = Api::new().await;
    let operations = operations();
    assert!(operations.len() > 55, "{}", operations.len());
    for (method, path) in operations.into_iter().filter(|(_, path)| path != "/sessions") {
        for who in ["", "ov_00000000_0000", "f00f"] {
            let answer = api.ask(who, method.clone(), &path, Some(json!({})), None).await;
            assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text);
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
            assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
        }
    }
}

#[tokio::test]
async fn a_key_without_scopes_for_it_does_nothing() {
    let api = Api::new().await;
    // `correct` alone opens no other door; what needs no scope says who one is or takes one's own keys back.
    let key = api.key("administrator", &["correct"]).await;
    let (id, ..) = api.submitted("author").await;
    assert_eq!(id, 1);
    api.promised(40).await;
    for (method, path) in operations() {
        if path == "/sessions" || path == "/sessions/current" || path.ends_with("/correct") {
            continue;
        }
        let body = body_for(&path, &method);
        let answer = api.ask(&key, method.clone(), &path, Some(body), None).await;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text);
    }
}

/// The least that reads as a prepared message.
fn playbook() -> serde_json::Value {
    let bounds = json!({ "person": true, "channels": [], "every_minutes": 1, "valid_until": "2030-01-01T00:00:00Z" });
    json!({ "name": "x", "component": 1, "stages": {}, "bounds": bounds })
}

/// A body that can be read, so that what is refused is the caller.
pub(super) fn body_for(path: &str, method: &Method) -> serde_json::Value {
    let content = json!({ "status": "investigating", "variants": [{ "name": "everyone", "facts": {} }] });
    match (method.as_str(), path) {
        ("POST", "/incidents") => json!({ "kind": "incident", "title": "x" }),
        ("PUT", "/incidents/1/list") => json!({ "customer_ids": ["c-1"] }),
        ("PUT", "/updates/1") => json!({ "based_on": 1, "content": content }),
        ("POST", "/updates/1/preview") => content,
        ("POST", "/updates/1/approve") => json!({ "digest": "", "recipients": 1, "password": "" }),
        ("POST", "/updates/1/return" | "/start") => json!({ "reason": "x" }),
        ("POST", "/announcements") => json!({ "content": content }),
        ("POST", "/playbooks") => playbook(),
        ("PUT", "/playbooks/1") => json!({ "based_on": 1, "playbook": playbook() }),
        ("POST", "/playbooks/1/approve") => json!({ "digest": "" }),
        ("POST", "/playbooks/1/preview" | "/playbooks/1/send") => json!({ "asked": { "stage": "investigating" } }),
        ("POST", "/recipients/batch") => json!({ "recipients": [] }),
        ("POST", "/recipients/delete") => json!({ "customer_ids": [] }),
        ("POST", "/suppressions") => json!({ "channel": "email", "value": "a@b.example", "note": "x" }),
        ("POST", "/suppressions/lift") => json!({ "channel": "email", "value": "a@b.example", "reason": "x" }),
        ("POST" | "PUT", "/segments" | "/segments/1") => json!({ "name": "x", "filter": "everyone" }),
        ("POST", "/segments/count") => json!({ "filter": "everyone" }),
        ("POST", "/segments/explain") => json!({ "filter": "everyone", "customer_id": "c1" }),
        ("POST" | "PUT", "/components" | "/components/1") => json!({ "name": "x" }),
        ("POST" | "PUT", "/contact-routes" | "/contact-routes/1") => {
            json!({ "need": { "en": "x" }, "how": "+44 20 7946 0000" })
        }
        ("POST", "/contact-routes/1/overloaded") => json!({ "overloaded": true }),
        ("POST", "/people") => {
            json!({ "email": "a@b.example", "name": "x", "role": "viewer", "password": "long enough for it" })
        }
        ("POST", "/keys") => json!({ "name": "x", "scopes": ["read"] }),
        ("POST", "/me/password") => json!({ "current": "", "new": "long enough for it" }),
        ("POST", "/me/second-factor/confirm") => json!({ "password": "", "code": "" }),
        ("POST", "/me/second-factor/recovery-codes" | "/me/second-factor/remove" | "/me/passkeys/1/remove") => {
            json!({ "code": "" })
        }
        ("POST", "/updates/1/sign-off") => json!({ "name": "legal", "digest": "", "sign": true }),
        ("POST", "/duty") => {
            json!({ "person_id": 1, "place": 1, "from_at": "2030-01-01T00:00:00Z", "until_at": "2030-01-02T00:00:00Z" })
        }
        ("POST", "/incidents/1/deadlines") => json!({ "title": "x", "due_at": "2030-01-01T00:00:00Z" }),
        ("POST", "/timers") => json!({ "name": "x", "playbook": "x", "cron": "0 9 * * 1" }),
        ("POST", "/plans") => {
            json!({ "name": "x", "playbook": "x", "from": "2030-01-01T00:00Z", "until": "2030-01-01T01:00Z" })
        }
        ("POST", "/deadlines/1/done") => json!({ "done": true }),
        ("POST", "/promises/1/hand_over") => json!({ "to": 1 }),
        ("POST", "/incidents/1/named") => json!({ "add": [1] }),
        ("POST", "/backup") => json!({ "path": "/tmp/none" }),
        _ => json!({}),
    }
}

#[tokio::test]
async fn a_viewer_reads_and_changes_nothing() {
    let api = Api::new().await;
    api.submitted("author").await;
    api.promised(40).await;
    // One's own key, session and second factor are one's own business; previews and counts write nothing.
    let own = [
        "/sessions",
        "/sessions/current",
        "/keys",
        "/me/second-factor",
        "/updates/1/preview",
        "/segments/count",
        "/segments/explain",
        "/playbooks/1/preview",
        "/me/sessions",
    ];
    for (method, path) in
        operations().into_iter().filter(|(method, path)| *method != Method::GET && !own.contains(&path.as_str()))
    {
        let answer = api.ask("viewer", method.clone(), &path, Some(body_for(&path, &method)), None).await;
        // Somebody else's key is not even said to exist.
        let expected = if path == "/keys/1" { 404 } else { 403 };
        assert_eq!(answer.status, expected, "{method} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_last_administrator_stays_and_no_key_makes_people() {
    let api = Api::new().await;
    let people = api.get("administrator", "/people").await;
    let last =
        people.json["items"].as_array().unwrap().iter().find(|person| person["role"] == "administrator").unwrap()["id"]
            .clone();
    let path = format!("/people/{last}");
    for change in [json!({ "role": "author" }), json!({ "active": false })] {
        assert_eq!(api.ask("administrator", Method::PATCH, &path, Some(change), None).await.status, 409);
    }
    let key = api.key("administrator", &["admin"]).await;
    let new = json!({ "email": "eve@b.example", "name": "Eve", "role": "approver", "password": "long enough for it" });
    assert_eq!(api.post(&key, "/people", new.clone()).await.status, 403);
    assert_eq!(api.post(&key, "/keys", json!({ "name": "x", "scopes": ["read"] })).await.status, 403);
    let mut split = new.clone();
    split["name"] = json!("Eve\r\nBcc: x");
    assert_eq!(api.post("administrator", "/people", split).await.pointer(), "/name");
    assert_eq!(api.post("administrator", "/people", new).await.status, 201);
    api.person("second", Role::Administrator).await;
    assert_eq!(
        api.ask("administrator", Method::PATCH, &path, Some(json!({ "role": "author" })), None).await.status,
        200
    );
    assert_eq!(api.get("administrator", "/me").await.status, 401, "a new role ends the session");
}

#[tokio::test]
async fn a_session_begins_and_ends_and_a_cookie_is_none() {
    let api = Api::new().await;
    let wrong = json!({ "email": "viewer@people.example", "password": "wrong" });
    assert_eq!(api.post("", "/sessions", wrong).await.status, 401);
    let session =
        api.post("", "/sessions", json!({ "email": "viewer@people.example", "password": super::PASSWORD })).await;
    assert_eq!(session.status, 201, "{}", session.text);
    let token = session.json["token"].as_str().unwrap();
    assert_eq!(api.get(token, "/me").await.json["way"], "session");
    let cookie =
        Request::get("/api/v1/me").header(header::COOKIE, format!("session={token}")).body(Body::empty()).unwrap();
    assert_eq!(api.send(cookie).await.status, 401);
    assert_eq!(api.ask(token, Method::DELETE, "/sessions/current", None, None).await.status, 204);
    assert_eq!(api.get(token, "/me").await.status, 401);
    assert_eq!(api.over_socket(Method::GET, "/me", json!({})).await.json["way"], "operator");
}

#[tokio::test]
async fn strangers_are_told_in_the_same_form() {
    let api = Api::new().await;
    let kind =
        |answer: &super::Answer| (answer.status.as_u16(), answer.json["type"].as_str().unwrap_or_default().to_owned());
    assert_eq!(kind(&api.get("viewer", "/nothing").await), (404, "/problems/missing".to_owned()));
    assert_eq!(kind(&api.get("viewer", "/incidents/x").await), (404, "/problems/missing".to_owned()));
    let patch = api.ask("viewer", Method::PATCH, "/incidents", Some(json!({})), None).await;
    assert_eq!(kind(&patch), (405, "/problems/wrong-method".to_owned()));
    assert!(patch.headers.contains_key(header::ALLOW));
    let large = json!({ "kind": "incident", "title": "x".repeat(2 << 20) });
    assert_eq!(kind(&api.post("author", "/incidents", large.clone()).await), (413, "/problems/too-large".to_owned()));
    assert_eq!(
        kind(&api.ask("author", Method::POST, "/incidents", Some(large), Some("k")).await),
        (413, "/problems/too-large".to_owned())
    );
    assert_eq!(kind(&api.get("viewer", "/incidents?limit=201").await), (400, "/problems/unreadable".to_owned()));
    assert_eq!(kind(&api.get("viewer", "/incidents?stat=open").await), (400, "/problems/unreadable".to_owned()));
}

#[tokio::test]
async fn a_reader_unsubscribes_by_the_button_alone() {
    let api = Api::new().await;
    api.submitted("author").await;
    let id = onevoice_channels::contract::DeliveryId {
        broadcast: 1,
        channel: onevoice_channels::contract::Channel::Email,
        ordinal: 0,
    };
    let token = crate::send::token::mint(&api.app.store.secrets().token_key, id);
    let ask = async |method: &str, token: &str| {
        api.send(Request::builder().method(method).uri(format!("/u/{token}")).body(Body::empty()).unwrap()).await
    };
    let address = api.app.store.delivery(id).await.unwrap().address;
    let suppressed = async || api.app.store.suppressions(None, None, 10).await.unwrap();
    let before = suppressed().await.len();
    let page = ask("GET", &token).await;
    assert!(page.status == 200 && page.text.contains("<button>") && !page.text.contains(&address), "{}", page.text);
    assert_eq!(suppressed().await.len(), before, "a mail scanner that opens the link changes nothing");
    let done = ask("POST", &token).await;
    assert!(
        done.status == 200
            && !done.headers.contains_key(header::SET_COOKIE)
            && !done.headers.contains_key(header::LOCATION)
    );
    assert!(suppressed().await.iter().any(|suppression| suppression.value == address));
    assert_eq!(ask("POST", "forged").await.status, 404);
    let receipt = Request::post("/receipts/nobody").body(Body::empty()).unwrap();
    assert_eq!(api.send(receipt).await.status, 404);
    let receipt = Request::post("/receipts/email").body(Body::from(vec![b'x'; (1 << 20) + 1])).unwrap();
    assert_eq!(api.send(receipt).await.status, 413);
}
