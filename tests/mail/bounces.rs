//! What comes back by mail, from a real mail server to the daemon's door for it.

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::parts::{postfix::Postfix, ready};
use crate::site::{Client, Daemon, Site, content, person};

const DESK: &str = "chris@example.test";

/// A client that speaks one command at a time.
struct Mailer(BufReader<TcpStream>);

impl Mailer {
    async fn to(port: u16, hello: &str) -> Mailer {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("somebody listens");
        let mut mailer = Mailer(BufReader::new(stream));
        mailer.reply().await;
        mailer.ask(hello).await;
        mailer
    }

    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.expect("an answer");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn ask(&mut self, command: &str) -> String {
        self.0.write_all(format!("{command}\r\n").as_bytes()).await.expect("it listens");
        self.reply().await
    }

    /// Hands a mail to one recipient; the last answer.
    async fn send(&mut self, from: &str, to: &str, mail: &str) -> String {
        self.ask(&format!("MAIL FROM:<{from}>")).await;
        let taken = self.ask(&format!("RCPT TO:<{to}>")).await;
        if !taken.starts_with("250") {
            return taken;
        }
        self.ask("DATA").await;
        self.ask(&format!("{}\r\n.", mail.replace('\n', "\r\n"))).await
    }
}

/// A daemon whose bounces come back from this mail server, and a broadcast that has gone to everybody.
pub(super) struct Stage {
    pub(super) daemon: Daemon,
    pub(super) author: Client,
    pub(super) broadcast: i64,
    _site: Site,
}

pub(super) async fn stage(postfix: &Postfix, addresses: &[&str], desk: bool) -> Stage {
    let people: Vec<_> = addresses
        .iter()
        .enumerate()
        .map(|(place, address)| person(&format!("c{place}"), "Maria", Some(address), None))
        .collect();
    let desk = if desk { format!("help_desk = {DESK:?}\n") } else { String::new() };
    let providers = format!(
        "[bounces]\nlisten = \"127.0.0.1:{}\"\n{desk}\
         [[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n",
        postfix.returns_port, postfix.port
    );
    let site = Site::new(&providers, &people).await;
    let config = std::fs::read_to_string(site.config()).expect("the folder is readable");
    let with_path = config.replace("[retry]", "bounce_address = \"bounces+{token}@bounces.test\"\n[retry]");
    std::fs::write(site.config(), with_path).expect("the folder is writable");
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let broadcast = broadcast(&author, &approver).await;
    Stage { daemon, author, broadcast, _site: site }
}

async fn broadcast(author: &Client, approver: &Client) -> i64 {
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("investigating", "Card payments fail")).await;
    let broadcast = approver.approve(update, &submitted).await;
    author.ended(broadcast).await;
    broadcast
}

impl Stage {
    /// Waits until a delivery has a state; its reason.
    async fn becomes(&self, address: &str, state: &str) -> Value {
        ready::until(&format!("{address} to be {state}"), async || {
            let seen = self.author.deliveries(self.broadcast, "email").await;
            let found = &seen[address];
            (found["state"] == state).then(|| found["reason"].clone())
        })
        .await
    }

    async fn state(&self, address: &str) -> Value {
        self.author.deliveries(self.broadcast, "email").await[address]["state"].clone()
    }

    pub(super) async fn suppressed(&self) -> Vec<(String, String)> {
        let page = self.author.get("/suppressions").await;
        let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let items = page["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| (text(item, "value"), text(item, "reason"))).collect()
    }
}

/// The address that a mail in a mailbox would bounce to.
fn return_path(mail: &[u8]) -> String {
    let text = String::from_utf8_lossy(mail);
    let line = text.lines().find_map(|line| line.strip_prefix("Return-Path: <")).expect("Postfix writes one");
    line.trim_end_matches('>').to_owned()
}

#[tokio::test]
async fn the_reports_of_a_real_mail_server_end_deliveries() {
    let postfix = Postfix::start().await;
    let stage = stage(
        &postfix,
        &["anna@example.test", "nobody@example.test", "x@full.test", "x@policy.test", "x@slow.test"],
        false,
    )
    .await;
    assert_eq!(stage.becomes("nobody@example.test", "failed").await, "no_such_address");
    assert_eq!(stage.becomes("x@full.test", "failed").await, "mailbox_full");
    assert_eq!(stage.becomes("x@policy.test", "failed").await, "blocked");
    ready::until("the report of a delay to be kept", async || {
        (postfix.log().matches("(250 2.0.0 it is kept)").count() >= 4).then_some(())
    })
    .await;
    assert_eq!(stage.state("x@slow.test").await, "accepted", "a delay changes nothing");
    assert_eq!(stage.state("anna@example.test").await, "accepted");
    assert_eq!(stage.suppressed().await, [("nobody@example.test".to_owned(), "no_such_address".to_owned())]);

    // A report of success, asked for by hand under the same return path.
    let path = return_path(&postfix.mail_for("anna@example.test", 1).await[0]);
    let mut mailer = Mailer::to(postfix.port, "EHLO test").await;
    mailer.ask(&format!("MAIL FROM:<{path}> RET=HDRS")).await;
    mailer.ask("RCPT TO:<ben@example.test> NOTIFY=SUCCESS").await;
    mailer.ask("DATA").await;
    assert!(mailer.ask("Subject: again\r\n\r\nHello\r\n.").await.starts_with("250"));
    assert_eq!(stage.becomes("anna@example.test", "delivered").await, Value::Null);
    stage.daemon.stop().await;
}

const REPORT: &str = "From: MAILER-DAEMON@mx.test\nMIME-Version: 1.0\nContent-Type: multipart/report; \
    report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n\
    Final-Recipient: rfc822; a@x.test\nAction: failed\nStatus: 5.1.1\n\n--b--\n";

#[tokio::test]
async fn what_is_forged_or_automatic_changes_nothing_and_a_complaint_does() {
    let postfix = Postfix::start().await;
    let stage = stage(&postfix, &["anna@example.test"], false).await;
    let path = return_path(&postfix.mail_for("anna@example.test", 1).await[0]);
    let last = if path.contains("0@") { "1@" } else { "0@" };
    let at = path.find('@').expect("an address");
    let forged = format!("{}{last}{}", &path[..at - 1], &path[at + 1..]);

    let mut mailer = Mailer::to(postfix.returns_port, "LHLO test").await;
    assert!(mailer.send("", &forged, REPORT).await.starts_with("550 5.1.1"));
    assert!(mailer.send("", "bounces+@bounces.test", REPORT).await.starts_with("550 5.1.1"));
    assert!(mailer.send("", "anna@example.test", REPORT).await.starts_with("550 5.1.1"));
    let away = "From: anna@example.test\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nI am away. 5.1.1 user unknown\n";
    assert_eq!(mailer.send("", &path, away).await, "250 2.0.0 it is kept");
    // A report to the sender's own address names no delivery that could be believed.
    assert_eq!(mailer.send("", "status@sender.test", REPORT).await, "250 2.0.0 it is kept");
    assert_eq!(stage.state("anna@example.test").await, "accepted");
    let words = "From: anna@example.test\nSubject: Re: Card payments\n\nWhen will it work?\n";
    assert!(mailer.send("anna@example.test", "status@sender.test", words).await.starts_with("550 5.7.1 nobody reads"));

    let complaint = "From: fbl@isp.test\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; \
        boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: isp/1\nVersion: 1\n\n\
        --b\nContent-Type: message/rfc822\n\nReturn-Path: <PATH>\nSubject: Card payments fail\n\nText\n\n--b--\n";
    let strange = complaint.replace("PATH", &forged);
    assert_eq!(mailer.send("fbl@isp.test", "status@sender.test", &strange).await, "250 2.0.0 it is kept");
    assert!(stage.suppressed().await.is_empty());
    let real = complaint.replace("PATH", &path);
    assert_eq!(mailer.send("fbl@isp.test", "status@sender.test", &real).await, "250 2.0.0 it is kept");
    assert_eq!(stage.suppressed().await, [("anna@example.test".to_owned(), "complaint".to_owned())]);
    assert_eq!(stage.state("anna@example.test").await, "delivered", "whoever complains has it");
    stage.daemon.stop().await;
}

#[tokio::test]
async fn what_a_person_answers_is_at_the_help_desk_before_it_is_taken() {
    let postfix = Postfix::start().await;
    let stage = stage(&postfix, &["anna@example.test"], true).await;
    let mut mailer = Mailer::to(postfix.returns_port, "LHLO test").await;
    let words =
        "From: Anna <anna@example.test>\nTo: status@sender.test\nSubject: Re: Card payments\n\nWhen will it work?\n";
    assert_eq!(mailer.send("anna@example.test", "status@sender.test", words).await, "250 2.0.0 it is kept");
    let passed = String::from_utf8(postfix.mail_for(DESK, 1).await.remove(0)).expect("text");
    for line in ["From: Anna <anna@example.test>", "Resent-From: status@sender.test", "When will it work?"] {
        assert!(passed.lines().any(|found| found == line), "{line} is missing in {passed}");
    }
    let start = passed.find("X-Onevoice-Passed-On").expect("it is marked");
    let again = mailer.send("anna@example.test", "status@sender.test", &passed[start..]).await;
    assert!(again.starts_with("554 5.4.6"), "{again}");
    assert_eq!(postfix.mail_now(DESK).len(), 1);
    stage.daemon.stop().await;
}
