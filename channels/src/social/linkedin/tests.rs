use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET_FILE, Script,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    parcels,
    suite::{Server, Withdrawal},
};

const URN: &str = "urn:li:share:6844785523593134080";

pub(super) fn case() -> Case {
    use Reason::*;
    let error = |message: &str| json!({ "message": message, "status": 0 }).to_string();
    let shared = || {
        vec![
            Row::http(401, &error("The token used in the request has expired"), Expect::Later(Unauthorized)),
            Row::http(403, &error("Not enough permissions"), Expect::Later(Unauthorized)),
            Row::http(400, &error("no"), Expect::Rejected(BadContent)),
            Row::http(422, &error("Content is a duplicate of urn:li:share:1"), Expect::Rejected(BadContent)),
            Row::http(426, &error("Requested version 20200101 is not active"), Expect::Later(BadAnswer)),
            Row::http(429, &error("Resource level throttle limit reached"), Expect::Later(Throttled)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(500, "", Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
        ]
    };
    let made = HttpAnswer::reply(201, "").with_header("x-restli-id", URN);
    let mut rows = vec![
        Row { script: Script::Http(made), expect: Expect::Accepted },
        Row::http(201, "", Expect::InDoubt),
        Row {
            script: Script::Http(HttpAnswer::reply(201, "").with_header("x-restli-id", "../x")),
            expect: Expect::InDoubt,
        },
    ];
    rows.extend(shared());
    let mut deletions = vec![Row::http(204, "", Expect::Accepted), Row::http(404, "", Expect::Accepted)];
    deletions.extend(shared());
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/access_token", "/app/client_secret"],
        parcel: parcels::post(Channel::Linkedin, &["We know of the outage."]),
        server: Server::Http(around),
        rows,
        withdrawal: Some(Withdrawal { reference: URN, rows: deletions }),
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

fn settings(port: u16) -> Value {
    let server = format!("http://127.0.0.1:{port}");
    json!({
        "kind": "linkedin",
        "base_url": server,
        "organization": "2414183",
        "access_token": { "file": SECRET_FILE },
        "app": { "oauth_url": server, "client_id": "app", "client_secret": { "file": SECRET_FILE } },
    })
}

fn around(request: &HttpRequest) -> Option<HttpAnswer> {
    match (request.method.as_str(), request.path()) {
        ("GET", _) => Some(HttpAnswer::reply(200, r#"{"localizedName":"Acme"}"#)),
        (_, "/oauth/v2/introspectToken") => {
            Some(HttpAnswer::reply(200, r#"{"active":true,"status":"active","expires_at":1777000000}"#))
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_post_says_what_was_written_and_is_deleted_by_its_urn() {
    let server = HttpServer::start(|request| match request.method.as_str() {
        "DELETE" => HttpAnswer::reply(204, ""),
        _ => HttpAnswer::reply(201, "").with_header("x-restli-id", URN),
    })
    .await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let parcel = parcels::post(Channel::Linkedin, &["Cards (all) fail. #outage @acme https://status.example/a_b"]);
    let outcome = provider.send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some(URN.to_owned()), parts: 1 });
    assert!(matches!(provider.withdraw(&parcel, Some(URN)).await, Outcome::Accepted { parts: 1, .. }));
    let seen = server.seen();
    assert_eq!(seen[0].target, "/rest/posts");
    assert_eq!(seen[0].json()["commentary"], "Cards \\(all\\) fail. \\#outage \\@acme https://status.example/a\\_b");
    assert_eq!(seen[0].json()["author"], "urn:li:organization:2414183");
    assert_eq!(
        (&*seen[0].headers["linkedin-version"], &*seen[0].headers["x-restli-protocol-version"]),
        ("202610", "2.0.0")
    );
    assert_eq!(seen[1].target, "/rest/posts/urn%3Ali%3Ashare%3A6844785523593134080");
}

#[tokio::test]
async fn the_check_tells_when_the_token_ends_where_the_app_may_ask() {
    let check = async |told: &'static str, app: bool| {
        let server = HttpServer::start(move |request| match request.path() {
            "/oauth/v2/introspectToken" => HttpAnswer::reply(200, told),
            _ => around(request).unwrap(),
        })
        .await;
        let mut settings = settings(server.port);
        if !app {
            settings["app"] = Value::Null;
        }
        testkit::provider(settings, &testkit::world()).check().await
    };
    let good = check(r#"{"active":true,"expires_at":1777000000}"#, true).await.unwrap();
    assert_eq!(good.summary, "the token is taken, for Acme");
    assert_eq!(good.expires_at.map(Timestamp::as_second), Some(1_777_000_000));
    assert_eq!(check("{}", false).await.unwrap().expires_at, None);
    let ended = check(r#"{"active":false,"status":"expired"}"#, true).await.unwrap_err();
    assert_eq!(ended.reason, Reason::Unauthorized);
}
