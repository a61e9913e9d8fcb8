//! A simulator of Slack's incoming webhooks: what they take, and the plain words in which they answer.
//!
//! `client.cjs` drives it with Slack's own client.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use super::server::Server;
use crate::parts::node;

/// A running simulator with one webhook.
pub struct Slack {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    messages: Vec<Value>,
    answer: Option<(u16, &'static str)>,
}

impl Slack {
    /// Starts one.
    pub async fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let router = Router::new().route("/services/T0/B0/secret", post(take)).with_state(state.clone());
        Self { server: Server::start(router).await, state }
    }

    /// The webhook's address.
    pub fn webhook(&self) -> String {
        format!("{}/services/T0/B0/secret", self.server.url)
    }

    /// Answers everything with this from now on: a channel that was archived, a webhook that was removed.
    pub fn answer_with(&self, status: u16, words: &'static str) {
        self.state.lock().expect("no handler panics").answer = Some((status, words));
    }

    /// What was posted, oldest first.
    pub fn messages(&self) -> Vec<Value> {
        self.state.lock().expect("no handler panics").messages.clone()
    }
}

async fn take(Shared(state): Shared<Arc<Mutex<State>>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut state = state.lock().expect("no handler panics");
    let say = |status: u16, words: &'static str| {
        let status = StatusCode::from_u16(status).expect("a status");
        match status {
            StatusCode::TOO_MANY_REQUESTS => (status, [("retry-after", "30")], words).into_response(),
            _ => (status, words).into_response(),
        }
    };
    if let Some((status, words)) = state.answer {
        return say(status, words);
    }
    let is_json = headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let Some(message) = serde_json::from_slice::<Value>(&body).ok().filter(|message| is_json && message.is_object())
    else {
        return say(400, "invalid_payload");
    };
    if message["text"].as_str().unwrap_or_default().is_empty() && message["blocks"].is_null() {
        return say(400, "no_text");
    }
    state.messages.push(message);
    say(200, "ok")
}

#[tokio::test]
async fn slacks_own_client_finds_a_webhook() {
    let slack = Slack::start().await;
    let address = slack.webhook();
    let seen = node::run("simulators/slack/client.cjs", &[&address, "Power is out."]).await;
    assert_eq!(seen, json!({ "said": "ok" }));
    assert_eq!(slack.messages(), [json!({ "text": "Power is out." })]);
    let empty = node::run("simulators/slack/client.cjs", &[&address, ""]).await;
    assert_eq!(empty, json!({ "error": "slack_webhook_http_error", "status": 400, "body": "no_text" }));
    slack.answer_with(404, "no_service");
    let gone = node::run("simulators/slack/client.cjs", &[&address, "Power is out."]).await;
    assert_eq!(gone, json!({ "error": "slack_webhook_http_error", "status": 404, "body": "no_service" }));
}
