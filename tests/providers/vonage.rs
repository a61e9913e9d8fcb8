//! `vonage` beside Vonage's own libraries for Node: both ask alike and are answered alike, and they believe the report
//! that we believe.

use onevoice_channels::contract::Outcome;
use onevoice_channels::testkit::{
    self, SECRET, SECRET_FILE,
    http_server::{HttpAnswer, HttpServer},
};
use serde_json::json;

use super::text;
use crate::parts::{folder, vendors};

#[tokio::test]
async fn its_own_client_writes_the_same_message() {
    let accepted = HttpAnswer::reply(202, r#"{"message_uuid":"u-1"}"#).with_header("content-type", "application/json");
    let server = HttpServer::start(move |_| accepted.clone()).await;
    let settings = json!({
        "kind": "vonage", "api_key": "abcd1234", "api_secret": { "file": SECRET_FILE }, "from": "Example",
        "signature_secret": { "file": SECRET_FILE }, "endpoint": server.url(""),
    });
    let provider = testkit::provider(settings, &testkit::world());
    for (ordinal, words, coding) in [(1, "Störung: Karten gehen nicht", "text"), (2, "мы знаем", "unicode")] {
        let parcel = text(ordinal, "+4915123456789", words);
        let ours = provider.send(&parcel).await;
        let message = json!({
            "to": "4915123456789", "from": "Example", "text": words, "clientRef": parcel.token,
            "sms": { "encodingType": coding },
            "webhookUrl": "https://alerts.example/receipts/kit", "webhookVersion": "v1",
        });
        let given =
            json!({ "ask": "send", "url": server.url(""), "key": "abcd1234", "secret": SECRET, "message": message });
        assert_eq!(vendors::ask("vonage.cjs", &given).await, json!({ "id": "u-1" }));
        assert_eq!(ours, Outcome::Accepted { reference: Some("u-1".to_owned()), parts: 1 });
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    for pair in seen.chunks(2) {
        assert_eq!((&pair[0].method, &pair[0].target), (&pair[1].method, &pair[1].target));
        assert_eq!(pair[0].json(), pair[1].json());
        assert_eq!(pair[0].headers["authorization"], pair[1].headers["authorization"]);
    }
}

#[tokio::test]
async fn its_own_library_believes_the_same_report() {
    let recorded = folder::source().join("channels/testdata/vonage/delivered.jwt");
    let token = std::fs::read_to_string(recorded).expect("a recorded token");
    for (secret, believed) in [(SECRET, true), ("another secret", false)] {
        let said = vendors::ask("vonage.cjs", &json!({ "ask": "verify", "token": token, "secret": secret })).await;
        assert_eq!(said == true, believed, "{said}");
    }
}
