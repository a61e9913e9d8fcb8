use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET_FILE, Script,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    parcels,
    suite::{Server, Withdrawal},
};

pub(super) fn case() -> Case {
    use Reason::*;
    let error = |code: &str| json!({ "errcode": code, "error": "no" }).to_string();
    let refusals = || {
        [
            Row::http(401, &error("M_UNKNOWN_TOKEN"), Expect::Later(Unauthorized)),
            Row::http(403, &error("M_FORBIDDEN"), Expect::Later(Unauthorized)),
            Row::http(403, &error("M_RESOURCE_LIMIT_EXCEEDED"), Expect::Later(Quota)),
            Row::http(404, &error("M_NOT_FOUND"), Expect::Rejected(NoSuchAddress)),
            Row::http(400, &error("M_BAD_JSON"), Expect::Rejected(BadContent)),
            Row::http(413, &error("M_TOO_LARGE"), Expect::Rejected(BadContent)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(408, "", Expect::InDoubt),
            Row::http(500, &error("M_UNKNOWN"), Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row::http(
                429,
                r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}"#,
                Expect::LaterAfter(Throttled, Duration::from_millis(2500)),
            ),
        ]
    };
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/access_token"],
        parcel: parcels::post(Channel::Matrix, &["We know of the outage."]),
        server: Server::Http(around),
        rows: [
            Row::http(200, r#"{"event_id":"$abc"}"#, Expect::Accepted),
            Row::http(200, r#"{"event_id":7}"#, Expect::InDoubt),
        ]
        .into_iter()
        .chain(refusals())
        .collect(),
        withdrawal: Some(Withdrawal {
            reference: "$abc",
            rows: [Row::http(200, r#"{"event_id":"$def"}"#, Expect::Accepted)].into_iter().chain(refusals()).collect(),
        }),
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

fn settings(port: u16) -> Value {
    json!({
        "kind": "matrix",
        "homeserver": format!("http://127.0.0.1:{port}"),
        "access_token": { "file": SECRET_FILE },
        "room": "!a/b:example.com",
    })
}

fn around(request: &HttpRequest) -> Option<HttpAnswer> {
    let answer = match request.method.as_str() {
        "GET" if request.path().ends_with("/whoami") => json!({ "user_id": "@press:example.com" }),
        "GET" => json!({ "membership": "join" }),
        _ => return None,
    };
    Some(HttpAnswer::reply(200, answer.to_string()))
}

/// A homeserver that names each event after its transaction.
async fn server() -> HttpServer {
    HttpServer::start(|request| {
        let transaction = request.path().rsplit('/').next().unwrap_or_default().to_owned();
        around(request)
            .unwrap_or_else(|| HttpAnswer::reply(200, json!({ "event_id": format!("${transaction}") }).to_string()))
    })
    .await
}

#[tokio::test]
async fn a_part_has_a_transaction_of_its_own_and_replies_to_the_one_before() {
    let server = server().await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let mut parcel = parcels::post(Channel::Matrix, &["one 1/2", "two 2/2"]);
    parcel.thread = Some(crate::social::thread("$first", "$latest"));
    let token = &parcel.token;
    let reference = format!("${token}-0 .. ${token}-1");
    assert_eq!(provider.send(&parcel).await, Outcome::Accepted { reference: Some(reference), parts: 2 });
    let seen = server.seen();
    assert_eq!(
        seen[0].target,
        format!("/_matrix/client/v3/rooms/!a%2Fb:example.com/send/m.room.message/{token}-0"),
        "the room's id is one segment"
    );
    let replies: Vec<Value> =
        seen.iter().map(|request| request.json()["m.relates_to"]["m.in_reply_to"]["event_id"].clone()).collect();
    assert_eq!(replies, [json!("$latest"), json!(format!("${token}-0"))]);
    assert_eq!(seen[0].json()["msgtype"], "m.text");
    assert_eq!(seen[0].json()["m.mentions"], json!({}), "nobody is woken by a word that looks like a name");
}

#[tokio::test]
async fn an_exercises_reference_is_no_event_to_reply_to() {
    let server = server().await;
    let mut settings = settings(server.port);
    settings["notice"] = json!(true);
    let provider = testkit::provider(settings, &testkit::world());
    let mut parcel = parcels::post(Channel::Matrix, &["news"]);
    parcel.thread = Some(crate::social::thread("outbox-1", "outbox-1"));
    assert!(matches!(provider.send(&parcel).await, Outcome::Accepted { .. }));
    assert_eq!(server.seen()[0].json(), json!({ "msgtype": "m.notice", "body": "news", "m.mentions": {} }));
}

#[tokio::test]
async fn an_account_outside_the_room_is_no_way_to_post() {
    for outside in [
        HttpAnswer::reply(403, "{}"),
        HttpAnswer::reply(404, "{}"),
        HttpAnswer::reply(200, r#"{"membership":"invite"}"#),
    ] {
        let server = HttpServer::start(move |request| match request.path().ends_with("/whoami") {
            true => HttpAnswer::reply(200, r#"{"user_id":"@press:example.com"}"#),
            false => outside.clone(),
        })
        .await;
        let refused = testkit::provider(settings(server.port), &testkit::world()).check().await.unwrap_err();
        assert_eq!(refused.reason, Reason::Unauthorized);
        assert!(refused.detail.contains("not in the room"), "{refused}");
    }
}

#[test]
fn an_alias_is_refused_with_the_way_to_find_the_id() {
    let mut alias = settings(1);
    alias["room"] = json!("#status:example.com");
    let read: crate::registry::ProviderSettings = serde_json::from_value(alias).unwrap();
    let error = read.validate().unwrap_err();
    assert!(error.key == "room" && error.message.contains("begins with \"!\""), "{error}");
}
