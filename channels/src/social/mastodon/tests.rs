use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET_FILE, Script,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    parcels,
    suite::{Server, Withdrawal},
};

pub(super) fn case() -> Case {
    use Reason::*;
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/access_token"],
        parcel: parcels::post(Channel::Mastodon, &["We know of the outage."]),
        server: Server::Http(around),
        rows: vec![
            Row::http(200, r#"{"id":"111"}"#, Expect::Accepted),
            Row::http(200, r#"{"uri":"no id"}"#, Expect::InDoubt),
            Row::http(401, r#"{"error":"The access token is invalid"}"#, Expect::Later(Unauthorized)),
            Row::http(403, "{}", Expect::Later(Unauthorized)),
            Row::http(404, "{}", Expect::Rejected(BadContent)),
            Row::http(422, r#"{"error":"Text character limit of 500 exceeded"}"#, Expect::Rejected(BadContent)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(408, "", Expect::InDoubt),
            Row::http(500, "", Expect::InDoubt),
            Row::http(502, "", Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row {
                script: Script::Http(
                    HttpAnswer::reply(429, "{}").with_header("x-ratelimit-reset", "2026-03-01T12:02:00.5Z"),
                ),
                expect: Expect::LaterAfter(Throttled, Duration::from_millis(120_500)),
            },
        ],
        withdrawal: Some(Withdrawal {
            reference: "111",
            rows: vec![
                Row::http(200, r#"{"id":"111"}"#, Expect::Accepted),
                Row::http(404, r#"{"error":"Record not found"}"#, Expect::Accepted),
                Row::http(401, "{}", Expect::Later(Unauthorized)),
                Row::http(403, "{}", Expect::Later(Unauthorized)),
                Row::http(422, "{}", Expect::Rejected(BadContent)),
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
    json!({ "kind": "mastodon", "base_url": format!("http://127.0.0.1:{port}"), "access_token": { "file": SECRET_FILE } })
}

fn around(request: &HttpRequest) -> Option<HttpAnswer> {
    match request.path() {
        "/api/v1/accounts/verify_credentials" => Some(HttpAnswer::reply(200, r#"{"acct":"press"}"#)),
        "/api/v2/instance" => Some(HttpAnswer::reply(200, r#"{"configuration":{"statuses":{"max_characters":1000}}}"#)),
        _ => None,
    }
}

/// A server that keeps idempotency keys, as Mastodon does, and numbers its posts from 101.
async fn server(fail_once_at: Option<usize>) -> HttpServer {
    let kept: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let failures = Arc::new(Mutex::new(fail_once_at));
    HttpServer::start(move |request| {
        let mut kept = kept.lock().unwrap();
        let key = request.headers["idempotency-key"].clone();
        let id = 101 + kept.len();
        let id = *kept.entry(key).or_insert(id);
        if failures.lock().unwrap().take_if(|at| *at + 101 == id).is_some() {
            return HttpAnswer::HangUp;
        }
        HttpAnswer::reply(200, json!({ "id": id.to_string() }).to_string())
    })
    .await
}

#[tokio::test]
async fn a_thread_is_chained_and_its_reference_names_both_ends() {
    let server = server(None).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let mut parcel = parcels::post(Channel::Mastodon, &["one 1/3", "two 2/3", "three 3/3"]);
    parcel.thread = Some(super::super::thread("7 .. 8", "9 .. 10"));
    let outcome = provider.send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("101 .. 102 .. 103".to_owned()), parts: 3 });
    let seen = server.seen();
    let parents: Vec<Value> = seen.iter().map(|request| request.json()["in_reply_to_id"].clone()).collect();
    assert_eq!(parents, [json!("10"), json!("101"), json!("102")]);
    assert_eq!(
        seen[0].json(),
        json!({"status": "one 1/3", "visibility": "public", "language": "en", "in_reply_to_id": "10"})
    );
    assert_eq!(seen[0].headers["authorization"], format!("Bearer {}", testkit::SECRET));
}

#[tokio::test]
async fn a_repeat_after_a_doubt_makes_no_second_post() {
    let server = server(Some(1)).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let parcel = parcels::post(Channel::Mastodon, &["one 1/2", "two 2/2"]);
    let first = provider.send(&parcel).await;
    assert!(matches!(&first, Outcome::InDoubt { detail } if detail.starts_with("part 2 of 2")), "{first:?}");
    let again = provider.send(&parcel).await;
    assert_eq!(again, Outcome::Accepted { reference: Some("101 .. 102".to_owned()), parts: 2 });
}

#[tokio::test]
async fn a_deleted_parent_does_not_silence_the_update() {
    let server = HttpServer::start(|request| match request.json().get("in_reply_to_id") {
        Some(_) => HttpAnswer::reply(404, r#"{"error":"Record not found"}"#),
        None => HttpAnswer::reply(200, r#"{"id":"5"}"#),
    })
    .await;
    let mut parcel = parcels::post(Channel::Mastodon, &["news"]);
    parcel.thread = Some(super::super::thread("1", "1"));
    let outcome = testkit::provider(settings(server.port), &testkit::world()).send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("5".to_owned()), parts: 1 });
}

#[tokio::test]
async fn the_check_reads_the_servers_own_limit_from_either_version() {
    let check = async |v2: bool| {
        let server = HttpServer::start(move |request| match request.path() {
            "/api/v1/accounts/verify_credentials" => HttpAnswer::reply(200, r#"{"acct":"press"}"#),
            "/api/v2/instance" if !v2 => HttpAnswer::reply(404, "{}"),
            _ => HttpAnswer::reply(200, r#"{"configuration":{"statuses":{"max_characters":777}}}"#),
        })
        .await;
        testkit::provider(settings(server.port), &testkit::world()).check().await.unwrap()
    };
    for v2 in [true, false] {
        let report = check(v2).await;
        assert_eq!(report.summary, "signed in as press");
        assert_eq!(report.text_limit.map(|limit| limit.max), Some(777));
    }
}

#[tokio::test]
async fn every_post_of_a_thread_is_deleted_and_no_other() {
    let server = HttpServer::start(|request| match request.path() {
        "/api/v1/statuses/102" => HttpAnswer::reply(404, r#"{"error":"Record not found"}"#),
        _ => HttpAnswer::reply(200, "{}"),
    })
    .await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let parcel = parcels::post(Channel::Mastodon, &["one 1/3", "two 2/3", "three 3/3"]);
    let gone = provider.withdraw(&parcel, Some("101 .. 102 .. 103")).await;
    assert_eq!(gone, Outcome::Accepted { reference: None, parts: 3 });
    let paths = |server: &HttpServer| server.seen().iter().map(|seen| seen.path().to_owned()).collect::<Vec<_>>();
    let of = |id: &str| format!("/api/v1/statuses/{id}");
    assert_eq!(paths(&server), ["101", "102", "103"].map(of));

    // What the server never named, or named strangely, is a person's to look at: nothing is guessed.
    for reference in [None, Some("../accounts/1")] {
        let outcome = provider.withdraw(&parcel, reference).await;
        assert_eq!(Expect::of(&outcome), Expect::Rejected(Reason::BadAnswer), "{reference:?}");
    }
    assert_eq!(paths(&server).len(), 3, "nothing was asked");
    let ends = provider.withdraw(&parcel, Some("101 .. 103")).await;
    assert!(matches!(ends, Outcome::Rejected { detail, .. } if detail.contains("what is between")));
}
