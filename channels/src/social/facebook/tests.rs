use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET, SECRET_FILE, Script,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    parcels,
    suite::{Server, Withdrawal},
};

fn error(code: i64) -> String {
    json!({ "error": { "message": "no", "type": "OAuthException", "code": code, "fbtrace_id": "x" } }).to_string()
}

pub(super) fn case() -> Case {
    use Reason::*;
    let shared = || {
        let throttled = [4, 17, 32, 341, 613].map(|code| Row::http(400, &error(code), Expect::Later(Throttled)));
        let unauthorized = [3, 10, 102, 190, 200].map(|code| Row::http(400, &error(code), Expect::Later(Unauthorized)));
        let mut rows = vec![
            Row::http(400, &error(368), Expect::Rejected(Blocked)),
            Row::http(400, &error(506), Expect::Rejected(BadContent)),
            Row::http(400, &error(100), Expect::Rejected(BadContent)),
            Row::http(500, &error(1), Expect::InDoubt),
            Row::http(500, &error(2), Expect::InDoubt),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(500, "", Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row {
                script: Script::Http(HttpAnswer::reply(400, error(32)).with_header(
                    "x-business-use-case-usage",
                    r#"{"1":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":19}]}"#,
                )),
                expect: Expect::LaterAfter(Throttled, Duration::from_secs(19 * 60)),
            },
        ];
        rows.extend(throttled);
        rows.extend(unauthorized);
        rows
    };
    let mut rows = vec![
        Row::http(200, r#"{"id":"100_7"}"#, Expect::Accepted),
        Row::http(200, r#"{"id":"../x"}"#, Expect::InDoubt),
    ];
    rows.extend(shared());
    let gone = json!({ "error": { "message": "no", "code": 100, "error_subcode": 33 } }).to_string();
    let mut deletions =
        vec![Row::http(200, r#"{"success":true}"#, Expect::Accepted), Row::http(400, &gone, Expect::Accepted)];
    deletions.extend(shared());
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/access_token"],
        parcel: parcels::post(Channel::Facebook, &["We know of the outage."]),
        server: Server::Http(around),
        rows,
        withdrawal: Some(Withdrawal { reference: "100_7", rows: deletions }),
        refuses_credentials: Some(Script::Http(HttpAnswer::reply(400, error(190)))),
    }
}

fn settings(port: u16) -> Value {
    json!({
        "kind": "facebook",
        "base_url": format!("http://127.0.0.1:{port}/v24.0"),
        "page_id": "100",
        "access_token": { "file": SECRET_FILE },
    })
}

fn around(request: &HttpRequest) -> Option<HttpAnswer> {
    (request.method == "GET").then(|| HttpAnswer::reply(200, r#"{"id":"100","name":"Acme"}"#))
}

#[tokio::test]
async fn each_update_is_a_post_of_its_own() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, r#"{"id":"100_8"}"#)).await;
    let mut parcel = parcels::post(Channel::Facebook, &["Cards work again."]);
    parcel.thread = Some(crate::social::thread("100_7", "100_7"));
    let outcome = testkit::provider(settings(server.port), &testkit::world()).send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("100_8".to_owned()), parts: 1 });
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v24.0/100/feed"));
    assert_eq!(seen.json(), json!({ "message": "Cards work again.", "published": true }));
    assert_eq!(seen.headers["authorization"], format!("Bearer {SECRET}"));
}

#[tokio::test]
async fn the_check_tells_when_the_token_ends() {
    let check = async |token: Value| {
        let token = token.to_string();
        let server = HttpServer::start(move |request| match request.path() {
            "/v24.0/debug_token" => HttpAnswer::reply(200, token.clone()),
            _ => around(request).unwrap(),
        })
        .await;
        let report = testkit::provider(settings(server.port), &testkit::world()).check().await.unwrap();
        assert_eq!(report.summary, "posts as Acme");
        report.expires_at.map(Timestamp::as_second)
    };
    let both = json!({ "data": { "expires_at": 1_780_000_000, "data_access_expires_at": 1_775_000_000 } });
    assert_eq!(check(both).await, Some(1_775_000_000));
    assert_eq!(check(json!({ "data": { "expires_at": 0 } })).await, None, "0 is never");
    assert_eq!(check(json!({ "error": { "code": 100 } })).await, None);
}
