use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET, Script,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    parcels,
    suite::Server,
};

pub(super) fn case() -> Case {
    use Reason::*;
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/webhook_url"],
        parcel: parcels::post(Channel::Slack, &["We know of the outage."]),
        server: Server::Http(around),
        rows: vec![
            Row::http(200, "ok", Expect::Accepted),
            Row::http(200, "", Expect::InDoubt),
            Row::http(400, "invalid_payload", Expect::Rejected(BadContent)),
            Row::http(400, "no_text", Expect::Rejected(BadContent)),
            Row::http(400, "user_not_found", Expect::Rejected(BadContent)),
            Row::http(403, "action_prohibited", Expect::Later(Unauthorized)),
            Row::http(403, "invalid_token", Expect::Later(Unauthorized)),
            Row::http(404, "no_service", Expect::Later(Unauthorized)),
            Row::http(404, "no_team", Expect::Later(Unauthorized)),
            Row::http(404, "no_active_hooks", Expect::Later(Unauthorized)),
            Row::http(404, "channel_not_found", Expect::Rejected(NoSuchAddress)),
            Row::http(410, "channel_is_archived", Expect::Rejected(NoSuchAddress)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(500, "rollup_error", Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row {
                script: Script::Http(HttpAnswer::reply(429, "rate_limited").with_header("retry-after", "9")),
                expect: Expect::LaterAfter(Throttled, Duration::from_secs(9)),
            },
        ],
        withdrawal: None,
        refuses_credentials: Some(Script::Http(HttpAnswer::reply(404, "no_service"))),
    }
}

fn settings(port: u16) -> Value {
    let address = format!("http://127.0.0.1:{port}/services/T0/B0/{SECRET}");
    json!({ "kind": "slack", "webhook_url": { "file": testkit::secret_file(&address) } })
}

/// A webhook refuses what has no text.
fn around(request: &HttpRequest) -> Option<HttpAnswer> {
    (request.json() == json!({})).then(|| HttpAnswer::reply(400, "no_text"))
}

#[tokio::test]
async fn the_text_is_sent_as_it_is_with_slacks_own_marks_escaped() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, "ok")).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let text = "<!channel> R&D *is* down\n\nhttps://status.example/?a=1&b=2";
    let outcome = provider.send(&parcels::post(Channel::Slack, &[text])).await;
    assert_eq!(outcome, Outcome::Accepted { reference: None, parts: 1 });
    let seen = server.seen();
    assert_eq!(seen[0].target, format!("/services/T0/B0/{SECRET}"));
    let sent = seen[0].json();
    assert_eq!(sent["text"], "&lt;!channel&gt; R&amp;D *is* down\n\nhttps://status.example/?a=1&amp;b=2");
    assert_eq!((sent["mrkdwn"].clone(), sent["unfurl_links"].clone()), (json!(false), json!(false)));
}

#[tokio::test]
async fn the_check_posts_nothing_and_tells_a_webhook_that_is_gone() {
    let ask = async |status, said: &'static str| {
        let server = HttpServer::start(move |_| HttpAnswer::reply(status, said)).await;
        let report = testkit::provider(settings(server.port), &testkit::world()).check().await;
        assert_eq!(server.seen()[0].json(), json!({}), "there is no text to post");
        report.map_err(|gone| gone.reason)
    };
    assert!(ask(400, "no_text").await.is_ok());
    assert!(ask(400, "invalid_payload").await.is_ok());
    assert_eq!(ask(400, "invalid_token").await, Err(Reason::Unauthorized));
    assert_eq!(ask(404, "no_service").await, Err(Reason::Unauthorized));
    assert_eq!(ask(410, "channel_is_archived").await, Err(Reason::Unauthorized));
    assert_eq!(ask(500, "rollup_error").await, Err(Reason::BadAnswer));
}
