//! Bad input gets a clear answer and loses nothing.

use serde_json::json;

use super::{Site, content, person};
use crate::parts::http;

const OUTBOX: &str = "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n";

#[tokio::test]
async fn two_daemons_on_one_database_and_a_newer_database_are_refused_in_words() {
    let site = Site::new(OUTBOX, &[]).await;
    let daemon = site.start().await;
    let (code, _, said) = site.command(&["serve", "--config", "onevoice.toml"]).await;
    assert_ne!(code, 0);
    assert!(said.contains("in use by another onevoice process"), "{said}");
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_wrong_key_in_the_configuration_is_one_sentence_with_file_line_and_key() {
    let site = Site::new("[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchanel = \"email\"\n", &[]).await;
    let (code, _, said) = site.command(&["serve", "--config", "onevoice.toml"]).await;
    assert_ne!(code, 0);
    assert!(said.contains("onevoice.toml line ") && said.contains("chanel") && said.contains("channel"), "{said}");
}

#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_refused_and_the_daemon_goes_on() {
    let site = Site::new(OUTBOX, &[]).await;
    let daemon = site.start().await;
    let client = daemon.sign_in("ana@acme.example").await;
    let huge = "x".repeat(100 << 20);
    let answer = client
        .http
        .post(format!("{}/api/v1/incidents", daemon.base))
        .bearer_auth(&client.token)
        .header("content-type", "application/json")
        .body(huge)
        .send()
        .await;
    // Refused by an answer, or by a connection that ends before all was sent; never taken.
    if let Ok(answer) = answer {
        assert_eq!(answer.status(), 413, "{}", answer.text().await.unwrap_or_default());
    }
    client.get("/me").await;
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn approvals_are_refused_for_a_wrong_digest_count_or_password_and_nothing_leaves() {
    let site = Site::new(OUTBOX, &[person("c1", "Maria", Some("a@example.test"), None)]).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let right =
        json!({ "digest": submitted["digest"], "recipients": submitted["people"], "password": super::PASSWORD });
    for (key, wrong, status) in [
        ("digest", json!("0".repeat(64)), 422),
        ("recipients", json!(2), 422),
        ("password", json!("not the password"), 403),
    ] {
        let mut yes = right.clone();
        yes[key] = wrong;
        let refused = approver.try_post(&format!("/updates/{update}/approve"), &yes).await.expect_err("it is refused");
        assert_eq!(
            (refused.status, refused.problem["pointer"].as_str()),
            (status, Some(format!("/{key}").as_str())),
            "{}",
            refused.problem
        );
    }
    let broadcast = submitted["id"].as_i64().unwrap();
    assert_eq!(author.get(&format!("/broadcasts/{broadcast}")).await["state"], "submitted");
    assert_eq!(approver.approve(update, &submitted).await, broadcast, "and the right one is taken");
    author.ended(broadcast).await;
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn requests_without_credentials_change_nothing() {
    let site = Site::new(OUTBOX, &[]).await;
    let daemon = site.start().await;
    for path in ["/incidents", "/stop", "/people", "/keys", "/recipients/batch"] {
        let answer =
            http::client().post(format!("{}/api/v1{path}", daemon.base)).json(&json!({})).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    assert!(daemon.stop().await.success());
}
