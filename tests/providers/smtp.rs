//! `smtp` against Postfix, smtp-server and smtp-sink: how mail gets there. What goes wrong is in `smtp_faults`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use lettre::message::{Message, MultiPart};
use mail_parser::{MessageParser, MimeHeaders};
use onevoice_channels::contract::{Outcome, Parcel, Provider, Reason};
use onevoice_channels::registry::{self, ProviderSettings};
use onevoice_channels::testkit::{self, Expect};
use serde_json::{Value, json};

use super::{SENDER, accepted, carry, letter, mail};
use crate::parts::postfix::Postfix;
use crate::parts::ready;
use crate::parts::smtp_server::{LOGIN, SmtpServer};
use crate::parts::smtp_sink::SmtpSink;

/// The settings for a relay on this machine; its certificate is for `localhost`.
pub(super) fn relay(port: u16, tls: &str) -> Value {
    json!({ "kind": "smtp", "host": "localhost", "port": port, "tls": tls })
}

pub(super) fn build(settings: Value) -> Arc<dyn Provider> {
    super::provider(settings, &[], &testkit::world())
}

pub(super) fn trusting(mut settings: Value, authority: &Path) -> Value {
    settings["ca_file"] = json!(authority);
    settings
}

pub(super) fn signed_in(server: &SmtpServer, password: &str) -> Arc<dyn Provider> {
    let mut settings = trusting(relay(server.port, "starttls"), &server.authority);
    settings["username"] = json!(LOGIN.0);
    super::provider(settings, &[("/password", password)], &testkit::world())
}

/// What a mailbox has of a mail below the lines that Postfix put on top of it.
fn without_trace(mail: &[u8]) -> String {
    let text = String::from_utf8(mail.to_vec()).expect("what was sent is UTF-8");
    let start = text.find("\nFrom: ").expect("the mail's own first line");
    text[start + 1..].to_owned()
}

/// How a mailbox of Postfix writes a mail: each line ends in LF, the last one too.
fn as_stored(parcel: &Parcel) -> String {
    let onevoice_channels::contract::Content::Mail { raw, .. } = &parcel.content else { panic!("a mail") };
    let text = String::from_utf8(raw.to_vec()).expect("it is UTF-8").replace("\r\n", "\n").replace('\r', "\n");
    if text.ends_with('\n') { text } else { text + "\n" }
}

#[tokio::test]
async fn postfix_takes_mail_over_both_kinds_of_tls() {
    let postfix = Postfix::start().await;
    let ways = [(postfix.port, "starttls"), (postfix.tls_port, "implicit"), (postfix.must_tls_port, "starttls")];
    for (ordinal, (port, tls)) in ways.into_iter().enumerate() {
        let provider = build(trusting(relay(port, tls), &postfix.authority));
        let report = provider.check().await.expect("it can be reached");
        assert_eq!(report.summary, "connected without credentials over TLS, with pipelining");
        let sent = provider.send(&letter(ordinal as i64, "user@example.test", "Power is out.\r\n")).await;
        let (reference, parts) = accepted(sent);
        assert!(reference.starts_with("250 2.0.0 Ok: queued as ") && parts == 1, "{reference}");
    }
    for mail in postfix.mail_for("user@example.test", 3).await {
        let mail = String::from_utf8(mail).expect("ASCII");
        assert!(mail.contains(" with ESMTPS "), "{mail}");
        assert!(mail.starts_with(&format!("Return-Path: <{SENDER}>\n")), "{mail}");
    }
}

#[tokio::test]
async fn a_relay_that_cannot_prove_itself_gets_nothing() {
    let postfix = Postfix::start().await;
    for (port, tls) in [(postfix.port, "starttls"), (postfix.tls_port, "implicit")] {
        let mut elsewhere = trusting(relay(port, tls), &postfix.authority);
        elsewhere["tls_name"] = json!("relay.example");
        for (settings, words) in [(relay(port, tls), "UnknownIssuer"), (elsewhere, "not valid for name")] {
            let provider = build(settings);
            let (outcomes, ended) = carry(&*provider, vec![letter(1, "user@example.test", "Power is out.")]).await;
            let refusal = ended.expect_err("it is not to be trusted");
            assert_eq!((outcomes, refusal.reason), (vec![], Reason::BadAnswer));
            assert!(refusal.detail.contains("certificate") && refusal.detail.contains(words), "{refusal}");
            assert_eq!(provider.check().await, Err(refusal));
        }
    }
    // Where the relay offers no TLS, nothing goes in clear text.
    let sink = SmtpSink::start().await;
    let refusal = build(relay(sink.port, "starttls")).check().await.expect_err("it offers no TLS");
    assert_eq!(refusal.detail, "the relay does not offer STARTTLS; nothing is sent in clear text");
    assert!(postfix.mail_now("user@example.test").is_empty() && sink.mails().is_empty());
}

#[tokio::test]
async fn settings_may_come_from_toml() {
    let sink = SmtpSink::start().await;
    let settings = format!("kind = 'smtp'\nhost = '127.0.0.1'\nport = {}\ntls = 'none'\npipelining = false", sink.port);
    let settings: ProviderSettings = toml::from_str(&settings).expect("settings that can be read");
    let provider = registry::build("relay", &settings, &testkit::world()).expect("settings that can be used");
    assert_eq!(
        provider.check().await.expect("it is there").summary,
        "connected without credentials in clear text, without pipelining"
    );
    accepted(provider.send(&letter(1, "user@example.test", "Power is out.\r\n")).await);
    assert_eq!(sink.mails()[0].header("message-id").as_deref(), Some("<1@sender.test>"));
}

#[tokio::test]
async fn every_mail_of_a_pipelined_connection_arrives_byte_for_byte() {
    let postfix = Postfix::start().await;
    let provider = build(trusting(relay(postfix.port, "starttls"), &postfix.authority));
    let long = format!("{}\r\n.{}\r\n", "word ".repeat(1000), "ü".repeat(400));
    let texts = [
        "Power is out.\r\n",
        "",
        "no line end at the end",
        "\r\n\r\n",
        ".\r\n..\r\n...\r\n.a\r\n",
        "a\n.\nMAIL FROM:<x@sender.test>\n",
        "a\r.\rRCPT TO:<x@sender.test>\r",
        "a\r\n.\r\nDATA\r\n.\r\n",
        "a\n.\r\nb\r\n.\nc\r\r\n.\r\r\n",
        "QUIT\r\nRSET\r\n\t\u{7f}\u{0b} Größe: 🚨\r\n",
        long.as_str(),
    ];
    let recipients = ["user@example.test", "anna@example.test", "ben+tag@example.test", "chris@example.test"];
    let mailboxes = ["user@example.test", "anna@example.test", "ben@example.test", "chris@example.test"];
    let parcels: Vec<_> =
        (0..44).map(|ordinal| letter(ordinal, recipients[ordinal as usize % 4], texts[ordinal as usize / 4])).collect();
    let (outcomes, ended) = carry(&*provider, parcels.clone()).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(outcomes, (0..44).map(|ordinal| (ordinal, Expect::Accepted)).collect::<Vec<_>>());

    for (place, mailbox) in mailboxes.into_iter().enumerate() {
        let mails = postfix.mail_for(mailbox, texts.len()).await;
        let came: BTreeSet<_> = mails.iter().map(|mail| without_trace(mail)).collect();
        let sent: BTreeSet<_> = parcels.iter().skip(place).step_by(4).map(as_stored).collect();
        assert_eq!(came, sent);
        assert_eq!(mails.len(), texts.len(), "nothing was smuggled in");
    }
    // Postfix sums up each connection when it ends.
    ready::until("the one connection to end", async || {
        postfix.log().contains(" ehlo=2 starttls=1 mail=44 rcpt=44 data=44 quit=1 commands=136\n").then_some(())
    })
    .await;
}

#[tokio::test]
async fn addresses_outside_ascii_go_where_they_can() {
    let postfix = Postfix::start().await;
    let sink = SmtpSink::start().await;
    for (to, in_ascii) in [("jörg@full.test", false), ("joerg@bücher.test", true)] {
        let parcel = || vec![letter(1, to, "Power is out.\r\n")];
        let (outcomes, ended) = carry(&*build(relay(postfix.port, "none")), parcel()).await;
        assert_eq!((outcomes, ended), (vec![(1, Expect::Accepted)], Ok(())), "{to}");
        let (outcomes, ended) = carry(&*build(relay(sink.port, "none")), parcel()).await;
        let expected = if in_ascii { Expect::Accepted } else { Expect::Rejected(Reason::BadAddress) };
        assert_eq!((outcomes, ended), (vec![(1, expected)], Ok(())), "{to}");
    }
    assert_eq!(sink.mails()[0].recipients, ["joerg@xn--bcher-kva.test"]);
    for to in ["to=<jörg@full.test>, ", "to=<joerg@xn--bcher-kva.test>, "] {
        ready::until(to, async || postfix.log().contains(to).then_some(())).await;
    }
}

#[tokio::test]
async fn a_mail_of_several_parts_is_read_as_it_was_built() {
    let postfix = Postfix::start().await;
    let provider = build(trusting(relay(postfix.port, "starttls"), &postfix.authority));
    let (plain, html) = ("Störung in Köln 🚨\r\n.\r\n", "<p lang=de>Störung in <b>Köln</b> 🚨</p>\r\n.\r\n");
    let built = Message::builder()
        .from("Störungsdienst <alerts@sender.test>".parse().expect("an address"))
        .to("Anna Müller <anna@example.test>".parse().expect("an address"))
        .subject("Störung: Köln, Bonn und ein Betreff, der länger ist als eine Zeile von 78 Zeichen")
        .multipart(MultiPart::alternative_plain_html(plain.to_owned(), html.to_owned()))
        .expect("a mail");
    accepted(provider.send(&mail(1, "anna@example.test", &built.formatted())).await);

    let arrived = &postfix.mail_for("anna@example.test", 1).await[0];
    let message = MessageParser::default().parse(arrived).expect("a mail");
    let subject = "Störung: Köln, Bonn und ein Betreff, der länger ist als eine Zeile von 78 Zeichen";
    assert_eq!(message.subject(), Some(subject));
    assert_eq!(message.from().and_then(|from| from.first()?.name()), Some("Störungsdienst"));
    let kinds: Vec<_> =
        message.parts.iter().filter_map(|part| part.content_type()?.subtype().map(str::to_owned)).collect();
    assert_eq!(kinds, ["alternative", "plain", "html"]);
    let lines = |text: &str| text.replace("\r\n", "\n");
    assert_eq!(message.body_text(0).map(|text| lines(&text)), Some(lines(plain)));
    assert_eq!(message.body_html(0).map(|text| lines(&text)), Some(lines(html)));
}

#[tokio::test]
async fn it_signs_in_by_plain_or_by_login() {
    for (server, mechanism) in
        [(SmtpServer::start().await, "PLAIN"), (SmtpServer::start_with_auth_login_only().await, "LOGIN")]
    {
        let provider = signed_in(&server, LOGIN.1);
        let report = provider.check().await.expect("name and password are right");
        assert_eq!(report.summary, "signed in over TLS, with pipelining");
        let parcels = (0..5).map(|ordinal| letter(ordinal, "user@example.test", "Power is out.\r\n")).collect();
        let (outcomes, ended) = carry(&*provider, parcels).await;
        assert_eq!((outcomes.len(), ended), (5, Ok(())));
        let state = server.state().await;
        assert_eq!(state.mechanisms, [mechanism; 2], "one for the check, one for five mails");
        assert_eq!(state.messages.len(), 5);
        assert!(state.messages.iter().all(|mail| mail.tls && mail.user.as_deref() == Some(LOGIN.0)));

        let wrong = signed_in(&server, "a wrong one");
        let (outcomes, ended) = carry(&*wrong, vec![letter(9, "user@example.test", "Power is out.\r\n")]).await;
        let refusal = ended.expect_err("the password is wrong");
        assert_eq!((outcomes, refusal.reason), (vec![], Reason::Unauthorized));
        assert_eq!(refusal.detail, "535: the relay refuses username or password");
        assert_eq!(wrong.check().await, Err(refusal));
        assert_eq!(server.state().await.messages.len(), 5);
    }
}

#[tokio::test]
async fn a_relay_that_wants_a_login_and_gets_none_is_unavailable() {
    let server = SmtpServer::start().await;
    let provider = build(trusting(relay(server.port, "starttls"), &server.authority));
    let (outcomes, ended) = carry(&*provider, vec![letter(1, "user@example.test", "Power is out.\r\n")]).await;
    assert_eq!((outcomes, ended.expect_err("it wants a login").reason), (vec![], Reason::Unauthorized));
}

#[tokio::test]
async fn two_thousand_mails_arrive_once_each() {
    let sink = SmtpSink::start().await;
    let provider = build(relay(sink.port, "none"));
    let run = async |first: i64| {
        let parcels = (first..first + 500).map(|ordinal| letter(ordinal, "user@example.test", "Power is out.\r\n"));
        carry(&*provider, parcels.collect()).await
    };
    let runs = tokio::join!(run(0), run(500), run(1000), run(1500));
    for (outcomes, ended) in [runs.0, runs.1, runs.2, runs.3] {
        assert_eq!(ended, Ok(()));
        assert_eq!(outcomes.iter().filter(|(_, outcome)| *outcome == Expect::Accepted).count(), 500);
    }
    let mails = sink.mails();
    let ids: BTreeSet<_> = mails.iter().filter_map(|mail| mail.header("message-id")).collect();
    let expected: BTreeSet<_> = (0..2000).map(|ordinal| format!("<{ordinal}@sender.test>")).collect();
    assert_eq!((mails.len(), ids), (2000, expected));
    assert!(mails.iter().all(|mail| mail.message.ends_with("\n\nPower is out.\n")));
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_unavailable() {
    let provider = build(relay(crate::parts::port::free(), "none"));
    let (outcomes, ended) = carry(&*provider, vec![letter(1, "user@example.test", "Power is out.\r\n")]).await;
    let refusal = ended.expect_err("nobody listens");
    assert_eq!((outcomes, refusal.reason), (vec![], Reason::Unreachable));
    assert_eq!(refusal.detail, "the connection failed: connection refused");
    assert_eq!(provider.check().await, Err(refusal));
    let outcome = provider.send(&letter(1, "user@example.test", "Power is out.\r\n")).await;
    assert!(matches!(outcome, Outcome::Later { reason: Reason::Unreachable, .. }), "{outcome:?}");
}
