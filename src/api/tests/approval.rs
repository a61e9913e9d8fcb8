//! Two people stand behind every text, whichever way is tried.

use axum::http::Method;
use serde_json::json;

use super::{Api, PASSWORD};
use crate::people::Role;

#[tokio::test]
async fn nobody_approves_what_they_wrote_and_no_key_approves() {
    let api = Api::new().await;
    // The author of this one could approve others' updates.
    let (id, digest, people) = api.submitted("approver").await;
    let yes = json!({ "digest": digest, "recipients": people, "password": PASSWORD });
    let path = format!("/updates/{id}/approve");
    let own = api.post("approver", &path, yes.clone()).await;
    assert_eq!((own.status.as_u16(), own.json["type"].as_str()), (403, Some("/problems/forbidden")));
    assert_eq!(api.post("author", &path, yes.clone()).await.status, 403);
    assert_eq!(api.post("viewer", &path, yes.clone()).await.status, 403);
    assert_eq!(api.post("", &path, yes.clone()).await.status, 401);
    let every = ["read", "write", "submit", "stop", "correct", "audience", "admin", "announce"];
    let key = api.key("administrator", &every).await;
    assert_eq!(api.post(&key, &path, yes.clone()).await.status, 403);
    assert_eq!(api.over_socket(Method::POST, &path, yes.clone()).await.status, 403);
    // A word added by somebody else makes them an author too, and what was submitted counts no more.
    let update = api.get("administrator", &format!("/updates/{id}")).await;
    let mut content = update.json["content"].clone();
    content["variants"][0]["facts"]["en"]["doing"] = json!("Two teams are looking for the cause of it now.");
    let edit = json!({ "based_on": update.json["version"], "content": content });
    let saved = api.ask("administrator", Method::PUT, &format!("/updates/{id}"), Some(edit), None).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let other = api.person("other", Role::Approver).await;
    assert_eq!(api.post(&other, &path, yes.clone()).await.status, 409);
    assert_eq!(api.post("administrator", &path, yes).await.status, 403);
}

#[tokio::test]
async fn a_yes_is_bound_to_digest_number_and_password() {
    let api = Api::new().await;
    let (id, digest, people) = api.submitted("author").await;
    let path = format!("/updates/{id}/approve");
    let good = json!({ "digest": digest, "recipients": people, "password": PASSWORD });
    let with = |field: &str, value: serde_json::Value| {
        let mut yes = good.clone();
        yes[field] = value;
        yes
    };
    let refused = async |yes| {
        let answer = api.post("approver", &path, yes).await;
        (answer.status.as_u16(), answer.pointer().to_owned())
    };
    assert_eq!(refused(with("digest", json!("0"))).await, (422, "/digest".to_owned()));
    assert_eq!(refused(with("recipients", json!(people + 1))).await, (422, "/recipients".to_owned()));
    assert_eq!(refused(with("password", json!("wrong horse battery"))).await, (403, "/password".to_owned()));
    assert_eq!(refused(with("more", json!(1))).await, (422, "/more".to_owned()));
    let repeated = api.ask("approver", Method::POST, &path, Some(good.clone()), Some("k")).await;
    assert_eq!(repeated.status, 400, "a body with a password is never kept");
    let waiting = api.get("approver", &format!("/updates/{id}")).await;
    assert_eq!(
        (&waiting.json["waiting"]["digest"], &waiting.json["waiting"]["people"]),
        (&good["digest"], &good["recipients"])
    );
    let approved = api.post("approver", &path, good.clone()).await;
    assert_eq!((approved.status.as_u16(), approved.json["state"].as_str()), (200, Some("scheduled")));
    assert_eq!(api.post("approver", &path, good).await.status, 409, "a second yes finds nothing that waits");
}

#[tokio::test]
async fn a_machine_queues_and_a_person_sends() {
    let api = Api::new().await;
    let key = api.key("author", &["announce"]).await;
    assert_eq!(api.post(&key, "/incidents", json!({ "kind": "incident", "title": "x" })).await.status, 403);
    let asked = json!({ "kind": "incident", "title": "Payments fail", "content": api.content() });
    let first = api.ask(&key, Method::POST, "/announcements", Some(asked.clone()), Some("alarm-1")).await;
    assert_eq!((first.status.as_u16(), &first.json["awaits_approval"]), (201, &json!(true)), "{}", first.text);
    assert_eq!(first.json["broadcast"]["state"], "submitted");
    let again = api.ask(&key, Method::POST, "/announcements", Some(asked.clone()), Some("alarm-1")).await;
    assert_eq!(again.json["incident"]["id"], first.json["incident"]["id"]);
    assert_eq!(api.get("viewer", "/incidents").await.json["items"].as_array().unwrap().len(), 1);
    let mut bad = asked;
    bad["content"]["variants"] = json!([]);
    let refused = api.post(&key, "/announcements", bad).await;
    assert_eq!((refused.status.as_u16(), refused.pointer()), (422, "/content/variants"));
    assert_eq!(api.get("viewer", "/incidents").await.json["items"].as_array().unwrap().len(), 1);
}
