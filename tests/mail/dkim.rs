//! What we sign, others verify: dkimpy and opendkim, before and after a real mail server.

use std::path::Path;

use jiff::Timestamp;
use mail_parser::MessageParser;
use onevoice::dkim::{Key, Signer, signed};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::parts::{dkim, folder, postfix::Postfix};
use crate::site::{Site, content, person};

async fn signers(folder: &Path) -> (Vec<Signer>, Vec<(String, String)>) {
    let mut signers = Vec::new();
    for (algorithm, selector, domain) in
        [("RSA", "r1", "sender.test"), ("ED25519", "e1", "sender.test"), ("RSA", "r1", "relay.test")]
    {
        let file = folder.join(format!("{algorithm}.pem"));
        let file = if file.exists() { file } else { dkim::make_key(folder, algorithm).await };
        let key = Key::read(&file).expect("openssl writes keys that can be read");
        signers.push(Signer { domain: domain.to_owned(), selector: selector.to_owned(), key });
    }
    let records = signers.iter().map(record).collect();
    (signers, records)
}

fn record(signer: &Signer) -> (String, String) {
    (format!("{}._domainkey.{}", signer.selector, signer.domain), signer.key.record())
}

fn header() -> impl Strategy<Value = String> {
    let name =
        prop_oneof![Just("Subject"), Just("FROM"), Just("To"), Just("X-Other"), Just("References"), Just("List-Id")];
    let word = prop_oneof!["[ -~]{0,20}", "[a-zäöü€ ]{0,20}", "[ \t]{1,3}", Just("x".repeat(300))];
    (name, prop_oneof![Just(""), Just(" "), Just("\t ")], prop::collection::vec(word, 1..4)).prop_map(
        |(name, space, words)| {
            // A folded line that is only white space is not a header's.
            let words: Vec<String> = words.iter().map(|word| format!("{word}.")).collect();
            format!("{name}:{space}{}\r\n", words.join("\r\n "))
        },
    )
}

fn mail() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just(String::new()),
        "[ \t]{1,4}",
        "[ -~]{0,80}",
        "[\\PC \t]{0,40}",
        Just("ä".repeat(400)),
        Just(".".to_owned()),
    ];
    let end = prop_oneof![Just(""), Just("\r\n"), Just("\r\n\r\n \r\n"), Just("last words")];
    (prop::collection::vec(header(), 0..6), prop::collection::vec(line, 0..8), end).prop_map(|(headers, lines, end)| {
        let body: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        format!("From: Acme <a@sender.test>\r\n{}\r\n{body}{end}", headers.concat()).into_bytes()
    })
}

#[tokio::test]
async fn dkimpy_verifies_whatever_we_sign() {
    let folder = folder::work();
    let (signers, records) = signers(folder.path()).await;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut mails: Vec<Vec<u8>> = (0..300).map(|_| mail().new_tree(&mut runner).expect("a mail").current()).collect();
    mails.extend(
        [
            "",
            "\r\n",
            "\r\n\r\n\r\n",
            " \r\n\t\r\n",
            "Größe: 🚨",
            "a\r\n\r\n\r\n",
            &format!("{}\r\n", "long ".repeat(400)),
        ]
        .map(|body| format!("From: a@sender.test\r\nTo: b@x.test\r\n\r\n{body}").into_bytes()),
    );
    let at = Timestamp::from_second(1_700_000_000).expect("a time");
    let signed: Vec<Vec<u8>> = mails.iter().map(|mail| signed(&signers, mail, at)).collect();
    let verified = dkim::dkimpy(&records, &signed).await;
    for (verified, mail) in verified.iter().zip(&mails) {
        assert_eq!(verified, &[true; 3], "{:?}", String::from_utf8_lossy(mail));
    }
    // The verifier tells: a word changed, or a second sender, and none counts.
    let mail = String::from_utf8(signed[300].clone()).expect("text");
    let forged = [
        mail.replacen("To: b", "To: c", 1),
        format!("{mail}one more"),
        mail.replacen("To: b", "From: eve@x.test\r\nTo: b", 1),
    ];
    let forged: Vec<Vec<u8>> = forged.into_iter().map(String::into_bytes).collect();
    assert_eq!(dkim::dkimpy(&records, &forged).await, vec![vec![false; 3]; 3]);
}

#[tokio::test]
async fn opendkim_verifies_what_we_sign() {
    let folder = folder::work();
    let (signers, records) = signers(folder.path()).await;
    let at = Timestamp::from_second(1_700_000_000).expect("a time");
    let head = "From: =?utf-8?q?St=C3=B6rung?= <a@sender.test>\r\nTo: b@x.test\r\nSubject: one\r\n  two\r\n\
        Date: Sat, 21 Nov 2026 10:51:00 +0000\r\nMessage-ID: <1@sender.test>\r\n";
    for body in ["", "Größe: 🚨 \t x\r\n\r\n", &format!("{}\r\n", "long ".repeat(180)), "a\r\n \r\n"] {
        let mail = signed(&signers[..1], format!("{head}\r\n{body}").as_bytes(), at);
        let said = dkim::opendkim(&records[0], &mail).await;
        assert!(said.contains("verification (s=r1, d=sender.test, 2048-bit key) succeeded"), "{body:?}: {said}");
        let said = dkim::opendkim(&records[0], &[&mail[..], b"x"].concat()).await;
        assert!(!said.contains("succeeded"), "{said}");
    }
}

#[tokio::test]
async fn a_broadcast_through_postfix_arrives_with_signatures_that_count() {
    let postfix = Postfix::start().await;
    let people = [
        person("c1", "Zoë Müller", Some("anna@example.test"), None),
        person("c2", "Ben", Some("ben@example.test"), None),
    ];
    let relay = format!(
        "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n",
        postfix.port
    );
    let site = Site::new(&relay, &people).await;
    let (signers, records) = signers(site.folder.path()).await;
    let key = |signer: &Signer, file| {
        format!("[[dkim]]\ndomain = {:?}\nselector = {:?}\nkey_file = {file:?}\n", signer.domain, signer.selector)
    };
    site.configure(&format!("{relay}{}{}", key(&signers[0], "RSA.pem"), key(&signers[1], "ED25519.pem")));
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("investigating", "Störung: card payments fail")).await;
    let broadcast = approver.approve(update, &submitted).await;
    author.ended(broadcast).await;
    let mails: Vec<Vec<u8>> =
        [postfix.mail_for("anna@example.test", 1).await, postfix.mail_for("ben@example.test", 1).await].concat();
    // A mailbox has LF; what was on the wire had CRLF.
    let wire: Vec<Vec<u8>> = mails
        .iter()
        .map(|mail| String::from_utf8(mail.clone()).expect("text").replace('\n', "\r\n").into_bytes())
        .collect();
    assert_eq!(dkim::dkimpy(&records, &wire).await, vec![vec![true; 2]; 2]);
    for mail in &wire {
        let said = dkim::opendkim(&records[0], mail).await;
        assert!(said.contains("verification (s=r1, d=sender.test, 2048-bit key) succeeded"), "{said}");
        let head = String::from_utf8_lossy(mail).into_owned();
        for name in ["list-unsubscribe:list-unsubscribe-post", "list-id", "auto-submitted", "message-id"] {
            let unfolded = head.replace("\r\n\t", "");
            assert!(unfolded.contains(name), "{name} is not signed: {head}");
        }
        assert!(MessageParser::default().parse(mail).is_some());
    }
    daemon.stop().await;
}
