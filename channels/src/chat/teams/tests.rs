use std::time::Duration;

use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET, Script,
    http_server::{HttpAnswer, HttpServer},
    parcels,
    suite::Server,
};

pub(super) fn case() -> Case {
    use Reason::*;
    let said = |code: u16| {
        format!(
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error {code} with ContextId tcid=0"
        )
    };
    let off = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"no"}}"#;
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/webhook_url"],
        parcel: parcels::post(Channel::Teams, &["We know of the outage."]),
        server: Server::Http(|_| None),
        rows: vec![
            Row::http(202, "", Expect::Accepted),
            Row::http(200, "1", Expect::Accepted),
            Row::http(200, "", Expect::Accepted),
            Row::http(200, &said(429), Expect::Later(Throttled)),
            Row::http(200, &said(413), Expect::Rejected(BadContent)),
            Row::http(200, &said(400), Expect::Rejected(BadContent)),
            Row::http(200, &said(500), Expect::InDoubt),
            Row::http(200, "what?", Expect::InDoubt),
            Row::http(400, r#"{"error":{"code":"InvalidRequestContent"}}"#, Expect::Rejected(BadContent)),
            Row::http(400, off, Expect::Later(Unauthorized)),
            Row::http(401, r#"{"error":{"code":"DirectApiAuthorizationRequired"}}"#, Expect::Later(Unauthorized)),
            Row::http(403, "", Expect::Later(Unauthorized)),
            Row::http(404, r#"{"error":{"code":"WorkflowNotFound"}}"#, Expect::Later(Unauthorized)),
            Row::http(410, "", Expect::Later(Unauthorized)),
            Row::http(413, "", Expect::Rejected(BadContent)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(502, r#"{"error":{"code":"NoResponse"}}"#, Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row {
                script: Script::Http(HttpAnswer::reply(429, "").with_header("retry-after", "9")),
                expect: Expect::LaterAfter(Throttled, Duration::from_secs(9)),
            },
        ],
        withdrawal: None,
        refuses_credentials: None,
    }
}

fn settings(port: u16) -> Value {
    let address = format!("http://127.0.0.1:{port}/workflows/1/triggers/manual/paths/invoke?sig={SECRET}");
    json!({ "kind": "teams", "webhook_url": { "file": testkit::secret_file(&address) } })
}

#[tokio::test]
async fn the_card_shows_the_text_as_it_is_and_opens_its_links() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, "")).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let text = "*Cards* fail.\nSee https://status.example/7.\n\nNext update 11:30.";
    let outcome = provider.send(&parcels::post(Channel::Teams, &[text])).await;
    assert_eq!(outcome, Outcome::Accepted { reference: None, parts: 1 });
    let sent = server.seen()[0].json();
    let card = &sent["attachments"][0]["content"];
    let shown: Vec<String> = card["body"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["inlines"].as_array().unwrap().iter().map(|run| run["text"].as_str().unwrap()).collect())
        .collect();
    assert_eq!(shown, ["*Cards* fail.", "See https://status.example/7.", "Next update 11:30."]);
    assert_eq!(card["body"][1]["inlines"][1]["selectAction"]["url"], "https://status.example/7");
    assert_eq!(card["body"][2]["spacing"], "large", "an empty line is a paragraph");
}

#[tokio::test]
async fn a_card_that_teams_would_refuse_is_never_sent() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, "")).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let lines = "a\n".repeat(4_000);
    let outcome = provider.send(&parcels::post(Channel::Teams, &[&lines])).await;
    assert!(
        matches!(&outcome, Outcome::Rejected { reason: Reason::BadContent, detail } if detail.contains("28672")),
        "{outcome:?}"
    );
    assert!(server.seen().is_empty());
}
