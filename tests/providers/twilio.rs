//! `twilio` beside Twilio's own library for Node: both ask alike and are answered alike, and what its library signs is
//! what we believe.

use std::collections::BTreeMap;

use onevoice_channels::contract::{About, Callback, CallbackError, Outcome, Provider, Reason, Receipt, ReceiptWord};
use onevoice_channels::testkit::{
    self, Expect, SECRET, SECRET_FILE,
    http_server::{HttpAnswer, HttpServer},
};
use serde_json::{Value, json};

use super::text;
use crate::parts::vendors;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TO: &str = "+4915123456789";

fn provider(url: &str) -> std::sync::Arc<dyn Provider> {
    let settings = json!({
        "kind": "twilio", "account_sid": ACCOUNT, "auth_token": { "file": SECRET_FILE }, "from": "+441632960000",
        "endpoint": url,
    });
    testkit::provider(settings, &testkit::world())
}

fn form(body: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

async fn ask(what: &str, more: Value) -> Value {
    let mut given = json!({ "ask": what, "sid": ACCOUNT, "token": SECRET });
    given.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    vendors::ask("twilio.cjs", &given).await
}

#[tokio::test]
async fn its_own_client_writes_the_same_message() {
    let answer = r#"{"sid":"SM01","status":"queued","num_segments":"1","error_code":null}"#;
    let server = HttpServer::start(move |_| HttpAnswer::reply(201, answer)).await;
    let parcel = text(1, TO, "Störung & mehr – мы знаем");
    let ours = provider(&server.url("")).send(&parcel).await;
    let message = json!({
        "to": TO, "from": "+441632960000", "body": "Störung & mehr – мы знаем",
        "statusCallback": format!("https://alerts.example/receipts/kit?id={}", parcel.token),
    });
    let said = ask("send", json!({ "url": server.url(""), "message": message })).await;
    assert_eq!(said, json!({ "sid": "SM01", "status": "queued" }));
    assert_eq!(ours, Outcome::Accepted { reference: Some("SM01".to_owned()), parts: 1 });
    let seen = server.seen();
    assert_eq!((seen.len(), &seen[0].method, &seen[0].target), (2, &seen[1].method, &seen[1].target));
    assert_eq!(form(&seen[0].body), form(&seen[1].body));
    for header in ["authorization", "content-type"] {
        assert_eq!(seen[0].headers[header], seen[1].headers[header]);
    }
}

#[tokio::test]
async fn its_own_client_reads_the_same_refusal_and_account() {
    let server = HttpServer::start(|request| match request.method.as_str() {
        "GET" => HttpAnswer::reply(200, json!({ "sid": ACCOUNT, "status": "active", "type": "Full" }).to_string()),
        _ => HttpAnswer::reply(400, r#"{"code":21610,"message":"unsubscribed","more_info":"","status":400}"#),
    })
    .await;
    let provider = provider(&server.url(""));
    assert_eq!(Expect::of(&provider.send(&text(1, TO, "text")).await), Expect::Rejected(Reason::OptedOut));
    let message = json!({ "to": TO, "from": "+441632960000", "body": "text" });
    let said = ask("send", json!({ "url": server.url(""), "message": message })).await;
    assert_eq!(said, json!({ "code": 21610, "status": 400 }));

    assert_eq!(provider.check().await.expect("the account is there").summary, "the account is active");
    assert_eq!(ask("account", json!({ "url": server.url("") })).await, "active");
    let seen = server.seen();
    assert_eq!(
        (&seen[2].target, &seen[2].headers["authorization"]),
        (&seen[3].target, &seen[3].headers["authorization"])
    );
}

#[tokio::test]
async fn what_its_own_library_signs_is_believed_and_what_it_refuses_is_not() {
    let provider = provider("http://127.0.0.1:1");
    let address = "https://alerts.example/receipts/kit?id=0123456789abcdef0123456789abcdef";
    let fields = json!({
        "MessageSid": "SM01", "MessageStatus": "undelivered", "ErrorCode": "30005", "To": TO, "From": "Bank Fünf & Söhne",
    });
    let signature = ask("sign", json!({ "url": address, "fields": fields })).await;
    let signature = signature.as_str().expect("a signature").to_owned();
    let read = |address: &str, fields: &Value| {
        let fields = fields.as_object().expect("an object").iter();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.map(|(name, value)| (name, value.as_str().expect("text"))))
            .finish();
        let headers = BTreeMap::from([("x-twilio-signature".to_owned(), signature.clone())]);
        let url = address.parse().expect("a URL");
        provider.receipt(&Callback { method: "POST", url: &url, headers: &headers, body: body.as_bytes() })
    };
    let word = ReceiptWord::Failed(Reason::NoSuchAddress);
    let about = About::Token("0123456789abcdef0123456789abcdef".to_owned());
    assert_eq!(read(address, &fields), Ok(vec![Receipt { about, word }]));

    let mut other = fields.clone();
    other["MessageStatus"] = json!("delivered");
    for (address, fields) in [(address, &other), ("https://alerts.example/receipts/kit?id=1", &fields)] {
        assert_eq!(read(address, fields), Err(CallbackError::Forged));
        let given = json!({ "url": address, "fields": fields, "signature": signature });
        assert_eq!(ask("validate", given).await, false);
    }
}
