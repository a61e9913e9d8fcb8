use std::sync::Arc;

use serde_json::{Value, json};
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::*;
use crate::testkit::{
    self, Case, Expect, Row, SECRET_FILE, Script, parcels,
    smtp_server::{SmtpAnswer, SmtpLog, SmtpScript, SmtpServer},
    suite::Server,
};

const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/relay.crt");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/relay.key");

pub(super) fn case() -> Case {
    use Reason::*;
    Case {
        settings: Box::new(|port, impatient| {
            let mut settings = clear(port);
            settings["username"] = json!("user");
            settings["password"] = json!({ "file": SECRET_FILE });
            if impatient {
                settings["timeouts"] = json!({ "accept_seconds": 0.3 });
            }
            settings
        }),
        secrets: vec!["/password"],
        parcel: parcels::mail(),
        server: Server::Smtp,
        rows: vec![
            Row::smtp(".", "250 2.0.0 Ok: queued as 4D1", Expect::Accepted),
            Row::smtp(".", "451 4.3.0 later", Expect::Later(Temporary)),
            Row::smtp(".", "421 4.3.2 going down", Expect::Later(Throttled)),
            Row::smtp(".", "554 5.7.1 spam", Expect::Rejected(Blocked)),
            Row::smtp(".", "552 5.3.4 too big", Expect::Rejected(BadContent)),
            Row::smtp("RCPT", "550 5.1.1 no such user", Expect::Rejected(NoSuchAddress)),
            Row::smtp("RCPT", "452 4.2.2 full", Expect::Later(MailboxFull)),
            Row::smtp("RCPT", "552 5.2.2 full", Expect::Rejected(MailboxFull)),
            Row::smtp("RCPT", "451 4.7.650 too fast", Expect::Later(Throttled)),
            Row::smtp("RCPT", "553 5.1.3 syntax", Expect::Rejected(BadAddress)),
            Row::smtp("MAIL", "530 5.7.0 authenticate first", Expect::Later(Unauthorized)),
            Row::smtp("MAIL", "550 5.1.8 sender refused", Expect::Rejected(Blocked)),
            Row::smtp("MAIL", "421 4.4.2 bye", Expect::Later(Temporary)),
            Row::smtp("DATA", "451 4.3.0 later", Expect::Later(Temporary)),
            Row::smtp("CONNECT", "554 5.7.1 go away", Expect::Later(Unauthorized)),
            Row::smtp("CONNECT", "421 4.3.2 busy", Expect::Later(Temporary)),
            Row::smtp("AUTH", "454 4.7.0 try again", Expect::Later(Temporary)),
        ],
        withdrawal: None,
        refuses_credentials: Some(Script::Smtp("AUTH", SmtpAnswer::Say("535 5.7.8 wrong".to_owned()))),
    }
}

fn clear(port: u16) -> Value {
    json!({ "kind": "smtp", "host": "127.0.0.1", "port": port, "tls": "none" })
}

async fn server(rule: impl Fn(&str, usize) -> Option<SmtpAnswer> + Send + Sync + 'static) -> SmtpServer {
    SmtpServer::start(SmtpScript { rule: Box::new(rule), ..SmtpScript::default() }).await
}

fn say(said: &str) -> Option<SmtpAnswer> {
    Some(SmtpAnswer::Say(said.to_owned()))
}

fn mails(count: usize) -> Vec<Parcel> {
    (0..count)
        .map(|n| parcels::mail_to(&format!("reader{n}@example.com"), &format!("Subject: {n}\r\n\r\ntext\r\n")))
        .collect()
}

/// Carries mails to reader0, reader1, … and tells what became of each, how the run ended, and what the server saw.
async fn carry(server: &SmtpServer, count: usize) -> (Vec<(String, Expect)>, Result<(), Reason>, SmtpLog) {
    let provider = testkit::provider(clear(server.port), &testkit::world());
    let (reported, ended) = testkit::carry(&*provider, mails(count)).await;
    let name = |parcel: &Parcel| parcel.to.split('@').next().unwrap_or_default().to_owned();
    let reported = reported.iter().map(|(parcel, outcome)| (name(parcel), Expect::of(outcome))).collect();
    (reported, ended.map_err(|gone| gone.reason), server.log())
}

fn all(count: usize) -> Vec<(String, Expect)> {
    (0..count).map(|n| (format!("reader{n}"), Expect::Accepted)).collect()
}

fn subjects(log: &SmtpLog) -> Vec<String> {
    let subject =
        |message: &Vec<u8>| String::from_utf8_lossy(message).lines().next().unwrap_or_default()[9..].to_owned();
    log.messages.iter().map(subject).collect()
}

#[tokio::test]
async fn one_write_carries_a_body_and_the_next_envelope() {
    let server = server(|_, _| None).await;
    let (reported, ended, log) = carry(&server, 5).await;
    assert_eq!((reported, ended), (all(5), Ok(())));
    assert_eq!(subjects(&log), ["0", "1", "2", "3", "4"]);
    let joined = log.reads.iter().filter(|read| read.windows(15).any(|w| w == b"\r\n.\r\nMAIL FROM:")).count();
    assert_eq!(joined, 4, "each body but the last goes with the envelope after it");
    assert_eq!(log.commands.iter().filter(|command| *command == "CONNECT").count(), 1);
    assert_eq!(log.commands.last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn without_pipelining_each_command_waits_for_its_reply() {
    let server = SmtpServer::start(SmtpScript { offers: vec!["8BITMIME"], ..SmtpScript::default() }).await;
    let (reported, ended, log) = carry(&server, 3).await;
    assert_eq!((reported, ended), (all(3), Ok(())));
    for read in &log.reads {
        let commands = read.windows(2).filter(|window| window == b"\r\n").count();
        assert!(commands == 1 || read.ends_with(b"\r\n.\r\n"), "{}", String::from_utf8_lossy(read));
    }
}

#[tokio::test]
async fn a_refused_recipient_costs_its_own_message_only() {
    for stage in ["MAIL", "RCPT"] {
        for offers in [vec!["PIPELINING"], vec![]] {
            let refused = move |line: &str, nth: usize| {
                // The server of RFC 5321 refuses what follows a refusal, and a second MAIL before RSET.
                (line.starts_with(stage) && nth == 1).then(|| SmtpAnswer::Say("550 5.7.1 no".to_owned()))
            };
            let state = std::sync::Mutex::new((false, false));
            let rule = move |line: &str, nth: usize| {
                let (mail, rcpt) = &mut *state.lock().unwrap();
                if let Some(answer) = refused(line, nth) {
                    return Some(answer);
                }
                match line.get(..4).unwrap_or(line) {
                    "MAIL" if *mail => return say("503 5.5.1 nested MAIL"),
                    "MAIL" => *mail = true,
                    "RCPT" if !*mail => return say("503 5.5.1 MAIL first"),
                    "RCPT" => *rcpt = true,
                    "DATA" if !*rcpt => return say("554 5.5.1 no valid recipients"),
                    "RSET" | "." => (*mail, *rcpt) = (false, false),
                    _ => {}
                }
                None
            };
            let server = SmtpServer::start(SmtpScript { offers, rule: Box::new(rule), ..SmtpScript::default() }).await;
            let (reported, ended, log) = carry(&server, 4).await;
            let mut expected = all(4);
            expected[1].1 = Expect::Rejected(Reason::Blocked);
            assert_eq!((reported, ended), (expected, Ok(())), "{stage}");
            assert_eq!(subjects(&log), ["0", "2", "3"]);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_waited_for_without_a_recipient_gets_a_lone_dot() {
    let server =
        server(|line, nth| if line.starts_with("RCPT") && nth == 1 { say("550 5.1.1 no") } else { None }).await;
    let (reported, ended, log) = carry(&server, 3).await;
    let mut expected = all(3);
    expected[1].1 = Expect::Rejected(Reason::NoSuchAddress);
    assert_eq!((reported, ended), (expected, Ok(())));
    assert_eq!(log.messages[1], b"", "the refused message's text did not go through");
    assert_eq!(log.messages.len(), 3);
}

#[tokio::test]
async fn a_body_that_is_waited_for_with_a_recipient_gets_nothing_at_all() {
    // MAIL refused, RCPT and DATA taken: a dot would send that reader an empty message.
    let server =
        server(|line, nth| if line.starts_with("MAIL") && nth == 1 { say("451 4.3.0 no") } else { None }).await;
    let (reported, ended, log) = carry(&server, 3).await;
    let mut expected = all(3);
    expected[1].1 = Expect::Later(Reason::Temporary);
    assert_eq!((reported, ended), (expected, Ok(())));
    assert_eq!(subjects(&log), ["0", "2"]);
    assert_eq!(log.commands.iter().filter(|command| *command == "CONNECT").count(), 2);
}

#[tokio::test]
async fn only_the_message_whose_dot_was_written_is_in_doubt() {
    // The third dot is not answered, and the relay does not come back.
    let server = server(|line, nth| match (line, nth) {
        (".", 2) => Some(SmtpAnswer::HangUp),
        ("CONNECT", 1) => Some(SmtpAnswer::HangUp),
        _ => None,
    })
    .await;
    let (reported, ended, _) = carry(&server, 5).await;
    let mut expected = all(3);
    expected[2].1 = Expect::InDoubt;
    assert_eq!((reported, ended), (expected, Err(Reason::Unreachable)), "the fourth was not written, and not reported");
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again_and_nothing_is_sent_twice() {
    let server = server(|line, nth| match (line, nth) {
        (".", 2) => Some(SmtpAnswer::HangUp),
        _ => None,
    })
    .await;
    let (reported, ended, log) = carry(&server, 6).await;
    let mut expected = all(6);
    expected[2].1 = Expect::InDoubt;
    assert_eq!((reported, ended), (expected, Ok(())));
    assert_eq!(subjects(&log), ["0", "1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_relay_that_has_seen_too_many_dead_addresses_is_called_again() {
    for offers in [vec!["PIPELINING"], vec![]] {
        let rule = |line: &str, nth: usize| match line {
            "RSET" if nth == 0 => Some(SmtpAnswer::SayAndHangUp("421 4.7.0 Error: too many errors".to_owned())),
            _ if line.starts_with("RCPT TO:<reader0@") => say("550 5.1.1 no such user"),
            _ => None,
        };
        let server = SmtpServer::start(SmtpScript { offers, rule: Box::new(rule), ..SmtpScript::default() }).await;
        let (reported, ended, log) = carry(&server, 3).await;
        let mut expected = all(3);
        expected[0].1 = Expect::Rejected(Reason::NoSuchAddress);
        assert_eq!((reported, ended), (expected, Ok(())));
        assert_eq!(log.messages.iter().filter(|message| !message.is_empty()).count(), 2);
    }
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_made_again() {
    // Refused at the envelope after two messages: nothing of the third was written.
    let server = server(|line, nth| match (line.get(..4), nth) {
        (Some("MAIL"), 2) => Some(SmtpAnswer::SayAndHangUp("421 4.4.2 idle".to_owned())),
        _ => None,
    })
    .await;
    let (reported, ended, log) = carry(&server, 4).await;
    assert_eq!((reported, ended), (all(4), Ok(())));
    assert_eq!(subjects(&log), ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn a_relay_that_takes_nothing_is_unavailable_and_nothing_is_reported() {
    let server =
        server(|line, _| line.starts_with("MAIL").then(|| SmtpAnswer::SayAndHangUp("421 4.7.28 slow".to_owned())))
            .await;
    let (reported, ended, _) = carry(&server, 3).await;
    assert_eq!((reported, ended), (vec![], Err(Reason::Throttled)));
}

#[tokio::test]
async fn a_bad_address_is_refused_before_anything_is_written() {
    let server = server(|_, _| None).await;
    let provider = testkit::provider(clear(server.port), &testkit::world());
    let mut parcels = mails(3);
    parcels[1].to = "a@b.example>\r\nRCPT TO:<victim@example.com".to_owned();
    let (reported, ended) = testkit::carry(&*provider, parcels).await;
    assert!(ended.is_ok());
    let expected = [Expect::Accepted, Expect::Rejected(Reason::BadAddress), Expect::Accepted];
    let mut outcomes: Vec<Expect> = reported.iter().map(|(_, outcome)| Expect::of(outcome)).collect();
    // It is known at once, while the one before it still waits for its reply.
    outcomes.sort_by_key(|outcome| *outcome != Expect::Accepted);
    assert_eq!(outcomes, [expected[0], expected[2], expected[1]]);
    assert!(!server.log().commands.iter().any(|command| command.contains("victim")));
}

#[tokio::test]
async fn the_wire_holds_what_the_message_holds() {
    let server = server(|_, _| None).await;
    let provider = testkit::provider(clear(server.port), &testkit::world());
    let raw = "Subject: a\r\n\r\n.dot\r\nsmuggled\n.\nMAIL FROM:<x@y.example>\r.\rend";
    let outcome = provider.send(&parcels::mail_to("a@b.example", raw)).await;
    assert_eq!(Expect::of(&outcome), Expect::Accepted);
    let expected = "Subject: a\r\n\r\n..dot\r\nsmuggled\r\n..\r\nMAIL FROM:<x@y.example>\r\n..\r\nend\r\n";
    assert_eq!(String::from_utf8(server.log().messages[0].clone()).unwrap(), expected);
    assert_eq!(server.log().messages.len(), 1);
}

#[tokio::test]
async fn plain_and_login_sign_in() {
    for (offer, expected) in
        [("AUTH PLAIN LOGIN", "AUTH PLAIN AHVzZXIAa2l0LXNlY3JldC01ZDFmMGM="), ("auth login", "AUTH LOGIN")]
    {
        let rule = |line: &str, _| match line {
            "AUTH LOGIN" => say("334 VXNlcm5hbWU6"),
            "dXNlcg==" => say("334 UGFzc3dvcmQ6"),
            "a2l0LXNlY3JldC01ZDFmMGM=" => say("235 welcome"),
            _ => None,
        };
        let server =
            SmtpServer::start(SmtpScript { offers: vec![offer], rule: Box::new(rule), ..SmtpScript::default() }).await;
        let mut settings = clear(server.port);
        settings["username"] = json!("user");
        settings["password"] = json!({ "file": SECRET_FILE });
        let provider = testkit::provider(settings, &testkit::world());
        assert_eq!(provider.check().await.unwrap().summary, "signed in in clear text, without pipelining");
        assert_eq!(server.log().commands[2], expected);
    }
}

fn server_config() -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(CERTIFICATE).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

#[tokio::test]
async fn starttls_and_implicit_tls_carry_and_verify() {
    for (tls, implicit) in [("starttls", false), ("implicit", true)] {
        let offers = vec!["PIPELINING", "STARTTLS"];
        let script = SmtpScript { offers, tls: Some(server_config()), implicit, ..SmtpScript::default() };
        let server = SmtpServer::start(script).await;
        let trusting = json!({
            "kind": "smtp", "host": "127.0.0.1", "port": server.port, "tls": tls,
            "tls_name": "relay.test", "ca_file": CERTIFICATE,
        });
        let (reported, ended) =
            testkit::carry(&*testkit::provider(trusting.clone(), &testkit::world()), mails(3)).await;
        assert_eq!((reported.len(), ended), (3, Ok(())), "{tls}");
        assert_eq!(subjects(&server.log()), ["0", "1", "2"]);

        for (key, value) in [("ca_file", Value::Null), ("tls_name", json!("other.test"))] {
            let mut wary = trusting.clone();
            wary[key] = value;
            let gone = testkit::provider(wary, &testkit::world()).check().await.unwrap_err();
            assert_eq!(gone.reason, Reason::BadAnswer, "{tls} {key}: {gone}");
            assert!(gone.detail.contains("certificate"), "{gone}");
        }
    }
}

#[tokio::test]
async fn starttls_is_required_and_not_injected_into() {
    let required = json!({ "kind": "smtp", "host": "127.0.0.1", "tls": "starttls", "ca_file": CERTIFICATE });
    let check = async |script| {
        let server = SmtpServer::start(script).await;
        let mut settings = required.clone();
        settings["port"] = json!(server.port);
        let gone = testkit::provider(settings, &testkit::world()).check().await.unwrap_err();
        (gone, server.log())
    };
    let (gone, log) = check(SmtpScript::default()).await;
    assert!(gone.detail.contains("STARTTLS"), "{gone}");
    assert!(!log.commands.iter().any(|command| command.starts_with("AUTH") || command.starts_with("MAIL")));

    let injected = |line: &str, _| if line == "STARTTLS" { say("220 go on\r\n250 injected") } else { None };
    let script = SmtpScript {
        offers: vec!["STARTTLS"],
        rule: Box::new(injected),
        tls: Some(server_config()),
        ..SmtpScript::default()
    };
    let (gone, _) = check(script).await;
    assert!(gone.detail.contains("before it was secured"), "{gone}");
}

#[test]
fn settings_that_cannot_work_name_their_key() {
    let refused = |change: Value| {
        let mut settings = clear(25);
        settings.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let settings: crate::registry::ProviderSettings = serde_json::from_value(settings).unwrap();
        crate::registry::build("kit", &settings, &testkit::world()).err().map(|error| error.key)
    };
    let key = |key: &str| Some(key.to_owned());
    assert_eq!(refused(json!({})), None);
    assert_eq!(refused(json!({ "host": "relay.example" })), key("tls"));
    assert_eq!(refused(json!({ "host": "relay.example", "allow_cleartext": true })), None);
    assert_eq!(refused(json!({ "host": "smtp://relay.example" })), key("host"));
    assert_eq!(refused(json!({ "username": "u" })), key("password"));
    assert_eq!(refused(json!({ "hello": "a b" })), key("hello"));
    assert_eq!(refused(json!({ "timeouts": { "accept_seconds": 0 } })), key("timeouts.accept_seconds"));
    assert_eq!(refused(json!({ "tls": "implicit", "ca_file": "/nonexistent" })), key("ca_file"));
    assert_eq!(refused(json!({ "tls": "implicit", "ca_file": SECRET_FILE })), key("ca_file"));
}
