//! A simulator of the part of Telegram's Bot API that a poster meets. `client.cjs` drives it with grammY.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::server::Server;
use crate::parts::node;

/// The bot's token.
pub const TOKEN: &str = "123456:token-of-onevoice";
/// The channel that it may post to.
pub const CHAT: &str = "@acme_status";

/// A running simulator with one bot and one channel.
pub struct Telegram {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    next: i64,
    messages: Vec<(i64, Value)>,
    left: Option<u32>,
}

type Answer = Result<Value, (u16, Value)>;

impl Telegram {
    /// Starts one.
    pub async fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let router = Router::new().route("/{bot}/{method}", post(call)).with_state(state.clone());
        Self { server: Server::start(router).await, state }
    }

    /// Where it is, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Takes this many messages more, and then asks to wait.
    pub fn leave_messages(&self, left: u32) {
        self.state.lock().expect("no handler panics").left = Some(left);
    }

    /// What was posted and not deleted, oldest first: its number and what was asked for.
    pub fn messages(&self) -> Vec<(i64, Value)> {
        self.state.lock().expect("no handler panics").messages.clone()
    }
}

async fn call(
    Shared(state): Shared<Arc<Mutex<State>>>,
    Path((bot, method)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let mut state = state.lock().expect("no handler panics");
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let answer = if bot != format!("bot{TOKEN}") {
        Err(refuse(401, "Unauthorized"))
    } else {
        match method.as_str() {
            "getMe" => Ok(json!({ "id": 123456, "is_bot": true, "first_name": "Acme", "username": "acme_bot" })),
            "getChat" => in_chat(&asked).map(|()| chat()),
            "sendMessage" => in_chat(&asked).and_then(|()| state.send(asked)),
            "deleteMessage" => in_chat(&asked).and_then(|()| state.delete(&asked)),
            _ => Err(refuse(404, "Not Found")),
        }
    };
    match answer {
        Ok(result) => Json(json!({ "ok": true, "result": result })).into_response(),
        Err((code, body)) => (StatusCode::from_u16(code).expect("a status"), Json(body)).into_response(),
    }
}

impl State {
    fn send(&mut self, asked: Value) -> Answer {
        let text = asked["text"].as_str().unwrap_or_default();
        if text.trim().is_empty() {
            return Err(refuse(400, "Bad Request: message text is empty"));
        }
        if text.encode_utf16().count() > 4096 {
            return Err(refuse(400, "Bad Request: message is too long"));
        }
        if let Some(left) = &mut self.left {
            if *left == 0 {
                let mut body = refuse(429, "Too Many Requests: retry after 14").1;
                body["parameters"] = json!({ "retry_after": 14 });
                self.left = None;
                return Err((429, body));
            }
            *left -= 1;
        }
        let reply = &asked["reply_parameters"];
        let there = |id: i64| self.messages.iter().any(|(known, _)| *known == id);
        let missing = reply["message_id"].as_i64().is_some_and(|id| !there(id));
        if missing && reply["allow_sending_without_reply"] != true {
            return Err(refuse(400, "Bad Request: message to be replied not found"));
        }
        self.next += 1;
        let text = text.to_owned();
        self.messages.push((self.next, asked));
        Ok(json!({ "message_id": self.next, "date": 1_772_366_400, "chat": chat(), "text": text }))
    }

    fn delete(&mut self, asked: &Value) -> Answer {
        let before = self.messages.len();
        self.messages.retain(|(id, _)| asked["message_id"].as_i64() != Some(*id));
        if self.messages.len() == before {
            return Err(refuse(400, "Bad Request: message to delete not found"));
        }
        Ok(json!(true))
    }
}

fn in_chat(asked: &Value) -> Result<(), (u16, Value)> {
    if asked["chat_id"] == CHAT { Ok(()) } else { Err(refuse(400, "Bad Request: chat not found")) }
}

fn chat() -> Value {
    json!({ "id": -1_001_234_567_890_i64, "type": "channel", "title": "Acme", "username": &CHAT[1..] })
}

fn refuse(code: u16, words: &str) -> (u16, Value) {
    (code, json!({ "ok": false, "error_code": code, "description": words }))
}

#[tokio::test]
async fn grammy_finds_a_bot_api() {
    let telegram = Telegram::start().await;
    let seen = node::run("simulators/telegram/client.cjs", &[telegram.url(), TOKEN, CHAT]).await;
    let expected = json!({
        "me": "acme_bot",
        "first": 1,
        "reply": 2,
        "4096": 3,
        "4097": [400, "Bad Request: message is too long", null],
        "stranger": [401, "Unauthorized", null],
        "elsewhere": [400, "Bad Request: chat not found", null],
        "deleted": true,
        "deleted again": [400, "Bad Request: message to delete not found", null],
    });
    assert_eq!(seen, expected);
    let replies: Vec<Value> =
        telegram.messages().iter().map(|(_, asked)| asked["reply_parameters"]["message_id"].clone()).collect();
    assert_eq!(replies, [json!(1), json!(null)]);
}
