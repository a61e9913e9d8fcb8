use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;

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

pub(super) fn case() -> Case {
    use Reason::*;
    Case {
        settings: Box::new(|port, _| with_receipts(json_gateway(port))),
        secrets: vec!["/bearer_token", "/receipts/secret"],
        parcel: parcels::sms("We know of the outage."),
        server: Server::Http(|request| (request.path() == "/balance").then(|| HttpAnswer::reply(200, "{}"))),
        rows: vec![
            Row::http(201, r#"{"messages":[{"id":"m-1","status":"queued"}]}"#, Expect::Accepted),
            Row::http(201, r#"{"messages":[{"status":"rejected","code":"21610"}]}"#, Expect::InDoubt),
            Row::http(200, "{}", Expect::InDoubt),
            Row::http(400, r#"{"code":"21610"}"#, Expect::Rejected(OptedOut)),
            Row::http(400, r#"{"code":"1"}"#, Expect::Rejected(BadContent)),
            Row::http(401, "", Expect::Later(Unauthorized)),
            Row::http(402, "", Expect::Later(Quota)),
            Row::http(403, "", Expect::Later(Unauthorized)),
            Row::http(302, "", Expect::Later(BadAnswer)),
            Row::http(408, "", Expect::InDoubt),
            Row::http(500, "", Expect::InDoubt),
            Row::http(502, "", Expect::InDoubt),
            Row::http(503, "", Expect::Later(Temporary)),
            Row::http(504, "", Expect::InDoubt),
        ],
        withdrawal: None,
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

pub(super) fn callbacks() -> Callbacks {
    let settings = with_receipts(json!({}));
    let settings: ReceiptSettings = serde_json::from_value(settings["receipts"].clone()).unwrap();
    let token = parcels::sms("").token;
    let address = Receipts::new("kit", &settings, &testkit::world()).unwrap().url(&token);
    let vector = |state: &str, word| Vector {
        method: "GET",
        receipts: vec![Receipt { about: About::Token(token.clone()), word }],
        ..Vector::post(&format!("{address}&status={state}"), "")
    };
    Callbacks {
        vectors: vec![
            vector("DELIVRD", ReceiptWord::Delivered),
            vector("UNDELIV", ReceiptWord::Failed(Reason::Undelivered)),
        ],
        proof: Proof::Query(&["id", "key"]),
        stale_after: None,
    }
}

fn with_receipts(mut settings: Value) -> Value {
    settings["receipts"] = json!({
        "secret": { "file": SECRET_FILE }, "state": "status",
        "states": { "DELIVRD": "delivered", "UNDELIV": "failed" },
    });
    settings
}

/// A gateway as many are: JSON in and out, a bearer token.
fn json_gateway(port: u16) -> Value {
    json!({
        "kind": "sms-http",
        "url": format!("http://127.0.0.1:{port}/messages"),
        "bearer_token": { "file": SECRET_FILE },
        "from": "Example",
        "json": { "messages": [{ "to": "{to_digits}", "from": "{from}", "text": "{text}", "callback": "{receipt_url}" }] },
        "success": { "status": [201], "json": { "pointer": "/messages/0/status", "equals": "queued" } },
        "refusals": [{ "when": { "json": { "pointer": "/code", "equals": "21610" } }, "reason": "opted_out" }],
        "reference": { "json": "/messages/0/id" },
        "check": { "url": format!("http://127.0.0.1:{port}/balance"), "status": [200] },
    })
}

fn kannel(port: u16) -> Value {
    json!({
        "kind": "sms-http",
        "preset": "kannel",
        "url": format!("http://127.0.0.1:{port}/cgi-bin/sendsms"),
        "username": "u",
        "password": { "file": SECRET_FILE },
        "from": "12345",
        "receipts": { "secret": { "file": SECRET_FILE } },
    })
}

#[tokio::test]
async fn no_text_can_add_a_field_or_stand_for_a_placeholder() {
    let server = HttpServer::start(|_| HttpAnswer::reply(201, "{}")).await;
    let provider = testkit::provider(json_gateway(server.port), &testkit::world());
    let text = "\",\"to\":\"1\" {to} {password} & é";
    provider.send(&parcels::sms(text)).await;
    let sent = server.seen()[0].json();
    // Without receipts the callback is empty, and left out.
    assert_eq!(sent, json!({"messages": [{"to": "4915123456789", "from": "Example", "text": text}]}));
}

#[tokio::test]
async fn a_country_has_a_sender_of_its_own() {
    let server = HttpServer::start(|_| HttpAnswer::reply(201, "{}")).await;
    let mut settings = json_gateway(server.port);
    settings["senders"] = json!([{ "country": "AT", "from": "12345" }]);
    let provider = testkit::provider(settings.clone(), &testkit::world());
    for to in ["+436641234567", "+4915123456789"] {
        provider.send(&Parcel { to: to.to_owned(), ..parcels::sms("text") }).await;
    }
    let from: Vec<Value> = server.seen().iter().map(|seen| seen.json()["messages"][0]["from"].clone()).collect();
    assert_eq!(from, ["12345", "Example"]);
    assert!(provider.manifest().limits.senders.is_empty(), "no limit, nothing to tell apart");
    settings["json"] = json!({ "to": "{to}", "text": "{text}" });
    let refused = serde_json::from_value::<ProviderSettings>(settings).unwrap().validate().unwrap_err();
    assert_eq!(refused.key, "senders");
}

#[tokio::test]
async fn a_reference_is_read_from_json_or_after_a_prefix() {
    let outcome = async |reference: Value, body: &'static str| {
        let server = HttpServer::start(move |_| HttpAnswer::reply(200, body)).await;
        let mut settings = json_gateway(server.port);
        settings["reference"] = reference;
        settings["success"] = json!({ "status": [200] });
        testkit::provider(settings, &testkit::world()).send(&parcels::sms("hello")).await
    };
    let accepted = |reference: Option<&str>| Outcome::Accepted { reference: reference.map(str::to_owned), parts: 1 };
    assert_eq!(outcome(json!({"json": "/id"}), r#"{"id":77}"#).await, accepted(Some("77")));
    assert_eq!(outcome(json!({"prefix": "ID: "}), "OK\nID: ab-1\nmore").await, accepted(Some("ab-1")));
    assert_eq!(outcome(json!({"prefix": "ID: "}), "OK").await, accepted(None));
}

#[tokio::test]
async fn kannels_table_holds() {
    for (status, body, expect) in [
        (202, "0: Accepted for delivery", Expect::Accepted),
        (202, "3: Queued for later delivery", Expect::Accepted),
        (202, "something else", Expect::InDoubt),
        (403, "Authorization failed for sendsms", Expect::Later(Reason::Unauthorized)),
        (400, "Missing receiver number, rejected", Expect::Rejected(Reason::BadContent)),
        (503, "Temporal failure, try again later.", Expect::Later(Reason::Temporary)),
    ] {
        let server = HttpServer::start(move |_| HttpAnswer::reply(status, body)).await;
        let outcome = testkit::provider(kannel(server.port), &testkit::world()).send(&parcels::sms("hello")).await;
        assert_eq!(Expect::of(&outcome), expect, "{status} {body}");
    }
}

#[tokio::test]
async fn kannel_is_asked_as_its_manual_says() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, "0: Accepted for delivery")).await;
    let provider = testkit::provider(kannel(server.port), &testkit::world());
    let parcel = parcels::sms("Störung – мы знаем");
    let outcome = provider.send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: None, parts: 1 });
    let query = server.seen()[0].query();
    let field = |name: &str| query.get(name).map(String::as_str);
    assert_eq!(server.seen()[0].method, "GET");
    assert_eq!(field("to"), Some("+4915123456789"));
    assert_eq!(field("text"), Some("Störung – мы знаем"));
    assert_eq!((field("charset"), field("coding"), field("dlr-mask")), (Some("UTF-8"), Some("2"), Some("31")));
    assert_eq!((field("username"), field("password"), field("from")), (Some("u"), Some(SECRET), Some("12345")));
    let report = field("dlr-url").unwrap();
    assert!(report.starts_with(&format!("https://alerts.example/receipts/kit?id={}&key=", parcel.token)), "{report}");
    assert!(report.ends_with("&type=%d"), "{report}");

    provider.send(&parcels::sms("plain")).await;
    assert_eq!(server.seen()[1].query()["coding"], "0");
}

#[tokio::test]
async fn kannels_check_sends_nothing() {
    let server = HttpServer::start(|request| match request.query().get("password").map(String::as_str) {
        Some(SECRET) => HttpAnswer::reply(400, "Missing receiver number, rejected"),
        _ => HttpAnswer::reply(403, "Authorization failed for sendsms"),
    })
    .await;
    assert!(testkit::provider(kannel(server.port), &testkit::world()).check().await.is_ok());
    assert!(!server.seen()[0].query().contains_key("to"));
}

fn receipt(provider: &dyn Provider, url: &str) -> Result<Vec<Receipt>, CallbackError> {
    let url: Url = url.parse().unwrap();
    provider.receipt(&Callback { method: "GET", url: &url, headers: &BTreeMap::new(), body: b"" })
}

#[tokio::test]
async fn a_receipt_is_believed_only_at_the_address_that_was_handed_out() {
    let server = HttpServer::start(|_| HttpAnswer::reply(202, "0: Accepted for delivery")).await;
    let provider = testkit::provider(kannel(server.port), &testkit::world());
    let parcel = parcels::sms("hello");
    provider.send(&parcel).await;
    let address = server.seen()[0].query()["dlr-url"].clone();
    let at = |state: &str| address.replace("%d", state);
    for (state, word) in [
        ("1", ReceiptWord::Delivered),
        ("2", ReceiptWord::Failed(Reason::Undelivered)),
        ("4", ReceiptWord::Accepted),
        ("8", ReceiptWord::Accepted),
        ("16", ReceiptWord::Failed(Reason::Undelivered)),
    ] {
        let expected = Receipt { about: About::Token(parcel.token.clone()), word };
        assert_eq!(receipt(&*provider, &at(state)), Ok(vec![expected]));
    }
    assert!(matches!(receipt(&*provider, &at("99")), Err(CallbackError::Malformed(_))));
    assert!(matches!(receipt(&*provider, &address.replace("&type=%d", "")), Err(CallbackError::Malformed(_))));

    let other_token = at("1").replace(&parcel.token, &"f".repeat(32));
    let (before, key) = address.split_once("&key=").unwrap();
    let forged = [
        other_token,
        format!("{before}&type=1"),
        format!("{before}&key=&type=1"),
        format!("{before}&key={}&type=1", &key[..30]),
        format!("{before}&key={}&type=1", "0".repeat(32)),
        format!("{before}&key=zz&type=1"),
    ];
    for address in forged {
        assert_eq!(receipt(&*provider, &address), Err(CallbackError::Forged), "{address}");
    }
}

#[test]
fn a_receipt_may_come_as_a_form_or_as_json() {
    let mut settings = kannel(1);
    settings["receipts"] = json!({
        "secret": { "file": SECRET_FILE }, "state": "status", "states": { "DELIVRD": "delivered", "ENROUTE": "ignored" },
    });
    let receipts: ReceiptSettings = serde_json::from_value(settings["receipts"].clone()).unwrap();
    let url = |receipts: &ReceiptSettings| -> Url {
        Receipts::new("kit", receipts, &testkit::world()).unwrap().url("t").parse().unwrap()
    };
    let form = BTreeMap::from([("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())]);
    let provider = testkit::provider(settings, &testkit::world());
    let callback = Callback { method: "POST", url: &url(&receipts), headers: &form, body: b"status=DELIVRD" };
    assert_eq!(provider.receipt(&callback).unwrap()[0].word, ReceiptWord::Delivered);
    let callback = Callback { body: b"status=ENROUTE", ..callback };
    assert_eq!(provider.receipt(&callback), Ok(Vec::new()));

    let receipts = ReceiptSettings { state: "/dlr/status".to_owned(), ..receipts };
    let json = Receipts::new("kit", &receipts, &testkit::world()).unwrap();
    let callback = Callback {
        method: "POST",
        url: &url(&receipts),
        headers: &BTreeMap::new(),
        body: br#"{"dlr":{"status":"DELIVRD"}}"#,
    };
    assert_eq!(json.read(&callback).unwrap()[0].word, ReceiptWord::Delivered);
}

#[test]
fn without_a_public_address_no_receipts_are_asked_for() {
    let world = crate::contract::World { public_url: None, ..testkit::world() };
    let provider = testkit::provider(kannel(1), &world);
    assert!(!provider.manifest().receipts);
    assert_eq!(receipt(&*provider, "https://alerts.example/receipts/kit?id=a&key=b"), Err(CallbackError::Unsupported));
}

#[test]
fn percent_signs_in_our_address_are_doubled_for_kannel() {
    let world =
        crate::contract::World { public_url: Some("https://a.example/x%20y/".parse().unwrap()), ..testkit::world() };
    let settings: SmsHttpSettings = serde_json::from_value({
        let mut settings = kannel(1);
        settings.as_object_mut().unwrap().remove("kind");
        settings
    })
    .unwrap();
    let receipts = Receipts::new("kit", settings.with_preset().receipts.as_ref().unwrap(), &world).unwrap();
    assert!(receipts.url("t").starts_with("https://a.example/x%%20y/receipts/kit?id=t&key="));
}

#[tokio::test]
async fn a_number_that_is_none_is_not_sent() {
    let provider = testkit::provider(kannel(1), &testkit::world());
    for number in ["", "4915123456789", "+49 151", "+0123456789", "+123", "+1234567890123456", "+12345678x"] {
        let mut parcel = parcels::sms("hello");
        parcel.to = number.to_owned();
        assert_eq!(Expect::of(&provider.send(&parcel).await), Expect::Rejected(Reason::BadAddress), "{number}");
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_before_the_request_was_written() {
    let silent = HttpServer::start(|_| HttpAnswer::Silence).await;
    let mut settings = json_gateway(silent.port);
    settings["url"] = json!(format!("https://127.0.0.1:{}/", silent.port));
    let outcome = testkit::provider(settings, &testkit::impatient_world()).send(&parcels::sms("hello")).await;
    assert_eq!(Expect::of(&outcome), Expect::Later(Reason::Unreachable), "{outcome:?}");
}

#[test]
fn settings_that_cannot_work_name_their_key() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut settings = json_gateway(1);
        change(&mut settings);
        serde_json::from_value::<ProviderSettings>(settings).unwrap().validate().unwrap_err().key
    };
    assert_eq!(refused(&|s| s["url"] = json!("http://gateway.example/")), "url");
    assert_eq!(refused(&|s| s["json"] = json!({ "to": "{to}" })), "query");
    assert_eq!(refused(&|s| s["json"]["x"] = json!("{receipt}")), "json");
    assert_eq!(refused(&|s| s["form"] = json!({ "a": "b" })), "json");
    assert_eq!(refused(&|s| s["method"] = json!("GET")), "method");
    assert_eq!(refused(&|s| s["success"] = json!({})), "success");
    assert_eq!(refused(&|s| s["preset"] = json!("kannel")), "username");
    assert_eq!(refused(&|s| s["receipts"] = json!({ "secret": { "file": SECRET_FILE } })), "receipts.state");
    assert_eq!(refused(&|s| s["headers"] = json!({ "a b": "c" })), "headers");
    assert_eq!(refused(&|s| s["headers"] = json!({ "authorization": "Bearer x" })), "headers");
}
