use serde_json::{Value, json};

use super::*;
use crate::{
    contract::{About, ReceiptWord},
    registry::ProviderSettings,
    testkit::{
        self, Callbacks, Case, Expect, Proof, Row, SECRET_FILE, Script, Vector,
        http_server::{HttpAnswer, HttpServer},
        parcels,
        suite::Server,
    },
};

const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/sns/certificate.pem");
const ACCOUNT: &str = r#"{"SendingEnabled":true,"ProductionAccessEnabled":true,"EnforcementStatus":"HEALTHY",
    "SendQuota":{"Max24HourSend":50000.0,"MaxSendRate":14.0,"SentLast24Hours":200.0}}"#;

fn settings(port: u16) -> Value {
    json!({
        "kind": "ses",
        "region": "eu-west-1",
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": { "file": SECRET_FILE },
        "configuration_set": "status",
        "endpoint": format!("http://127.0.0.1:{port}"),
        "events": {
            "topic_arn": "arn:aws:sns:eu-west-1:123456789012:onevoice",
            "certificate_file": CERTIFICATE,
        },
    })
}

/// An error as the API gives it: its name in a header.
fn error(status: u16, name: &str, said: &str, expect: Expect) -> Row {
    let answer = HttpAnswer::reply(status, json!({ "message": said }).to_string());
    Row { script: Script::Http(answer.with_header("x-amzn-ErrorType", name)), expect }
}

pub(super) fn case() -> Case {
    use Expect::{InDoubt, Later, LaterAfter, Rejected};
    use Reason::*;
    let unverified = "Email address is not verified. The following identities failed the check in region EU-WEST-1";
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/secret_access_key"],
        parcel: parcels::mail(),
        server: Server::Http(|request| (request.method == "GET").then(|| HttpAnswer::reply(200, ACCOUNT))),
        rows: vec![
            Row::http(200, r#"{"MessageId":"0102018f-a1"}"#, Expect::Accepted),
            Row::http(200, "{}", InDoubt),
            Row::http(200, "", InDoubt),
            error(400, "AccountSuspendedException", "", Later(Unauthorized)),
            error(400, "SendingPausedException", "", Later(Unauthorized)),
            error(400, "MailFromDomainNotVerifiedException", "", Later(Unauthorized)),
            error(404, "NotFoundException", "Configuration set <status> does not exist.", Later(Unauthorized)),
            error(400, "MessageRejected", unverified, Later(Unauthorized)),
            error(400, "MessageRejected", "Message contains a virus", Rejected(BadContent)),
            error(400, "MessageRejected:http://internal.amazon.com/coral/", "virus", Rejected(BadContent)),
            error(400, "BadRequestException", "Missing final '@domain'", Rejected(BadAddress)),
            error(400, "BadRequestException", "Local address contains control: illegal address", Rejected(BadAddress)),
            error(400, "BadRequestException", "Raw message is required", Rejected(BadContent)),
            error(429, "TooManyRequestsException", "Maximum sending rate exceeded.", Later(Throttled)),
            error(400, "ThrottlingException", "Rate exceeded", Later(Throttled)),
            error(429, "TooManyRequestsException", "Daily message quota exceeded.", Later(Quota)),
            error(400, "LimitExceededException", "", Later(Quota)),
            error(403, "UnrecognizedClientException", "", Later(Unauthorized)),
            error(403, "InvalidClientTokenId", "", Later(Unauthorized)),
            error(400, "IncompleteSignatureException", "", Later(Unauthorized)),
            error(403, "InvalidSignatureException", "Signature expired", Later(Unauthorized)),
            Row::http(400, r#"{"__type":"com.amazon.coral.service#AccessDeniedException"}"#, Later(Unauthorized)),
            error(400, "SomethingNewException", "", Rejected(BadContent)),
            Row::http(301, "", Later(BadAnswer)),
            Row::http(500, r#"{"message":null}"#, InDoubt),
            Row::http(502, "", InDoubt),
            Row::http(503, "", Later(Temporary)),
            Row {
                script: Script::Http(HttpAnswer::reply(503, "").with_header("retry-after", "5")),
                expect: LaterAfter(Temporary, std::time::Duration::from_secs(5)),
            },
        ],
        withdrawal: None,
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(403))),
    }
}

/// Signed by a certificate of our own in the way of SNS; npm's `sns-validator` believes the same files.
pub(super) fn callbacks() -> Callbacks {
    let vector = |body: &str, word: Option<ReceiptWord>| {
        let about = About::Token(parcels::mail().token);
        Vector {
            headers: vec![("x-amz-sns-message-type", "Notification".to_owned())],
            receipts: word.map(|word| Receipt { about, word }).into_iter().collect(),
            ..Vector::post("https://alerts.example/receipts/kit", body)
        }
    };
    Callbacks {
        vectors: vec![
            vector(include_str!("../../../testdata/sns/delivery.json"), Some(ReceiptWord::Delivered)),
            vector(include_str!("../../../testdata/sns/bounce.json"), Some(ReceiptWord::Failed(Reason::NoSuchAddress))),
            vector(include_str!("../../../testdata/sns/complaint.json"), Some(ReceiptWord::Complained)),
        ],
        proof: Proof::Inside,
        stale_after: Some(sns::FRESH),
    }
}

#[tokio::test]
async fn the_mail_goes_as_it_is_with_its_tag_and_configuration_set() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, r#"{"MessageId":"0102"}"#)).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let parcel = parcels::mail_to("reader@example.com", "Subject: =?utf-8?q?St=C3=B6rung?=\r\n\r\n.\r\nä\r\n");
    let outcome = provider.send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("0102".to_owned()), parts: 1 });
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v2/email/outbound-emails"));
    assert_eq!(seen.headers["x-amz-date"], "20260301T120000Z");
    let mail = seen.json();
    let raw = BASE64_STANDARD.decode(mail["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap();
    let Content::Mail { raw: given, .. } = &parcel.content else { unreachable!("it is a mail") };
    assert_eq!(raw, given.as_ref());
    assert_eq!(mail["Destination"], json!({ "ToAddresses": ["reader@example.com"] }));
    assert_eq!(mail["EmailTags"], json!([{ "Name": "onevoice", "Value": parcel.token }]));
    assert_eq!(mail["ConfigurationSetName"], "status");
}

#[tokio::test]
async fn the_check_tells_quota_sandbox_and_pause() {
    let check = async |account: String| {
        let server = HttpServer::start(move |_| HttpAnswer::reply(200, account.clone())).await;
        testkit::provider(settings(server.port), &testkit::world()).check().await
    };
    let told = check(ACCOUNT.to_owned()).await.unwrap().summary;
    assert_eq!(told, "sending is enabled, 14 mails a second; 49800 of 50000 a day are left");
    let sandbox = ACCOUNT.replace("\"ProductionAccessEnabled\":true", "\"ProductionAccessEnabled\":false");
    assert!(check(sandbox).await.unwrap().summary.contains("sandbox"));
    let paused = check(ACCOUNT.replace("\"SendingEnabled\":true", "\"SendingEnabled\":false")).await.unwrap_err();
    assert!(paused.reason == Reason::Unauthorized && paused.detail.contains("paused"), "{paused}");
}

#[test]
fn settings_that_cannot_work_name_their_key() {
    let refused = |pointer: &str, value: Value| {
        let mut settings = settings(1);
        *settings.pointer_mut(pointer).unwrap() = value;
        let settings: ProviderSettings = serde_json::from_value(settings).unwrap();
        crate::registry::build("kit", &settings, &testkit::world()).err().map(|error| error.key)
    };
    let key = |key: &str| Some(key.to_owned());
    assert_eq!(refused("/region", json!("eu-west-1")), None);
    assert_eq!(refused("/region", json!("eu-west-1.evil.example/")), key("region"));
    assert_eq!(refused("/access_key_id", json!("AKID EXAMPLE")), key("access_key_id"));
    assert_eq!(refused("/endpoint", json!("http://ses.example")), key("endpoint"));
    assert_eq!(refused("/events/topic_arn", json!("onevoice")), key("events.topic_arn"));
    assert_eq!(refused("/events/certificate_file", json!(SECRET_FILE)), key("events.certificate_file"));
}
