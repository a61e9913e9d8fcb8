//! Does each part itself work? A provider's test that fails is then the provider's.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::parts::http;
use crate::parts::kannel::{self, Kannel, Part};
use crate::parts::pds::Pds;
use crate::parts::postfix::Postfix;
use crate::parts::smtp_client::{Security, Submission};
use crate::parts::smtp_server::{LOGIN, Rule, SmtpServer};
use crate::parts::smtp_sink::SmtpSink;
use crate::parts::{browser, port, ready};
use crate::simulators::callbacks::{Callback, Callbacks};

const MESSAGE: &str = "Message-ID: <one@sender.test>\nSubject: Outage\n\nPower is out.\n.with a dot\n";

#[tokio::test]
async fn postfix_delivers_over_every_kind_of_connection() {
    let postfix = Postfix::start().await;
    let authority = postfix.authority.as_path();
    let to = ["user+alert@example.test"];
    for (port, security) in [
        (postfix.port, Security::Plain),
        (postfix.port, Security::StartTls(authority)),
        (postfix.tls_port, Security::Implicit(authority)),
        (postfix.must_tls_port, Security::StartTls(authority)),
    ] {
        let plain = Submission::plain(port, "bounces@sender.test", &to, MESSAGE);
        assert_eq!(Submission { security, ..plain }.send().await, 250);
    }
    let mails = postfix.mail_for("user@example.test", 4).await;
    assert_eq!(mails.len(), 4, "{}", postfix.log());
    for mail in mails {
        let mail = String::from_utf8(mail).expect("ASCII");
        assert!(mail.contains("Message-ID: <one@sender.test>\n"), "{mail}");
        assert!(mail.contains("Delivered-To: user+alert@example.test\n"), "{mail}");
        assert!(mail.ends_with("\nPower is out.\n.with a dot\n"), "{mail}");
    }
    let refused = Submission::plain(postfix.must_tls_port, "bounces@sender.test", &to, MESSAGE).send().await;
    assert_eq!(refused, 530, "a mail without TLS where it is a must");
}

#[tokio::test]
async fn postfix_reports_what_it_could_not_deliver() {
    let postfix = Postfix::start().await;
    let sink = SmtpSink::start_with(postfix.hop_port, &["-f", "RCPT"]).await;
    let recipients =
        ["nobody@example.test", "a@full.test", "a@policy.test", "a@slow.test", "a@hop.test", "a@elsewhere.test"];
    for (number, recipient) in recipients.iter().enumerate() {
        let from = format!("bounces+{number}@sender.test");
        assert_eq!(Submission::plain(postfix.port, &from, &[recipient], MESSAGE).send().await, 250);
    }
    let reports = postfix.mail_for("bounces@sender.test", recipients.len()).await;
    let mut seen: Vec<_> = reports.iter().map(|report| summary(&String::from_utf8_lossy(report))).collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        [
            "bounces+0@sender.test failed 5.1.1",
            "bounces+1@sender.test failed 5.2.2",
            "bounces+2@sender.test failed 5.7.1",
            "bounces+3@sender.test delayed 4.2.1",
            "bounces+4@sender.test failed 5.3.0 dns; 127.0.0.1",
            "bounces+5@sender.test failed 5.1.2",
        ]
    );
    assert_eq!(postfix.queue().await.len(), 1, "the delayed mail waits");
    drop(sink);
}

/// Whom a delivery report went to, and what it says.
fn summary(report: &str) -> String {
    ["Delivered-To: ", "Action: ", "Status: ", "Remote-MTA: "]
        .iter()
        .filter_map(|name| report.lines().find_map(|line| line.strip_prefix(name)))
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn smtp_sink_dumps_what_it_took() {
    let sink = SmtpSink::start().await;
    let to = ["anna@example.test", "ben@example.test"];
    assert_eq!(Submission::plain(sink.port, "a@sender.test", &to, MESSAGE).send().await, 250);
    let [mail] = &sink.mails()[..] else { panic!("one mail: {:?}", sink.mails()) };
    assert_eq!((mail.from.as_str(), mail.recipients.as_slice()), ("a@sender.test", &to.map(str::to_owned)[..]));
    assert_eq!(mail.header("message-id").as_deref(), Some("<one@sender.test>"));
    assert_eq!(mail.message, MESSAGE);
}

#[tokio::test]
async fn smtp_sink_fails_as_its_flags_say() {
    for (flags, code) in [
        (&["-f", "RCPT", "-B", "550 5.7.1 no"][..], 550),
        (&["-r", "RCPT", "-b", "451 4.3.0 later"], 451),
        (&["-q", "."], 0),
    ] {
        let sink = SmtpSink::start_with(port::free(), flags).await;
        let sent = Submission::plain(sink.port, "a@sender.test", &["b@example.test"], MESSAGE).send().await;
        assert_eq!(sent, code, "{flags:?}");
    }
}

#[tokio::test]
async fn smtp_server_wants_a_login_and_fails_as_told() {
    let server = SmtpServer::start().await;
    let security = Security::StartTls(&server.authority);
    let from = "a@sender.test";
    let good =
        Submission { port: server.port, security, login: Some(LOGIN), from, to: &["b@example.test"], message: MESSAGE };
    assert_eq!(Submission { login: Some((LOGIN.0, "wrong")), ..good }.send().await, 535);
    assert_eq!(good.send().await, 250);
    let implicit = Security::Implicit(&server.authority);
    assert_eq!(Submission { port: server.tls_port, security: implicit, ..good }.send().await, 250);

    let once = Rule { times: Some(1), ..Rule::default() };
    server
        .rules(&[
            Rule { stage: "rcpt", address: Some("b@"), code: Some(450), ..once },
            Rule { stage: "data", drop: true, keep: true, ..once },
        ])
        .await;
    assert_eq!(good.send().await, 450);
    assert_eq!(good.send().await, 0, "the connection is lost after the message");
    let logins = server.state().await.logins;
    assert_eq!(good.send().await, 250);
    let state = server.state().await;
    assert_eq!(state.logins - logins, 1);
    assert_eq!(state.messages.len(), 4, "the one whose answer was lost is kept too");
    for mail in state.messages {
        assert_eq!((mail.from.as_str(), mail.to.as_slice()), (from, &["b@example.test".to_owned()][..]));
        assert_eq!((mail.tls, mail.user.as_deref()), (true, Some(LOGIN.0)));
        assert_eq!(mail.message, MESSAGE.replace('\n', "\r\n"));
    }
}

#[tokio::test]
async fn an_open_smtp_server_takes_mail_from_anyone() {
    let server = SmtpServer::start_open().await;
    let before = server.state().await.connections;
    assert_eq!(Submission::plain(server.port, "a@sender.test", &["b@example.test"], MESSAGE).send().await, 250);
    let state = server.state().await;
    assert_eq!(state.connections - before, 1);
    assert_eq!((state.messages[0].tls, state.messages[0].user.as_deref()), (false, None));
}

#[tokio::test]
async fn kannel_sends_and_reports_and_hands_on_answers() {
    let callbacks = Callbacks::start().await;
    let mut kannel = Kannel::start(callbacks.url()).await;
    let long = "0123456789".repeat(20);
    for (id, to, text) in [("M1", "4912346", "Grüße von @home"), ("M2", "4912347", "Привет"), ("M3", "4912348", &long)]
    {
        assert_eq!(send_text(&kannel, callbacks.url(), id, to, text).await, (202, "0: Accepted for delivery".into()));
    }
    let parts = kannel.wait_for_parts(4).await;
    let part = |to: &str, ucs2, concatenation, text: &str| {
        let (from, to, text) = ("12345".to_owned(), to.to_owned(), text.to_owned());
        Part { from, to, ucs2, concatenation, text }
    };
    assert_eq!(parts[0], part("4912346", false, None, "Grüße von @home"));
    assert_eq!(parts[1], part("4912347", true, None, "Привет"));
    let reference = parts[2].concatenation.expect("a long text has parts").0;
    assert_eq!(parts[2], part("4912348", false, Some((reference, 2, 1)), &long[..153]));
    assert_eq!(parts[3], part("4912348", false, Some((reference, 2, 2)), &long[153..]));

    // Accepted by the network (8) and delivered (1), once each, for the text of two parts too.
    let receipts = callbacks.wait_for(6, |callback| callback.path == "/dlr").await;
    let seen: BTreeSet<_> = receipts.iter().map(|receipt| (&*receipt.query["id"], &*receipt.query["type"])).collect();
    assert_eq!(seen, [("M1", "1"), ("M1", "8"), ("M2", "1"), ("M2", "8"), ("M3", "1"), ("M3", "8")].into());

    kannel.customer_writes("4912346", "12345", "Stop please").await;
    let answer = &callbacks.wait_for(1, |callback| callback.path == "/mo").await[0];
    let field = |name: &str| answer.query[name].as_str();
    assert_eq!([field("kw"), field("from"), field("to"), field("text")], ["stop", "4912346", "12345", "Stop please"]);
}

#[tokio::test]
async fn kannel_keeps_a_text_while_the_network_is_away() {
    let callbacks = Callbacks::start().await;
    let mut kannel = Kannel::start(callbacks.url()).await;
    kannel.without_network().await;
    let queued = send_text(&kannel, callbacks.url(), "M1", "4912346", "Power is out.").await;
    assert_eq!(queued, (202, "3: Queued for later delivery".into()));
    assert!(kannel.parts().is_empty());
    kannel.with_network().await;
    assert_eq!(kannel.wait_for_parts(1).await[0].text, "Power is out.");
    let delivered = |callback: &Callback| callback.query.get("type").is_some_and(|kind| kind == "1");
    callbacks.wait_for(1, delivered).await;
}

async fn send_text(kannel: &Kannel, callback: &str, id: &str, to: &str, text: &str) -> (u16, String) {
    let receipts = format!("{callback}/dlr?id={id}&type=%d&smscid=%F&to=%p&ts=%T&text=%A");
    let (username, password) = kannel::LOGIN;
    let request = http::client().get(format!("http://127.0.0.1:{}/cgi-bin/sendsms", kannel.port)).query(&[
        ("username", username),
        ("password", password),
        ("from", "12345"),
        ("to", to),
        ("text", text),
        ("charset", "UTF-8"),
        ("coding", if text.is_ascii() || text.contains('ü') { "0" } else { "2" }),
        ("dlr-mask", "31"),
        ("dlr-url", &receipts),
    ]);
    let answer = request.send().await.expect("smsbox answers");
    (answer.status().as_u16(), answer.text().await.expect("smsbox answers with a text"))
}

#[tokio::test]
async fn pds_takes_a_post_once_however_often_it_is_put() {
    let pds = Pds::start().await;
    let account = pds.create_account("onevoice").await;
    let login = json!({ "identifier": account.handle, "password": account.app_password });
    let session = pds.call("com.atproto.server.createSession", None, &login).await;
    let record =
        json!({ "$type": "app.bsky.feed.post", "text": "Power is out.", "createdAt": "2026-01-01T00:00:00.000Z" });
    // A post's key has to have the form of a timestamp identifier (TID): anything else is a 400.
    let put =
        json!({ "repo": account.did, "collection": "app.bsky.feed.post", "rkey": "3jzfcijpj2z2a", "record": record });
    let token = session["accessJwt"].as_str();
    let first = pds.call("com.atproto.repo.putRecord", token, &put).await;
    let again = pds.call("com.atproto.repo.putRecord", token, &put).await;
    assert_eq!(first["cid"], again["cid"]);
    let posts = pds.posts(&account).await;
    assert_eq!(posts.iter().map(|post| &post["value"]["text"]).collect::<Vec<&Value>>(), [&json!("Power is out.")]);
}

#[tokio::test]
async fn pds_limits_logins_when_told_to() {
    let pds = Pds::start_with_limits().await;
    let account = pds.create_account("onevoice").await;
    let login = json!({ "identifier": account.handle, "password": account.password });
    let mut codes = Vec::new();
    for _ in 0..31 {
        let url = format!("{}/xrpc/com.atproto.server.createSession", pds.url);
        codes.push(http::client().post(url).json(&login).send().await.expect("the server answers").status().as_u16());
    }
    assert_eq!(codes.pop(), Some(429));
    assert_eq!(codes, [200; 30]);
}

#[tokio::test]
async fn pds_listens_on_loopback_only() {
    let pds = Pds::start().await;
    let port = pds.url.rsplit(':').next().expect("a port").parse::<u16>().expect("a port");
    // Another address of loopback: who listens on every address listens there too.
    let elsewhere = tokio::net::TcpStream::connect(("127.0.0.2", port)).await;
    assert!(elsewhere.is_err());
    ready::listening(port, "the server").await;
}

#[tokio::test]
async fn the_browser_shows_a_page_and_finds_its_fault() {
    let page = "<!doctype html><html lang=en><title>Status</title><main><h1>Before</h1><img src='data:,'>\
                <button onclick=\"document.querySelector('h1').textContent = 'After'\">Go</button></main></html>";
    let seen = browser::run("smoke", page).await;
    assert_eq!(seen["heading"], "After");
    assert_eq!(seen["faults"], json!(["image-alt"]));
    let picture = std::fs::read(seen["screenshot"].as_str().expect("a path")).expect("the picture is there");
    assert!(picture.starts_with(b"\x89PNG"));
}
