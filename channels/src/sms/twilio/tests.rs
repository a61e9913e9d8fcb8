use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

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

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const ACTIVE: &str = r#"{"sid":"AC0123456789abcdef0123456789abcdef","status":"active","type":"Full"}"#;

fn settings(port: u16) -> Value {
    json!({
        "kind": "twilio", "account_sid": ACCOUNT, "auth_token": { "file": SECRET_FILE }, "from": "+441632960000",
        "endpoint": format!("http://127.0.0.1:{port}"),
    })
}

pub(super) fn case() -> Case {
    use Expect::{InDoubt, Later, LaterAfter, Rejected};
    use Reason::*;
    let error = |status: u16, code: i64, expect| {
        let body =
            json!({ "code": code, "message": "said +4915123456789", "more_info": "https://x", "status": status });
        Row::http(status, &body.to_string(), expect)
    };
    let mut rows = vec![
        Row::http(201, r#"{"sid":"SM01","status":"queued","num_segments":"1","error_code":null}"#, Expect::Accepted),
        Row::http(201, "{}", InDoubt),
        Row::http(200, r#"{"sid":"SM01"}"#, InDoubt),
        Row::http(401, "", Later(Unauthorized)),
        Row::http(404, "", Later(Unauthorized)),
        Row::http(302, "", Later(BadAnswer)),
        Row::http(500, r#"{"code":20500}"#, InDoubt),
        // A failure of the server is none of ours, whatever code it names.
        Row::http(500, r#"{"code":21211}"#, InDoubt),
        Row::http(503, "", Later(Temporary)),
        error(400, 99999, Rejected(BadContent)),
        Row {
            script: Script::Http(HttpAnswer::reply(429, r#"{"code":20429}"#).with_header("retry-after", "2")),
            expect: LaterAfter(Throttled, Duration::from_secs(2)),
        },
    ];
    for (codes, expect) in [
        (&[21211, 21217, 21266, 21614, 21635, 30006][..], Rejected(BadAddress)),
        (&[21610], Rejected(OptedOut)),
        (&[21408, 21608, 21612, 30004, 30007, 30034, 30450], Rejected(Blocked)),
        (&[30005], Rejected(NoSuchAddress)),
        (&[30003, 30008], Rejected(Undelivered)),
        (&[21602, 21617], Rejected(BadContent)),
        (
            &[10001, 20003, 20005, 20404, 21212, 21603, 21606, 21659, 21660, 21701, 21703, 21705, 30002],
            Later(Unauthorized),
        ),
        (&[14107, 20429, 21611, 30001, 30022, 63018], Later(Throttled)),
    ] {
        rows.extend(codes.iter().map(|code| error(400, *code, expect)));
    }
    Case {
        settings: Box::new(|port, _| settings(port)),
        secrets: vec!["/auth_token"],
        parcel: parcels::sms("We know of the outage."),
        server: Server::Http(|request| (request.method == "GET").then(|| HttpAnswer::reply(200, ACTIVE))),
        rows,
        withdrawal: None,
        refuses_credentials: Some(Script::Http(HttpAnswer::Echo(401))),
    }
}

/// Signed by Twilio's own library for Node, with the kit's secret as token.
pub(super) fn callbacks() -> Callbacks {
    const URL: &str = "https://alerts.example/receipts/kit?id=00000000000000000000000000001267";
    const HASH: &str = "763fedb39f1981cb72168cb9f907fcb5a790db659465046aa920e4e1699c5048";
    let message = "MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef\
                   &From=%2B441632960000&To=%2B4915123456789&ApiVersion=2010-04-01";
    let vector = |url: &str, body: &str, signature: &str, word| Vector {
        headers: vec![(callback::SIGNATURE, signature.to_owned())],
        receipts: vec![Receipt { about: About::Token(parcels::sms("").token), word }],
        ..Vector::post(url, body)
    };
    Callbacks {
        vectors: vec![
            vector(
                URL,
                &format!("{message}&MessageStatus=delivered&SmsStatus=delivered"),
                "yHI6tEJkK09eOgLjTkVGwpyX6sk=",
                ReceiptWord::Delivered,
            ),
            vector(
                URL,
                &format!("{message}&MessageStatus=undelivered&SmsStatus=undelivered&ErrorCode=21610"),
                "QvfaXKJ3c5wIvszBmxhAwG0ZEUI=",
                ReceiptWord::Failed(Reason::OptedOut),
            ),
            vector(
                &format!("{URL}&bodySHA256={HASH}"),
                r#"{"MessageSid":"SM0123456789abcdef0123456789abcdef","MessageStatus":"undelivered","ErrorCode":30005}"#,
                "GX1xuqHtUz0MCBYAM3a4ckosKbk=",
                ReceiptWord::Failed(Reason::NoSuchAddress),
            ),
        ],
        proof: Proof::HeadersAndUrl(&[callback::SIGNATURE]),
        stale_after: None,
    }
}

#[tokio::test]
async fn a_message_goes_as_a_form_with_its_sender_and_where_to_report() {
    let server = HttpServer::start(|_| HttpAnswer::reply(201, r#"{"sid":"SM01"}"#)).await;
    let provider = testkit::provider(settings(server.port), &testkit::world());
    let parcel = parcels::sms("Störung & mehr – мы знаем");
    let outcome = provider.send(&parcel).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("SM01".to_owned()), parts: 1 });
    let seen = &server.seen()[0];
    assert_eq!(seen.target, format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json"));
    let login = BASE64_STANDARD.encode(format!("{ACCOUNT}:{SECRET}"));
    assert_eq!(seen.headers["authorization"], format!("Basic {login}"));
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&seen.body).into_owned().collect();
    let report = format!("https://alerts.example/receipts/kit?id={}", parcel.token);
    let expected = [
        ("To", "+4915123456789"),
        ("Body", "Störung & mehr – мы знаем"),
        ("From", "+441632960000"),
        ("StatusCallback", &report),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn an_api_key_signs_in_and_is_checked_by_what_it_may() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, r#"{"messages":[]}"#)).await;
    let mut settings = settings(server.port);
    settings["api_key"] = json!("SK0123456789abcdef0123456789abcdef");
    settings["api_key_secret"] = json!({ "file": SECRET_FILE });
    settings["from"] = Value::Null;
    settings["messaging_service_sid"] = json!("MG0123456789abcdef0123456789abcdef");
    let provider = testkit::provider(settings, &testkit::world());
    assert_eq!(provider.check().await.unwrap().summary, "the API key is taken");
    provider.send(&parcels::sms("text")).await;
    let seen = server.seen();
    assert_eq!(seen[0].target, format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json?PageSize=1"));
    let login = BASE64_STANDARD.encode(format!("SK0123456789abcdef0123456789abcdef:{SECRET}"));
    assert_eq!(seen[1].headers["authorization"], format!("Basic {login}"));
    assert!(String::from_utf8_lossy(&seen[1].body).contains("MessagingServiceSid=MG0123456789abcdef0123456789abcdef"));
}

#[tokio::test]
async fn a_country_has_a_sender_of_its_own() {
    let server = HttpServer::start(|_| HttpAnswer::reply(201, r#"{"sid":"SM01"}"#)).await;
    let mut settings = settings(server.port);
    settings["senders"] = json!([
        { "country": "DE", "from": "Acme", "per_second": 4.0 },
        { "prefix": "+4916", "from": "MG0123456789abcdef0123456789abcdef" },
    ]);
    let provider = testkit::provider(settings, &testkit::world());
    for to in ["+4915123456789", "+4916012345678", "+436641234567"] {
        provider.send(&Parcel { to: to.to_owned(), ..parcels::sms("text") }).await;
    }
    let from: Vec<String> = server
        .seen()
        .iter()
        .flat_map(|seen| url::form_urlencoded::parse(&seen.body).into_owned().collect::<Vec<_>>())
        .filter(|(name, _)| name == "From" || name == "MessagingServiceSid")
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    assert_eq!(from, ["From Acme", "MessagingServiceSid MG0123456789abcdef0123456789abcdef", "From +441632960000"]);
    let limits = &provider.manifest().limits;
    assert_eq!(limits.per_second, Some(6.0), "each carries its own");
    assert_eq!((limits.domains["Acme"].per_second, limits.senders["DE"].as_str()), (Some(4.0), "Acme"));
}

#[tokio::test]
async fn the_check_tells_a_trial_and_a_suspension() {
    let check = async |account: &'static str| {
        let server = HttpServer::start(move |_| HttpAnswer::reply(200, account)).await;
        testkit::provider(settings(server.port), &testkit::world()).check().await
    };
    assert_eq!(check(ACTIVE).await.unwrap().summary, "the account is active");
    assert!(check(r#"{"status":"active","type":"Trial"}"#).await.unwrap().summary.contains("on trial"));
    assert_eq!(check(r#"{"status":"suspended"}"#).await.unwrap_err().reason, Reason::Unauthorized);
}

#[tokio::test]
async fn without_a_public_address_no_report_is_asked_for() {
    let server = HttpServer::start(|_| HttpAnswer::reply(201, r#"{"sid":"SM01"}"#)).await;
    let provider = testkit::provider(settings(server.port), &World { public_url: None, ..testkit::world() });
    assert!(!provider.manifest().receipts);
    provider.send(&parcels::sms("text")).await;
    assert!(!String::from_utf8_lossy(&server.seen()[0].body).contains("StatusCallback"));
}

#[test]
fn settings_that_cannot_work_name_their_key() {
    let refused = |change: Value| {
        let mut settings = settings(1);
        settings.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        serde_json::from_value::<ProviderSettings>(settings).unwrap().validate().err().map(|error| error.key)
    };
    let key = |key: &str| Some(key.to_owned());
    assert_eq!(refused(json!({})), None);
    assert_eq!(refused(json!({ "account_sid": "AC/../x" })), key("account_sid"));
    assert_eq!(refused(json!({ "from": null })), key("from"));
    assert_eq!(refused(json!({ "from": "" })), key("from"));
    assert_eq!(refused(json!({ "messaging_service_sid": "MG" })), key("from"));
    assert_eq!(refused(json!({ "from": null, "messaging_service_sid": "MG" })), key("messaging_service_sid"));
    assert_eq!(refused(json!({ "senders": [{ "country": "US", "from": "" }] })), key("senders[0].from"));
    let short = format!("MG{}", "x".repeat(32));
    assert_eq!(refused(json!({ "senders": [{ "country": "US", "from": short }] })), key("senders[0].from"));
    assert_eq!(refused(json!({ "api_key": "SK0123456789abcdef0123456789abcdef" })), key("api_key_secret"));
    assert_eq!(refused(json!({ "endpoint": "http://api.twilio.example" })), key("endpoint"));
}
