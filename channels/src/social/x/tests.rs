use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET_FILE, Script,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    parcels,
    suite::{Server, Withdrawal},
};

pub(super) fn case() -> Case {
    use Reason::*;
    let problem = |title: &str, detail: &str| json!({ "title": title, "detail": detail, "status": 0 }).to_string();
    let shared = || {
        vec![
            Row::http(401, &problem("Unauthorized", "Unauthorized"), Expect::Later(Unauthorized)),
            Row::http(
                403,
                &problem("Forbidden", "You are not permitted to perform this action."),
                Expect::Later(Unauthorized),
            ),
            Row::http(402, &problem("CreditsDepleted", "no credits"), Expect::Later(Quota)),
            Row::http(400, &problem("Invalid Request", "no"), Expect::Rejected(BadContent)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(408, "", Expect::InDoubt),
            Row::http(500, "", Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row::http(
                429,
                &problem("UsageCapExceeded", "Usage cap exceeded: Monthly product cap"),
                Expect::Later(Quota),
            ),
            Row {
                // Two minutes after the kit's clock.
                script: Script::Http(HttpAnswer::reply(429, "{}").with_header("x-rate-limit-reset", "1772366520")),
                expect: Expect::LaterAfter(Throttled, Duration::from_secs(120)),
            },
            Row {
                script: Script::Http(
                    HttpAnswer::reply(429, "{}")
                        .with_header("x-rate-limit-reset", "1772366520")
                        .with_header("x-user-limit-24hour-remaining", "0")
                        .with_header("x-user-limit-24hour-reset", "1772367000"),
                ),
                expect: Expect::LaterAfter(Throttled, Duration::from_secs(600)),
            },
        ]
    };
    let mut rows = vec![
        Row::http(201, r#"{"data":{"id":"111","text":"x"}}"#, Expect::Accepted),
        Row::http(201, r#"{"data":{}}"#, Expect::InDoubt),
        Row::http(
            403,
            &problem("Forbidden", "You are not allowed to create a Tweet with duplicate content."),
            Expect::Rejected(BadContent),
        ),
    ];
    rows.extend(shared());
    let mut deletions = vec![
        Row::http(200, r#"{"data":{"deleted":true}}"#, Expect::Accepted),
        Row::http(200, r#"{"data":{"deleted":false}}"#, Expect::InDoubt),
        Row::http(404, "{}", Expect::Accepted),
    ];
    deletions.extend(shared());
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/api_key", "/api_key_secret", "/access_token", "/access_token_secret"],
        parcel: parcels::post(Channel::X, &["We know of the outage."]),
        server: Server::Http(around),
        rows,
        withdrawal: Some(Withdrawal { reference: "111", rows: deletions }),
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

fn settings(port: u16) -> Value {
    let secret = json!({ "file": SECRET_FILE });
    json!({
        "kind": "x",
        "base_url": format!("http://127.0.0.1:{port}"),
        "api_key": secret,
        "api_key_secret": secret,
        "access_token": secret,
        "access_token_secret": secret,
    })
}

fn around(request: &HttpRequest) -> Option<HttpAnswer> {
    (request.path() == "/2/users/me").then(|| HttpAnswer::reply(200, r#"{"data":{"id":"1","username":"acme"}}"#))
}

#[tokio::test]
async fn a_thread_is_chained_and_no_two_requests_are_signed_alike() {
    let server = HttpServer::start(|request| {
        let id = if request.json()["text"] == "one 1/2" { "71" } else { "72" };
        HttpAnswer::reply(201, json!({ "data": { "id": id } }).to_string())
    })
    .await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let mut parcel = parcels::post(Channel::X, &["one 1/2", "two 2/2"]);
    parcel.thread = Some(crate::social::thread("5", "6"));
    assert_eq!(provider.send(&parcel).await, Outcome::Accepted { reference: Some("71 .. 72".to_owned()), parts: 2 });
    let seen = server.seen();
    let reply = |text: &str, parent: &str| json!({ "text": text, "reply": { "in_reply_to_tweet_id": parent } });
    assert_eq!((seen[0].json(), seen[1].json()), (reply("one 1/2", "6"), reply("two 2/2", "71")));
    let nonces = [&seen[0], &seen[1]].map(|request| {
        let header = request.headers["authorization"].clone();
        header.split("oauth_nonce=").nth(1).unwrap().split(',').next().unwrap().to_owned()
    });
    assert_ne!(nonces[0], nonces[1], "the clock stands still between them");
}

#[tokio::test]
async fn a_deleted_parent_does_not_silence_the_update() {
    let server = HttpServer::start(|request| match request.json().get("reply") {
        Some(_) => HttpAnswer::reply(
            403,
            r#"{"title":"Forbidden","detail":"You attempted to reply to a Tweet that is deleted or not visible to you."}"#,
        ),
        None => HttpAnswer::reply(201, r#"{"data":{"id":"5"}}"#),
    })
    .await;
    let mut parcel = parcels::post(Channel::X, &["news"]);
    parcel.thread = Some(crate::social::thread("1", "1"));
    let outcome = testkit::provider(settings(server.port), &testkit::world()).send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("5".to_owned()), parts: 1 });
}
