//! Is the simulator like Mastodon? Asked of a client of Mastodon, and of what a real server was recorded to say.

use std::collections::BTreeMap;
use std::process::Command;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Fault, Mastodon, TOKEN};
use crate::parts::{folder, http, process};

/// The recordings' tokens. The third account's name is mentioned in a reply; who it is makes no difference here.
const RECORDED_TOKENS: [&str; 3] =
    ["__MASTODON_PY_TEST_ACCESS_TOKEN", "__MASTODON_PY_TEST_ACCESS_TOKEN_2", "__MASTODON_PY_TEST_ACCESS_TOKEN_3"];

const RECORDINGS: &[&str] = &[
    "test_status",
    "test_status_reply",
    "test_status_empty",
    "test_status_missing",
    "test_status_context",
    "test_status_post[None-None]",
    "test_status_post[None-public]",
    "test_status_post[None-unlisted]",
    "test_status_post[None-private]",
    "test_status_post[None-direct]",
    "test_status_post[Content warning-public]",
    "test_verify_credentials",
    "test_instance",
    "test_instance_v1",
];

#[derive(Deserialize)]
struct Exchange {
    method: String,
    path: String,
    authorization: String,
    body: String,
    code: u16,
    limit: String,
    answer: Value,
}

fn python(script: &str) -> Command {
    let mut command = Command::new(folder::installed("venv/bin/python"));
    command.arg(folder::source().join("tests/simulators/mastodon").join(script));
    command
}

#[tokio::test]
async fn mastodon_py_finds_a_mastodon() {
    let mastodon = Mastodon::start().await;
    let mut command = python("client.py");
    command.args([mastodon.url(), TOKEN]);
    let seen: Value = serde_json::from_str(&process::run(command).await).expect("the script prints JSON");
    let expected = json!({
        "same": true,
        "reply": true,
        "thread": [true],
        "language": "en",
        "visibility": "unlisted",
        "me": "account1",
        "most": 500,
        "most_v1": 500,
        "500": null,
        "501": "MastodonAPIError",
        "long link": null,
        "stranger": "MastodonUnauthorizedError",
        "remaining": 296,
    });
    assert_eq!(seen, expected);
    let texts: Vec<_> =
        mastodon.statuses().iter().map(|status| status.text.chars().take(14).collect::<String>()).collect();
    let keys: Vec<_> = mastodon.statuses().into_iter().map(|status| status.key).collect();
    assert_eq!(keys, [Some("delivery-1".to_owned()), Some("delivery-2".to_owned()), None, None]);
    assert_eq!(texts, ["Power is out.", "It is back.", &"x".repeat(14), &"x".repeat(14)]);
}

#[tokio::test]
async fn it_answers_as_the_recorded_server_did() {
    let mut command = python("recorded.py");
    command.arg(folder::installed("mastodon.py/tests/cassettes")).args(RECORDINGS);
    let printed = process::run(command).await;
    let recordings: BTreeMap<String, Vec<Exchange>> = serde_json::from_str(&printed).expect("the script prints JSON");
    assert_eq!(recordings.len(), RECORDINGS.len());
    for (name, exchanges) in recordings {
        let mastodon = Mastodon::start_with(&RECORDED_TOKENS).await;
        // The recorded ids of posts, and ours.
        let mut ids = Vec::new();
        for exchange in exchanges {
            replay(&mastodon, &name, &exchange, &mut ids).await;
        }
    }
}

async fn replay(mastodon: &Mastodon, name: &str, exchange: &Exchange, ids: &mut Vec<(String, String)>) {
    let ours = |text: &str| ids.iter().fold(text.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours));
    let method = exchange.method.parse().expect("a method");
    let request = http::client()
        .request(method, format!("{}{}", mastodon.url(), ours(&exchange.path)))
        .header("authorization", &exchange.authorization)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(ours(&exchange.body));
    let response = request.send().await.expect("the simulator answers");
    let place = format!("{name}: {} {}", exchange.method, exchange.path);
    assert_eq!(response.status().as_u16(), exchange.code, "{place}");
    // The instance's own page is not counted by the simulator.
    if !exchange.path.contains("/instance") {
        assert_eq!(response.headers()["x-ratelimit-limit"], exchange.limit, "{place}");
    }
    let answer: Value = response.json().await.expect("the simulator answers in JSON");
    assert_eq!(shape(&answer), shape(&exchange.answer), "{place}");
    if exchange.path == "/api/v1/statuses" && exchange.code == 200 {
        ids.push((text(&exchange.answer["id"]), text(&answer["id"])));
    }
}

/// The names of an answer's fields and their types. A field that is sometimes null is a text or a truth value at other times, as the
/// recorded accounts had chosen: only those of the post's thread are held to be null or not as recorded.
fn shape(answer: &Value) -> BTreeMap<String, &'static str> {
    let fields = answer.as_object().expect("every answer is an object");
    fields.iter().map(|(name, value)| (name.clone(), kind(name, value))).collect()
}

fn kind(name: &str, value: &Value) -> &'static str {
    match value {
        _ if ["last_status_at", "discoverable", "hide_collections"].contains(&name) => "chosen by the account",
        Value::Null => "null",
        Value::Bool(_) => "truth value",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("an id is a text").to_owned()
}

async fn post(mastodon: &Mastodon, key: &str) -> reqwest::Response {
    let request = http::client().post(format!("{}/api/v1/statuses", mastodon.url())).bearer_auth(TOKEN);
    let request = request.header("idempotency-key", key).json(&json!({ "status": "Power is out.", "language": "en" }));
    request.send().await.expect("the simulator answers")
}

#[tokio::test]
async fn a_key_is_forgotten_after_an_hour() {
    let mastodon = Mastodon::start().await;
    post(&mastodon, "one").await;
    mastodon.advance(SignedDuration::from_mins(59));
    post(&mastodon, "one").await;
    assert_eq!(mastodon.statuses().len(), 1);
    mastodon.advance(SignedDuration::from_mins(2));
    post(&mastodon, "one").await;
    assert_eq!(mastodon.statuses().len(), 2);
}

#[tokio::test]
async fn beyond_the_limit_it_answers_429_until_the_reset() {
    let mastodon = Mastodon::start().await;
    mastodon.leave_posts(1);
    let last = post(&mastodon, "one").await;
    assert_eq!(
        (last.status().as_u16(), &last.headers()["x-ratelimit-remaining"]),
        (200, &"0".parse().expect("a value"))
    );
    let refused = post(&mastodon, "two").await;
    assert_eq!(refused.status(), 429);
    let reset = refused.headers()["x-ratelimit-reset"].to_str().expect("ASCII").to_owned();
    assert!(reset.parse::<jiff::Timestamp>().is_ok(), "{reset}");
    assert_eq!(refused.json::<Value>().await.expect("JSON"), json!({ "error": "Too many requests" }));
    mastodon.advance(SignedDuration::from_hours(3));
    assert_eq!(post(&mastodon, "two").await.status(), 200);
}

#[tokio::test]
async fn the_301st_request_of_five_minutes_is_refused() {
    let mastodon = Mastodon::start().await;
    let client = http::client();
    let url = format!("{}/api/v1/accounts/verify_credentials", mastodon.url());
    for request in 1..=301 {
        let answer = client.get(&url).bearer_auth(TOKEN).send().await.expect("the simulator answers");
        assert_eq!(answer.status(), if request <= 300 { 200 } else { 429 });
    }
}

#[tokio::test]
async fn a_fault_can_hide_that_it_was_posted() {
    let mastodon = Mastodon::start().await;
    mastodon.fail_next(Fault::Refuse(http_code(503)));
    assert_eq!(post(&mastodon, "one").await.status(), 503);
    assert!(mastodon.statuses().is_empty());
    mastodon.fail_next(Fault::PostThenRefuse(http_code(504)));
    assert_eq!(post(&mastodon, "one").await.status(), 504);
    assert_eq!(mastodon.statuses().len(), 1);
    assert_eq!(post(&mastodon, "one").await.status(), 200);
    assert_eq!(mastodon.statuses().len(), 1);
}

fn http_code(code: u16) -> axum::http::StatusCode {
    axum::http::StatusCode::from_u16(code).expect("a status code")
}
