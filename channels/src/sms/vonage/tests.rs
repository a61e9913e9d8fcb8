use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};

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

fn settings(port: u16) -> Value {
    let here = format!("http://127.0.0.1:{port}");
    json!({
        "kind": "vonage", "api_key": "abcd1234", "api_secret": { "file": SECRET_FILE }, "from": "Example",
        "signature_secret": { "file": SECRET_FILE }, "endpoint": here, "account_endpoint": here,
    })
}

pub(super) fn case() -> Case {
    use Expect::{InDoubt, Later, LaterAfter, Rejected};
    use Reason::*;
    let problem = |status: u16, code: &str, expect| {
        let kind = format!("https://developer.vonage.com/api-errors/messages#{code}");
        let body = json!({ "type": kind, "title": "No", "detail": "4915123456789 no", "instance": "bf0c" });
        Row::http(status, &body.to_string(), expect)
    };
    let throttled = HttpAnswer::reply(429, r#"{"type":"https://developer.vonage.com/api-errors/messages#1000"}"#);
    let mut rows = vec![
        Row::http(202, r#"{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"}"#, Expect::Accepted),
        Row::http(202, "{}", InDoubt),
        Row::http(200, r#"{"message_uuid":"aaaaaaaa"}"#, InDoubt),
        problem(401, "unauthorized", Later(Unauthorized)),
        problem(403, "forbidden", Later(Unauthorized)),
        problem(402, "low-balance", Later(Quota)),
        Row::http(402, "", Later(Quota)),
        problem(422, "invalid-params", Rejected(BadContent)),
        problem(500, "1030", InDoubt),
        problem(500, "1170", InDoubt),
        Row::http(302, "", Later(BadAnswer)),
        Row::http(503, "", Later(Temporary)),
        Row {
            script: Script::Http(throttled.with_header("retry-after", "3")),
            expect: LaterAfter(Throttled, Duration::from_secs(3)),
        },
    ];
    for (codes, expect) in [
        (&["1000", "1241"][..], Later(Throttled)),
        (&["1070"], Later(Quota)),
        (&["1060", "1080", "1110", "1140"], Later(Unauthorized)),
        (&["1100"], Later(Temporary)),
        (&["1010", "1020", "1021", "1022", "1090", "1130", "1150"], Rejected(BadContent)),
        (&["1040", "1170"], Rejected(BadAddress)),
        (&["1190", "1300"], Rejected(NoSuchAddress)),
        (&["1240"], Rejected(OptedOut)),
        (&["1050", "1120", "1160", "1210", "1250", "1270", "1280"], Rejected(Blocked)),
        (&["1180", "1200", "1220", "1230", "1260", "1290", "1310", "1330", "1340"], Rejected(Undelivered)),
        (&["1360"], Rejected(Expired)),
    ] {
        rows.extend(codes.iter().map(|code| problem(422, code, expect)));
    }
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/api_secret", "/signature_secret"],
        parcel: parcels::sms("We know of the outage."),
        server: Server::Http(|request| {
            let balance = HttpAnswer::reply(200, r#"{"value":10.28,"autoReload":false}"#);
            (request.path() == "/account/get-balance").then_some(balance)
        }),
        rows,
        withdrawal: None,
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

/// Signed by npm's `jsonwebtoken`, which Vonage's own library uses, with the kit's secret.
pub(super) fn callbacks() -> Callbacks {
    let vector = |body: &str, token: &str, word| Vector {
        headers: vec![("authorization", format!("Bearer {token}"))],
        receipts: vec![Receipt { about: About::Token(parcels::sms("").token), word }],
        ..Vector::post("https://alerts.example/receipts/kit", body)
    };
    Callbacks {
        vectors: vec![
            vector(
                include_str!("../../../testdata/vonage/delivered.json"),
                include_str!("../../../testdata/vonage/delivered.jwt"),
                ReceiptWord::Delivered,
            ),
            vector(
                include_str!("../../../testdata/vonage/undeliverable.json"),
                include_str!("../../../testdata/vonage/undeliverable.jwt"),
                ReceiptWord::Failed(Reason::NoSuchAddress),
            ),
        ],
        proof: Proof::Headers(&["authorization"]),
        stale_after: Some(callback::FRESH),
    }
}

#[tokio::test]
async fn a_message_goes_in_its_alphabet_with_its_token() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, r#"{"message_uuid":"u-1"}"#)).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let outcome = provider.send(&parcels::sms("мы знаем")).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("u-1".to_owned()), parts: 1 });
    provider.send(&parcels::sms("plain")).await;
    let seen = server.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].target.as_str()), ("POST", "/v1/messages"));
    let login = BASE64_STANDARD.encode(format!("abcd1234:{SECRET}"));
    assert_eq!(seen[0].headers["authorization"], format!("Basic {login}"));
    let expected = json!({
        "channel": "sms", "message_type": "text", "to": "4915123456789", "from": "Example", "text": "мы знаем",
        "client_ref": parcels::sms("").token, "sms": { "encoding_type": "unicode" },
        "webhook_url": "https://alerts.example/receipts/kit", "webhook_version": "v1",
    });
    assert_eq!(seen[0].json(), expected);
    assert_eq!(seen[1].json()["sms"]["encoding_type"], "text");
}

#[tokio::test]
async fn a_country_has_a_sender_of_its_own() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, r#"{"message_uuid":"u-1"}"#)).await;
    let mut settings = settings(server.port);
    settings["senders"] = json!([{ "country": "DE", "from": "447700900000" }]);
    let provider = testkit::provider(settings, &testkit::world());
    for to in ["+4915123456789", "+436641234567"] {
        provider.send(&Parcel { to: to.to_owned(), ..parcels::sms("text") }).await;
    }
    let from: Vec<Value> = server.seen().iter().map(|seen| seen.json()["from"].clone()).collect();
    assert_eq!(from, ["447700900000", "Example"]);
}

#[tokio::test]
async fn without_a_signature_secret_no_report_is_asked_for() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, r#"{"message_uuid":"u-1"}"#)).await;
    let mut settings = settings(server.port);
    settings.as_object_mut().unwrap().remove("signature_secret");
    let provider = testkit::provider(settings, &testkit::world());
    assert!(!provider.manifest().receipts);
    provider.send(&parcels::sms("text")).await;
    assert_eq!(server.seen()[0].json()["webhook_url"], Value::Null);
}

#[tokio::test]
async fn the_check_tells_the_balance() {
    let check = async |balance: &'static str| {
        let server = HttpServer::start(move |_| HttpAnswer::reply(200, balance)).await;
        testkit::provider(settings(server.port), &testkit::world()).check().await
    };
    assert_eq!(check(r#"{"value":10.284,"autoReload":false}"#).await.unwrap().summary, "the balance is 10.28 EUR");
    assert!(check(r#"{"value":1,"autoReload":true}"#).await.unwrap().summary.ends_with("reloads itself"));
    assert_eq!(check("{}").await.unwrap_err().reason, Reason::BadAnswer);
}

#[test]
fn settings_that_cannot_work_name_their_key() {
    let refused = |key: &str, value: Value| {
        let mut settings = settings(1);
        settings[key] = value;
        serde_json::from_value::<ProviderSettings>(settings).unwrap().validate().err().map(|error| error.key)
    };
    let key = |key: &str| Some(key.to_owned());
    assert_eq!(refused("from", json!("Example")), None);
    assert_eq!(refused("from", json!("+441632960000")), key("from"));
    assert_eq!(refused("from", json!(" ")), key("from"));
    assert_eq!(refused("senders", json!([{ "country": "US", "from": "+12125550100" }])), key("senders[0].from"));
    assert_eq!(refused("api_key", json!("a:b")), key("api_key"));
    assert_eq!(refused("endpoint", json!("http://api.example")), key("endpoint"));
    assert_eq!(refused("account_endpoint", json!("http://api.example")), key("account_endpoint"));
}
