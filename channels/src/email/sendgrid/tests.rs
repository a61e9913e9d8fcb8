use serde_json::json;

use super::*;
use crate::{
    contract::{About, ReceiptWord},
    registry::ProviderSettings,
    testkit::{
        self, Callbacks, Case, Expect, Proof, Row, SECRET, SECRET_FILE, Script, Vector,
        http_server::{HttpAnswer, HttpServer},
        parcels,
        suite::Server,
    },
};

const KEY: &str = include_str!("../../../testdata/sendgrid/public_key.txt");
const EVENTS: &str = include_str!("../../../testdata/sendgrid/events.json");
const SIGNED: &str = include_str!("../../../testdata/sendgrid/signature.txt");
const MAIL: &str = "From: alerts@sender.example\r\nSubject: Outage\r\n\r\nWe know of it.\r\n";

fn settings(port: u16) -> Value {
    json!({
        "kind": "sendgrid", "api_key": { "file": SECRET_FILE }, "events_key": KEY,
        "endpoint": format!("http://127.0.0.1:{port}"),
    })
}

pub(super) fn case() -> Case {
    use Expect::{InDoubt, Later, LaterAfter, Rejected};
    use Reason::*;
    let error = |status, field: &str, message: &str, expect| {
        Row::http(status, &json!({ "errors": [{ "field": field, "message": message }] }).to_string(), expect)
    };
    let reset = HttpAnswer::reply(429, "{}").with_header("x-ratelimit-reset", "1772366420");
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/api_key"],
        parcel: parcels::mail_to("reader4711@example.com", MAIL),
        server: Server::Http(|request| {
            (request.path() == "/v3/scopes").then(|| HttpAnswer::reply(200, r#"{"scopes":["mail.send"]}"#))
        }),
        rows: vec![
            Row::http(202, "", Expect::Accepted),
            Row::http(200, "", InDoubt),
            error(
                400,
                "personalizations.0.to.0.email",
                "Does not contain a valid email address.",
                Rejected(BadAddress),
            ),
            error(400, "content.0.value", "The content value must be a string.", Rejected(BadContent)),
            error(400, "from.email", "The from email does not contain a valid address.", Rejected(BadContent)),
            Row::http(400, "", Rejected(BadContent)),
            Row::http(413, "", Rejected(BadContent)),
            error(401, "", "Maximum credits exceeded", Later(Quota)),
            error(401, "", "The provided authorization grant is invalid, expired, or revoked", Later(Unauthorized)),
            error(403, "from", "The from address does not match a verified Sender Identity.", Later(Unauthorized)),
            Row::http(404, "", Later(BadAnswer)),
            Row::http(415, "", Later(BadAnswer)),
            Row { script: Script::Http(reset), expect: LaterAfter(Throttled, Duration::from_secs(20)) },
            Row::http(301, "", Later(BadAnswer)),
            Row::http(408, "", InDoubt),
            Row::http(500, "", InDoubt),
            Row::http(503, "", Later(Temporary)),
        ],
        withdrawal: None,
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

/// Signed by a key of our own; npm's `@sendgrid/eventwebhook` believes the same files.
pub(super) fn callbacks() -> Callbacks {
    let receipt = |place: u32, word| Receipt { about: About::Token(format!("{place:032x}")), word };
    let receipts = vec![
        receipt(4711, ReceiptWord::Delivered),
        receipt(4712, ReceiptWord::Failed(Reason::NoSuchAddress)),
        receipt(4713, ReceiptWord::Failed(Reason::Blocked)),
        receipt(4714, ReceiptWord::Failed(Reason::OptedOut)),
        receipt(4715, ReceiptWord::Accepted),
    ];
    let headers = vec![(events::SIGNATURE, SIGNED.to_owned()), (events::TIMESTAMP, "1772366400".to_owned())];
    Callbacks {
        vectors: vec![Vector { headers, receipts, ..Vector::post("https://alerts.example/receipts/kit", EVENTS) }],
        proof: Proof::Headers(&[events::SIGNATURE, events::TIMESTAMP]),
        stale_after: Some(events::FRESH),
    }
}

#[tokio::test]
async fn a_mail_is_asked_for_with_its_token_and_without_tracking() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, "").with_header("x-message-id", "14c5d75ce93.dfd")).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let parcel = parcels::mail_to("reader@example.com", MAIL);
    let outcome = provider.send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("14c5d75ce93.dfd".to_owned()), parts: 1 });
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v3/mail/send"));
    assert_eq!(seen.headers["authorization"], format!("Bearer {SECRET}"));
    let mail = seen.json();
    assert_eq!(mail["personalizations"][0]["to"], json!([{ "email": "reader@example.com" }]));
    assert_eq!(mail["personalizations"][0]["custom_args"], json!({ "onevoice": parcel.token }));
    for tracking in ["click_tracking", "open_tracking", "subscription_tracking"] {
        assert_eq!(mail["tracking_settings"][tracking]["enable"], false, "{tracking}");
    }
}

#[tokio::test]
async fn a_mail_that_cannot_be_taken_apart_is_not_sent_in_part() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, "")).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let outcome = provider.send(&parcels::mail_to("reader@example.com", "Subject: a\r\n\r\nb\r\n")).await;
    assert_eq!(Expect::of(&outcome), Expect::Rejected(Reason::BadContent));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_key_without_the_permission_is_found_out() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, r#"{"scopes":["stats.read"]}"#)).await;
    let gone = testkit::provider(settings(server.port), &testkit::world()).check().await.unwrap_err();
    assert!(gone.reason == Reason::Unauthorized && gone.detail.contains("mail.send"), "{gone}");
}

#[test]
fn settings_that_cannot_work_name_their_key() {
    let refused = |key: &str, value: Value| {
        let mut settings = settings(1);
        settings[key] = value;
        serde_json::from_value::<ProviderSettings>(settings).unwrap().validate().err().map(|error| error.key)
    };
    assert_eq!(refused("events_key", Value::Null), None);
    assert_eq!(refused("events_key", json!("abc")), Some("events_key".to_owned()));
    assert_eq!(refused("endpoint", json!("http://api.sendgrid.example")), Some("endpoint".to_owned()));
}
