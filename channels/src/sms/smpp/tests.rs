use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::*;
use crate::{
    contract::{About, Heard, NotKept, Receipt, ReceiptWord},
    registry::ProviderSettings,
    testkit::{
        self, Case, Expect, Row, SECRET_FILE, Script, parcels,
        smpp_server::{SmppAnswer, SmppScript, SmppServer},
        suite::Server,
    },
};

const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/relay.crt");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/relay.key");

pub(super) fn case() -> Case {
    use Expect::*;
    let submit = |status, expect| Row::smpp("submit_sm", status, expect);
    Case {
        settings: Box::new(|port, impatient| {
            let mut settings = clear(port);
            settings["password"] = json!({ "file": SECRET_FILE });
            settings["statuses"] = json!({ "0x401": "quota", "0x402": "opted_out" });
            if impatient {
                settings["timeouts"] = json!({ "answer_seconds": 0.3 });
            }
            settings
        }),
        secrets: vec!["/password"],
        parcel: parcels::sms("We know of the outage."),
        server: Server::Smpp,
        rows: vec![
            submit(0, Accepted),
            submit(0x58, Later(Reason::Throttled)),
            submit(0x14, Later(Reason::Temporary)),
            submit(0x08, Later(Reason::Temporary)),
            submit(0x45, Later(Reason::Temporary)),
            submit(0x64, Later(Reason::Temporary)),
            submit(0xff, Later(Reason::Temporary)),
            submit(0x04, Later(Reason::Temporary)),
            submit(0x0e, Later(Reason::Unauthorized)),
            submit(0x0b, Rejected(Reason::BadAddress)),
            submit(0x51, Rejected(Reason::BadAddress)),
            submit(0x01, Rejected(Reason::BadContent)),
            submit(0x0a, Rejected(Reason::BadContent)),
            submit(0x43, Rejected(Reason::BadContent)),
            submit(0xc4, Rejected(Reason::BadContent)),
            submit(0xfe, Rejected(Reason::Undelivered)),
            submit(0x66, Rejected(Reason::Blocked)),
            submit(0x499, Rejected(Reason::Blocked)),
            submit(0x401, Later(Reason::Quota)),
            submit(0x402, Rejected(Reason::OptedOut)),
            Row { script: Script::Smpp("submit_sm", SmppAnswer::Nack(0x02)), expect: Rejected(Reason::BadContent) },
            Row { script: Script::Smpp("submit_sm", SmppAnswer::AnswerAndHangUp), expect: Accepted },
            Row::smpp("bind_transceiver", 0x0d, Later(Reason::Unauthorized)),
            Row::smpp("bind_transceiver", 0x05, Later(Reason::Temporary)),
            Row::smpp("bind_transceiver", 0x58, Later(Reason::Throttled)),
            Row::smpp("bind_transceiver", 0x499, Later(Reason::Unauthorized)),
        ],
        withdrawal: None,
        refuses_credentials: Some(Script::Smpp("bind_transceiver", SmppAnswer::Status(0x0e))),
    }
}

fn clear(port: u16) -> Value {
    json!({ "kind": "smpp", "host": "127.0.0.1", "port": port, "tls": false, "system_id": "us", "from": "12345" })
}

fn with(port: u16, extra: Value) -> Value {
    let mut settings = clear(port);
    settings.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    settings
}

async fn server(rule: impl Fn(&str, usize) -> Option<SmppAnswer> + Send + Sync + 'static) -> SmppServer {
    SmppServer::start(SmppScript { rule: Box::new(rule), tls: None }).await
}

fn texts(count: i64) -> Vec<Parcel> {
    let text = |ordinal| {
        let mut parcel = parcels::sms("text");
        parcel.id.ordinal = ordinal;
        parcel
    };
    (0..count).map(text).collect()
}

/// What was reported, by ordinal, and how the run ended.
async fn carried(settings: Value, parcels: Vec<Parcel>) -> (Vec<(i64, Expect)>, Option<Reason>) {
    let provider = testkit::provider(settings, &testkit::world());
    let (reported, ended) = testkit::carry(&*provider, parcels).await;
    let mut outcomes: Vec<_> =
        reported.iter().map(|(parcel, outcome)| (parcel.id.ordinal, Expect::of(outcome))).collect();
    outcomes.sort_unstable_by_key(|(ordinal, _)| *ordinal);
    (outcomes, ended.err().map(|gone| gone.reason))
}

#[tokio::test]
async fn answers_are_matched_by_number_and_not_by_order() {
    let server = server(|name, before| match (name, before) {
        ("submit_sm", 0) => Some(SmppAnswer::Swap),
        ("submit_sm", 1) => Some(SmppAnswer::Status(0x0b)),
        _ => None,
    })
    .await;
    let (outcomes, ended) = carried(clear(server.port), texts(3)).await;
    assert_eq!(outcomes, [(0, Expect::Accepted), (1, Expect::Rejected(Reason::BadAddress)), (2, Expect::Accepted)]);
    assert_eq!(ended, None);
    assert_eq!(server.log().commands.last().map(String::as_str), Some("unbind"));
}

#[tokio::test]
async fn no_more_are_under_way_than_the_window_allows() {
    // From the third text on nothing is answered.
    let server = server(|name, before| (name == "submit_sm" && before >= 2).then_some(SmppAnswer::Skip)).await;
    let settings = with(server.port, json!({ "window": 3, "timeouts": { "answer_seconds": 0.3 } }));
    let (outcomes, ended) = carried(settings, texts(20)).await;
    // The first connection carried something, so there was a second, which did not.
    let count = |wanted| outcomes.iter().filter(|(_, expect)| *expect == wanted).count();
    assert_eq!((count(Expect::Accepted), count(Expect::InDoubt), ended), (2, 3 + 3, Some(Reason::Unreachable)));
    let written = server.log().commands.iter().filter(|name| *name == "submit_sm").count();
    assert_eq!((written, outcomes.len()), (8, 8), "what was written is reported, and nothing else");
}

#[tokio::test]
async fn what_was_written_and_not_answered_is_in_doubt_and_the_rest_goes_on_a_new_connection() {
    let server = server(|name, before| match (name, before) {
        ("submit_sm", 4) => Some(SmppAnswer::HangUp),
        _ => None,
    })
    .await;
    let (outcomes, ended) = carried(with(server.port, json!({ "window": 2 })), texts(10)).await;
    assert_eq!(ended, None);
    assert_eq!(outcomes.len(), 10);
    let doubtful = outcomes.iter().filter(|(_, expect)| *expect == Expect::InDoubt).count();
    assert!((1..=2).contains(&doubtful), "{outcomes:?}");
    assert!(outcomes.iter().all(|(_, expect)| matches!(expect, Expect::Accepted | Expect::InDoubt)), "{outcomes:?}");
    assert_eq!(server.log().messages.len(), 10 - doubtful);
}

#[tokio::test]
async fn the_rest_of_a_long_text_waits_for_a_centre_that_has_enough() {
    let server = server(|name, before| (name == "submit_sm" && before == 1).then_some(SmppAnswer::Status(0x58))).await;
    let long = "We know of the outage. ".repeat(20);
    let (outcomes, ended) = carried(clear(server.port), vec![parcels::sms(&long)]).await;
    assert_eq!((outcomes, ended), (vec![(4711, Expect::Accepted)], None));
    let log = server.log();
    let mut parts: Vec<(u8, Vec<u8>)> =
        log.messages.iter().map(|message| (message.short_message[5], message.short_message[6..].to_vec())).collect();
    parts.sort();
    parts.dedup();
    assert_eq!(parts.len(), log.messages.len(), "no part twice");
    assert_eq!(parts.into_iter().flat_map(|(_, octets)| octets).collect::<Vec<_>>(), long.as_bytes());
}

#[tokio::test]
async fn a_long_text_that_is_refused_half_way_is_in_doubt() {
    let server = server(|name, before| (name == "submit_sm" && before == 1).then_some(SmppAnswer::Status(0x66))).await;
    let parcel = parcels::sms(&"We know of the outage. ".repeat(20));
    let (outcomes, _) = carried(with(server.port, json!({ "window": 1 })), vec![parcel]).await;
    assert_eq!(outcomes, [(4711, Expect::InDoubt)]);
    assert_eq!(server.log().messages.len(), 1, "the rest is not written");
}

/// Keeps what it hears, unless it is told not to.
#[derive(Default)]
struct Kept {
    heard: Mutex<Vec<Heard>>,
    refuses: AtomicBool,
}

#[async_trait]
impl Ear for Kept {
    async fn hear(&self, heard: Heard) -> Result<(), NotKept> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(NotKept);
        }
        lock(&self.heard).push(heard);
        Ok(())
    }
}

fn receipt_of(id: &str) -> pdu::Message {
    let short_message = format!("id:{id} stat:DELIVRD").into_bytes();
    pdu::Message { esm_class: 4, short_message, ..pdu::Message::default() }
}

#[tokio::test]
async fn it_listens_before_during_and_after_it_carries_and_answers_what_was_kept() {
    let server = server(|_, _| None).await;
    let provider = testkit::provider(clear(server.port), &testkit::world());
    let ear = Arc::new(Kept::default());
    let listening = tokio::spawn({
        let (provider, ear) = (provider.clone(), ear.clone());
        async move { provider.listen(ear).await }
    });
    server.until(|log| log.commands.len() == 1).await;
    ear.refuses.store(true, Ordering::SeqCst);
    server.deliver(&receipt_of("m-0"));
    server.until(|log| log.deliveries == [status::TRY_LATER]).await;
    ear.refuses.store(false, Ordering::SeqCst);
    server.deliver(&receipt_of("m-0"));
    server.until(|log| log.deliveries.len() == 2).await;
    assert_eq!(Expect::of(&provider.send(&parcels::sms("text")).await), Expect::Accepted);
    let source = pdu::Address { ton: 1, npi: 1, digits: "4915123456789".to_owned() };
    server.deliver(&pdu::Message { source, short_message: b"Stop".to_vec(), ..pdu::Message::default() });
    let log = server.until(|log| log.deliveries.len() == 3).await;
    assert_eq!(log.deliveries[1..], [0, 0]);
    assert_eq!(log.commands.iter().filter(|name| *name == "bind_transceiver").count(), 1, "over one connection");
    let heard = lock(&ear.heard).clone();
    let about = About::Reference("m-0".to_owned());
    assert_eq!(heard[0], Heard::Receipt(Receipt { about, word: ReceiptWord::Delivered }));
    assert!(matches!(&heard[1], Heard::Reply(reply) if reply.from == "+4915123456789" && reply.text == "Stop"));
    listening.abort();
    server.until(|log| log.commands.last().is_some_and(|name| name == "unbind")).await;
}

#[tokio::test]
async fn it_binds_again_when_the_centre_takes_leave() {
    let server = server(|_, _| None).await;
    let provider = testkit::provider(clear(server.port), &testkit::world());
    let listening = tokio::spawn(async move { provider.listen(Arc::new(Kept::default())).await });
    server.until(|log| log.commands.len() == 1).await;
    server.ask(pdu::command::UNBIND);
    let log = server.until(|log| log.commands.len() == 3).await;
    assert_eq!(log.commands, ["bind_transceiver", "unbind_resp", "bind_transceiver"]);
    listening.abort();
}

#[tokio::test]
async fn split_binds_send_over_one_and_listen_over_the_other() {
    let server = server(|_, _| None).await;
    let provider = testkit::provider(with(server.port, json!({ "bind": "split" })), &testkit::world());
    let ear = Arc::new(Kept::default());
    let listening = tokio::spawn({
        let (provider, ear) = (provider.clone(), ear.clone());
        async move { provider.listen(ear).await }
    });
    server.until(|log| log.commands.len() == 1).await;
    server.deliver(&receipt_of("m-0"));
    server.until(|log| log.deliveries.len() == 1).await;
    assert_eq!(Expect::of(&provider.send(&parcels::sms("text")).await), Expect::Accepted);
    let log = server.until(|log| log.commands.len() == 5).await;
    assert_eq!(log.commands, ["bind_receiver", "deliver_sm_resp", "bind_transmitter", "submit_sm", "unbind"]);
    assert_eq!(lock(&ear.heard).len(), 1);
    listening.abort();
}

#[tokio::test]
async fn what_comes_in_while_nobody_listens_is_to_come_again() {
    let server = server(|name, _| (name == "submit_sm").then_some(SmppAnswer::Skip)).await;
    let provider = testkit::provider(clear(server.port), &testkit::world());
    let sending = tokio::spawn(async move { provider.send(&parcels::sms("text")).await });
    server.until(|log| log.commands.len() == 2).await;
    server.deliver(&receipt_of("m-0"));
    let log = server.until(|log| log.deliveries.len() == 1).await;
    assert_eq!(log.deliveries, [status::TRY_LATER]);
    sending.abort();
}

#[tokio::test]
async fn silence_is_tried_and_a_dead_centre_given_up() {
    let server = server(|name, before| (name == "enquire_link" && before > 0).then_some(SmppAnswer::Silence)).await;
    let timeouts = json!({ "timeouts": { "enquire_seconds": 0.05, "connect_seconds": 0.3 } });
    let provider = testkit::provider(with(server.port, timeouts), &testkit::world());
    let listening = tokio::spawn(async move { provider.listen(Arc::new(Kept::default())).await });
    let log = server.until(|log| log.commands.iter().filter(|name| *name == "bind_transceiver").count() == 2).await;
    assert_eq!(log.commands[..4], ["bind_transceiver", "enquire_link", "enquire_link", "bind_transceiver"]);
    listening.abort();
}

#[tokio::test]
async fn what_the_centre_asks_is_answered() {
    let server = server(|_, _| None).await;
    let provider = testkit::provider(clear(server.port), &testkit::world());
    let listening = tokio::spawn(async move { provider.listen(Arc::new(Kept::default())).await });
    server.until(|log| log.commands.len() == 1).await;
    server.ask(pdu::command::ENQUIRE_LINK);
    server.until(|log| log.commands.len() == 2).await;
    server.ask(0x103);
    let log = server.until(|log| log.commands.len() == 3).await;
    assert_eq!(log.commands[1..], ["enquire_link_resp", "generic_nack_resp"]);
    listening.abort();
}

#[tokio::test]
async fn tls_is_verified() {
    let identity = CertificateDer::from_pem_file(CERTIFICATE).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity], PrivateKeyDer::from_pem_file(KEY).unwrap())
        .unwrap();
    let server = SmppServer::start(SmppScript { tls: Some(Arc::new(config)), ..SmppScript::default() }).await;
    let trusted = |name: &str| {
        let tls = json!({ "tls": true, "ca_file": CERTIFICATE, "tls_name": name });
        testkit::provider(with(server.port, tls), &testkit::world())
    };
    assert_eq!(trusted("relay.test").check().await.unwrap().summary, "bound over TLS");
    assert_eq!(trusted("other.example").check().await.unwrap_err().reason, Reason::BadAnswer);
    let unknown =
        testkit::provider(with(server.port, json!({ "tls": true, "tls_name": "relay.test" })), &testkit::world());
    assert_eq!(unknown.check().await.unwrap_err().reason, Reason::BadAnswer);
}

#[test]
fn settings_that_cannot_work_are_refused_by_their_key() {
    let wrong = [
        ("host", json!("smpp://a")),
        ("tls", json!(false)),
        ("system_id", json!("")),
        ("system_id", json!("much-too-long-a-name")),
        ("system_type", json!("much-too-long-a-type")),
        ("service_type", json!("longer")),
        ("from", json!("")),
        ("from", json!("Much Too Long A Name")),
        ("from", json!("+1234567890123456")),
        ("window", json!(1001)),
        ("statuses", json!({ "1025": "quota" })),
        ("statuses", json!({ "0x0": "quota" })),
        ("receipt_ids", json!("hex")),
        ("timeouts.answer_seconds", json!(0)),
    ];
    for (key, value) in wrong {
        let mut settings = clear(1);
        settings["host"] = json!("smsc.example");
        settings["tls"] = json!(true);
        match key.split_once('.') {
            Some((table, key)) => settings[table] = json!({ key: value }),
            None => settings[key] = value.clone(),
        }
        let settings: ProviderSettings = serde_json::from_value(settings).unwrap();
        assert_eq!(settings.validate().map_err(|error| error.key), Err(key.to_owned()), "{value}");
    }
}
