use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::Duration;

use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET_FILE, Script,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    parcels,
    suite::{Server, Withdrawal},
};

pub(super) fn case() -> Case {
    use Reason::*;
    let error = |name: &str| json!({ "error": name, "message": "no" }).to_string();
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/app_password"],
        parcel: parcels::post(Channel::Bluesky, &["We know of the outage."]),
        server: Server::Http(around),
        rows: vec![
            Row::http(200, r#"{"uri":"at://did:plc:kit/app.bsky.feed.post/1","cid":"bafy1"}"#, Expect::Accepted),
            Row::http(200, "{}", Expect::InDoubt),
            Row::http(400, &error("InvalidRequest"), Expect::Rejected(BadContent)),
            Row::http(400, &error("ExpiredToken"), Expect::Later(Unauthorized)),
            Row::http(401, &error("InvalidToken"), Expect::Later(Unauthorized)),
            Row::http(401, &error("AuthMissing"), Expect::Later(Unauthorized)),
            Row::http(403, &error("AccountTakedown"), Expect::Later(Unauthorized)),
            Row::http(413, "", Expect::Rejected(BadContent)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(408, "", Expect::InDoubt),
            Row::http(500, &error("InternalServerError"), Expect::InDoubt),
            Row::http(502, "", Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row {
                // Two minutes after the kit's clock.
                script: Script::Http(
                    HttpAnswer::reply(429, error("RateLimitExceeded")).with_header("ratelimit-reset", "1772366520"),
                ),
                expect: Expect::LaterAfter(Throttled, Duration::from_secs(120)),
            },
        ],
        withdrawal: Some(Withdrawal {
            reference: "at://did:plc:kit/app.bsky.feed.post/1 bafy1",
            rows: vec![
                Row::http(200, "{}", Expect::Accepted),
                Row::http(400, &error("InvalidRequest"), Expect::Rejected(BadContent)),
                Row::http(400, &error("ExpiredToken"), Expect::Later(Unauthorized)),
                Row::http(401, &error("AuthMissing"), Expect::Later(Unauthorized)),
                Row::http(302, "", Expect::Later(BadAnswer)),
                Row::http(429, "{}", Expect::Later(Throttled)),
                Row::http(500, "", Expect::InDoubt),
                Row::http(503, "", Expect::Later(Temporary)),
            ],
        }),
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

fn settings(port: u16) -> Value {
    json!({
        "kind": "bluesky",
        "service": format!("http://127.0.0.1:{port}"),
        "identifier": "alerts.example.com",
        "app_password": { "file": SECRET_FILE },
    })
}

fn session(number: usize) -> HttpAnswer {
    let session = json!({
        "accessJwt": format!("access-{number}"),
        "refreshJwt": format!("refresh-{number}"),
        "did": "did:plc:kit",
        "handle": "alerts.example.com",
    });
    HttpAnswer::reply(200, session.to_string())
}

fn around(request: &HttpRequest) -> Option<HttpAnswer> {
    match request.path() {
        "/xrpc/com.atproto.repo.putRecord" | "/xrpc/com.atproto.repo.deleteRecord" => None,
        _ => Some(session(1)),
    }
}

fn put(request: &HttpRequest) -> HttpAnswer {
    let key = request.json()["rkey"].as_str().unwrap_or_default().to_owned();
    let post = json!({ "uri": format!("at://did:plc:kit/{COLLECTION}/{key}"), "cid": format!("cid-{key}") });
    HttpAnswer::reply(200, post.to_string())
}

fn puts(server: &HttpServer) -> Vec<Value> {
    server.seen().iter().filter(|request| request.path().ends_with("putRecord")).map(HttpRequest::json).collect()
}

#[tokio::test]
async fn a_repeat_puts_the_same_record_under_the_same_key() {
    let server = HttpServer::start(|request| around(request).unwrap_or_else(|| put(request))).await;
    let parcel = parcels::post(Channel::Bluesky, &["see https://example.com/x 1/2", "two 2/2"]);
    for _ in 0..2 {
        // A new provider each time, as after a restart.
        let provider = testkit::provider(settings(server.port), &testkit::world());
        assert!(matches!(provider.send(&parcel).await, Outcome::Accepted { parts: 2, .. }));
    }
    let puts = puts(&server);
    assert_eq!(puts[..2], puts[2..]);
    assert_eq!(puts[0]["repo"], "did:plc:kit");
    assert_eq!(puts[0]["record"]["createdAt"], "2026-03-01T11:53:20.000Z");
    assert_eq!(puts[1]["record"]["createdAt"], "2026-03-01T11:53:20.001Z");
    assert_eq!(puts[0]["record"]["langs"], json!(["en-GB"]));
    assert_eq!(puts[0]["record"]["facets"][0]["index"], json!({ "byteStart": 4, "byteEnd": 25 }));
    let card = json!({ "uri": "https://example.com/x", "title": "example.com", "description": "" });
    assert_eq!(puts[0]["record"]["embed"], json!({ "$type": "app.bsky.embed.external", "external": card }));
    assert_eq!(puts[1]["record"].get("embed"), None, "no link, no card");
}

#[tokio::test]
async fn a_thread_replies_to_its_own_and_to_the_incidents_posts() {
    let server = HttpServer::start(|request| around(request).unwrap_or_else(|| put(request))).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let mut parcel = parcels::post(Channel::Bluesky, &["one 1/2", "two 2/2"]);
    let Outcome::Accepted { reference: Some(first), .. } = provider.send(&parcel).await else { panic!() };
    let alone = puts(&server);
    assert_eq!(alone[0]["record"].get("reply"), None);
    assert_eq!(alone[1]["record"]["reply"]["root"], alone[1]["record"]["reply"]["parent"]);

    parcel.token = "another".to_owned();
    parcel.thread = Some(super::super::thread(&first, &first));
    provider.send(&parcel).await;
    let reply = &puts(&server)[2]["record"]["reply"];
    let (root, parent) = (super::super::first(&first), super::super::last(&first));
    assert_eq!(format!("{} {}", reply["root"]["uri"].as_str().unwrap(), reply["root"]["cid"].as_str().unwrap()), root);
    assert_eq!(
        format!("{} {}", reply["parent"]["uri"].as_str().unwrap(), reply["parent"]["cid"].as_str().unwrap()),
        parent
    );

    parcel.thread = Some(super::super::thread("outbox-1", "outbox-1"));
    assert!(matches!(provider.send(&parcel).await, Outcome::Accepted { .. }), "a trial's reference is no obstacle");
}

#[tokio::test]
async fn one_session_serves_many_posts_and_is_refreshed_once_when_it_ends() {
    let posts = Arc::new(AtomicUsize::new(0));
    let server = HttpServer::start(move |request| match request.path() {
        "/xrpc/com.atproto.server.createSession" => session(1),
        "/xrpc/com.atproto.server.refreshSession" => session(2),
        // The first session ends after three posts.
        _ if request.headers["authorization"] == "Bearer access-1" && posts.fetch_add(1, Ordering::SeqCst) >= 3 => {
            HttpAnswer::reply(400, r#"{"error":"ExpiredToken","message":"Token has expired"}"#)
        }
        _ => put(request),
    })
    .await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    for ordinal in 0..6 {
        let mut parcel = parcels::post(Channel::Bluesky, &["news"]);
        parcel.token = ordinal.to_string();
        assert!(matches!(provider.send(&parcel).await, Outcome::Accepted { .. }));
    }
    let count = |method: &str| server.seen().iter().filter(|request| request.path().ends_with(method)).count();
    assert_eq!((count("createSession"), count("refreshSession"), count("putRecord")), (1, 1, 7));
    let refresh = server.seen().into_iter().find(|request| request.path().ends_with("refreshSession")).unwrap();
    assert_eq!(refresh.headers["authorization"], "Bearer refresh-1");
}

#[tokio::test]
async fn sign_in_that_is_throttled_waits_for_the_reset() {
    let server = HttpServer::start(|_| HttpAnswer::reply(429, "{}").with_header("ratelimit-reset", "1772366460")).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let outcome = provider.send(&parcels::post(Channel::Bluesky, &["news"])).await;
    assert_eq!(Expect::of(&outcome), Expect::LaterAfter(Reason::Throttled, Duration::from_secs(60)));
}

#[tokio::test]
async fn a_check_asks_the_server_even_with_a_session_at_hand() {
    let withdrawn = Arc::new(AtomicBool::new(false));
    let state = withdrawn.clone();
    let server = HttpServer::start(move |request| match request.path() {
        "/xrpc/com.atproto.server.createSession" if state.load(Ordering::SeqCst) => HttpAnswer::reply(401, "{}"),
        "/xrpc/com.atproto.server.refreshSession" if state.load(Ordering::SeqCst) => {
            HttpAnswer::reply(400, r#"{"error":"ExpiredToken","message":"Token has been revoked"}"#)
        }
        _ => around(request).unwrap_or_else(|| put(request)),
    })
    .await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    for _ in 0..3 {
        assert_eq!(provider.check().await.unwrap().summary, "signed in as alerts.example.com");
    }
    let count = |method: &str| server.seen().iter().filter(|request| request.path().ends_with(method)).count();
    assert_eq!((count("createSession"), count("refreshSession")), (1, 2), "sign-ins are few, refreshes are not");

    withdrawn.store(true, Ordering::SeqCst);
    assert_eq!(provider.check().await.unwrap_err().reason, Reason::Unauthorized);
}

#[tokio::test]
async fn what_is_deleted_is_what_was_put_whether_or_not_the_server_said_so() {
    let server = HttpServer::start(|request| around(request).unwrap_or_else(|| put(request))).await;
    let parcel = parcels::post(Channel::Bluesky, &["one 1/2", "two 2/2"]);
    testkit::provider(settings(server.port), &testkit::world()).send(&parcel).await;
    // A new provider, as after a restart, that was told no reference.
    let outcome = testkit::provider(settings(server.port), &testkit::world()).withdraw(&parcel, None).await;
    assert_eq!(outcome, Outcome::Accepted { reference: None, parts: 2 });
    let keys = |method: &str| -> Vec<Value> {
        let seen = server.seen();
        let of = seen.iter().filter(|request| request.path().ends_with(method)).map(HttpRequest::json);
        of.map(|body| json!([body["repo"], body["collection"], body["rkey"]])).collect()
    };
    assert_eq!(keys("deleteRecord"), keys("putRecord"));
}
