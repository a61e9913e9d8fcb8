use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET, SECRET_FILE, Script,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    parcels,
    suite::{Server, Withdrawal},
};

pub(super) fn case() -> Case {
    use Reason::*;
    let error = |code: u16, said: &str| json!({ "ok": false, "error_code": code, "description": said }).to_string();
    let shared = || {
        [
            Row::http(401, &error(401, "Unauthorized"), Expect::Later(Unauthorized)),
            Row::http(404, &error(404, "Not Found"), Expect::Later(Unauthorized)),
            Row::http(403, &error(403, "Forbidden: bot was kicked from the channel chat"), Expect::Later(Unauthorized)),
            Row::http(400, &error(400, "Bad Request: chat not found"), Expect::Rejected(NoSuchAddress)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(500, "", Expect::InDoubt),
            Row::http(502, &error(502, "Bad Gateway"), Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row::http(
                429,
                r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 14","parameters":{"retry_after":14}}"#,
                Expect::LaterAfter(Throttled, Duration::from_secs(14)),
            ),
        ]
    };
    let rows = [
        Row::http(200, r#"{"ok":true,"result":{"message_id":7}}"#, Expect::Accepted),
        Row::http(200, r#"{"ok":true,"result":{}}"#, Expect::InDoubt),
        Row::http(400, &error(400, "Bad Request: message is too long"), Expect::Rejected(BadContent)),
        Row::http(
            400,
            r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001}}"#,
            Expect::Rejected(BadAddress),
        ),
    ];
    let deletions = [
        Row::http(200, r#"{"ok":true,"result":true}"#, Expect::Accepted),
        Row::http(400, &error(400, "Bad Request: message to delete not found"), Expect::Accepted),
        Row::http(400, &error(400, "Bad Request: message can't be deleted"), Expect::Rejected(BadContent)),
    ];
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/token"],
        parcel: parcels::post(Channel::Telegram, &["We know of the outage."]),
        server: Server::Http(around),
        rows: rows.into_iter().chain(shared()).collect(),
        withdrawal: Some(Withdrawal { reference: "7", rows: deletions.into_iter().chain(shared()).collect() }),
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

fn settings(port: u16) -> Value {
    json!({
        "kind": "telegram",
        "base_url": format!("http://127.0.0.1:{port}"),
        "token": { "file": SECRET_FILE },
        "chat": "@acme_status",
    })
}

fn around(request: &HttpRequest) -> Option<HttpAnswer> {
    let is = |method: &str| request.path().ends_with(method);
    let good = json!({ "ok": true, "result": { "username": "acme_bot" } });
    (is("/getMe") || is("/getChat")).then(|| HttpAnswer::reply(200, good.to_string()))
}

#[tokio::test]
async fn a_thread_replies_and_its_reference_names_every_message() {
    let server = HttpServer::start(|request| {
        let number = if request.json()["text"] == "one 1/2" { 71 } else { 72 };
        HttpAnswer::reply(200, json!({ "ok": true, "result": { "message_id": number } }).to_string())
    })
    .await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let mut parcel = parcels::post(Channel::Telegram, &["one 1/2", "two 2/2"]);
    parcel.thread = Some(crate::social::thread("5", "6"));
    assert_eq!(provider.send(&parcel).await, Outcome::Accepted { reference: Some("71 .. 72".to_owned()), parts: 2 });
    let seen = server.seen();
    assert_eq!(seen[0].target, format!("/bot{SECRET}/sendMessage"));
    let expected = |text: &str, parent: i64| {
        json!({
            "chat_id": "@acme_status",
            "text": text,
            "link_preview_options": { "is_disabled": true },
            "reply_parameters": { "message_id": parent, "allow_sending_without_reply": true },
        })
    };
    assert_eq!((seen[0].json(), seen[1].json()), (expected("one 1/2", 6), expected("two 2/2", 71)));
}

#[tokio::test]
async fn a_group_that_moved_is_told_with_its_new_number() {
    let moved = r#"{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1001234567890}}"#;
    let server = HttpServer::start(move |_| HttpAnswer::reply(400, moved)).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let outcome = provider.send(&parcels::post(Channel::Telegram, &["news"])).await;
    assert!(matches!(&outcome, Outcome::Rejected { detail, .. } if detail.contains("-1001234567890")), "{outcome:?}");
}

#[tokio::test]
async fn the_check_tells_the_token_from_the_chat() {
    let server = HttpServer::start(|request| match request.path().ends_with("getMe") {
        true => around(request).unwrap(),
        false => HttpAnswer::reply(400, r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#),
    })
    .await;
    let refused = testkit::provider(settings(server.port), &testkit::world()).check().await.unwrap_err();
    assert_eq!(
        (refused.reason, refused.detail.as_str()),
        (Reason::NoSuchAddress, "the token is good, but the bot is not in this chat")
    );
}

#[test]
fn a_chat_is_a_name_or_a_number() {
    for (chat, good) in [("@acme", true), ("-100123", true), ("42", true), ("acme", false), ("@", false), ("", false)] {
        let mut wanted = settings(1);
        wanted["chat"] = json!(chat);
        let read: crate::registry::ProviderSettings = serde_json::from_value(wanted).unwrap();
        assert_eq!(read.validate().is_ok(), good, "{chat}");
    }
}
