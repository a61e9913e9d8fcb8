//! `smtp` against relays that refuse, hang up, or keep silent in the middle of a run: each fault costs the mail that it hits, and
//! no mail is sent twice or lost for another's.

use onevoice_channels::contract::{Parcel, Reason};
use onevoice_channels::testkit::Expect;
use serde_json::{Value, json};

use super::smtp::{build, relay};
use super::{carry, letter};
use crate::parts::port;
use crate::parts::postfix::Postfix;
use crate::parts::smtp_server::{Rule, SmtpServer, State};
use crate::parts::smtp_sink::SmtpSink;

/// Mails to `reader0@example.test`, `reader1@example.test` and so on.
fn mails(count: i64) -> Vec<Parcel> {
    (0..count).map(|ordinal| letter(ordinal, &format!("reader{ordinal}@example.test"), "Power is out.\r\n")).collect()
}

/// Settings for a relay without TLS that gives up on a silence soon.
fn impatient(server: &SmtpServer) -> Value {
    let mut settings = relay(server.port, "none");
    settings["timeouts"] = json!({ "command_seconds": 4.0, "accept_seconds": 4.0 });
    settings
}

/// All are accepted but this one.
fn all_but(count: i64, hit: i64, outcome: Expect) -> Vec<(i64, Expect)> {
    (0..count).map(|ordinal| (ordinal, if ordinal == hit { outcome } else { Expect::Accepted })).collect()
}

/// Who got a mail, by number, in the order in which the mails came.
fn readers(state: &State) -> Vec<i64> {
    let number = |to: &String| to.strip_prefix("reader")?.split('@').next()?.parse().ok();
    state.messages.iter().flat_map(|mail| &mail.to).filter_map(number).collect()
}

fn without(count: i64, missing: i64) -> Vec<i64> {
    (0..count).filter(|number| *number != missing).collect()
}

const FOURTH: Rule = Rule {
    stage: "rcpt",
    address: Some("reader3@"),
    code: None,
    text: None,
    every: None,
    times: Some(1),
    delay: 0,
    drop: false,
    keep: false,
};

#[tokio::test]
async fn a_refusal_in_the_middle_hits_one_mail() {
    let server = SmtpServer::start_open().await;
    let provider = build(relay(server.port, "none"));
    let mut kept = Vec::new();
    for (stage, code, text, outcome) in [
        ("rcpt", 550, "5.1.1 no such user", Expect::Rejected(Reason::NoSuchAddress)),
        ("rcpt", 550, "5.7.1 blocked", Expect::Rejected(Reason::Blocked)),
        ("rcpt", 450, "4.2.1 try again", Expect::Later(Reason::Temporary)),
        ("rcpt", 452, "4.2.2 mailbox full", Expect::Later(Reason::MailboxFull)),
        ("rcpt", 451, "4.7.650 slow down", Expect::Later(Reason::Throttled)),
        ("data", 554, "5.7.1 spam", Expect::Rejected(Reason::Blocked)),
        ("data", 451, "4.3.0 disk trouble", Expect::Later(Reason::Temporary)),
    ] {
        let connections = server.state().await.connections;
        server.rules(&[Rule { stage, code: Some(code), text: Some(text), ..FOURTH }]).await;
        let (outcomes, ended) = carry(&*provider, mails(8)).await;
        assert_eq!((outcomes, ended), (all_but(8, 3, outcome), Ok(())), "{code} {text} at {stage}");
        let state = server.state().await;
        kept.extend(without(8, 3));
        assert_eq!(readers(&state), kept, "{code} {text} at {stage}");
        assert_eq!(state.connections - connections, 1, "the connection is kept");
    }
}

/// A pipelined refusal is two errors to Postfix, RCPT's and DATA's, and at twenty it answers 421 and hangs up.
#[tokio::test]
async fn a_list_full_of_dead_addresses_costs_the_living_nothing() {
    let postfix = Postfix::start().await;
    let provider = build(relay(postfix.port, "none"));
    let of = |number: i64| match number {
        36.. => ("anna@example.test", Expect::Accepted),
        number if number % 2 == 0 => ("a@refused.test", Expect::Rejected(Reason::NoSuchAddress)),
        _ => ("a@later.test", Expect::Later(Reason::Temporary)),
    };
    let parcels = (0..40).map(|number| letter(number, of(number).0, "Power is out.\r\n")).collect();
    let (outcomes, ended) = carry(&*provider, parcels).await;
    assert_eq!((outcomes, ended), ((0..40).map(|number| (number, of(number).1)).collect(), Ok(())));
    assert_eq!(postfix.mail_for("anna@example.test", 4).await.len(), 4);
    assert!(postfix.log().contains("too many errors after"), "{}", postfix.log());
}

#[tokio::test]
async fn a_mail_that_is_too_long_hits_itself() {
    let postfix = Postfix::start().await;
    let long = "Power is out.\r\n".repeat(800_000);
    let text = |number: i64| if number == 1 { long.as_str() } else { "Power is out.\r\n" };
    let parcels = (0..3).map(|number| letter(number, "anna@example.test", text(number))).collect();
    let (outcomes, ended) = carry(&*build(relay(postfix.port, "none")), parcels).await;
    assert_eq!((outcomes, ended), (all_but(3, 1, Expect::Rejected(Reason::BadContent)), Ok(())));
    assert_eq!(postfix.mail_for("anna@example.test", 2).await.len(), 2);
}

#[tokio::test]
async fn a_refused_sender_says_nothing_of_the_recipient() {
    let server = SmtpServer::start_open().await;
    server.rules(&[Rule { stage: "mail", address: None, code: Some(550), text: Some("5.1.1 who?"), ..FOURTH }]).await;
    let (outcomes, ended) = carry(&*build(relay(server.port, "none")), mails(3)).await;
    assert_eq!((outcomes, ended), (all_but(3, 0, Expect::Rejected(Reason::Blocked)), Ok(())));
    assert_eq!(readers(&server.state().await), [1, 2]);
}

#[tokio::test]
async fn a_relay_that_hangs_up_before_the_dot_is_called_again() {
    let server = SmtpServer::start_open().await;
    let provider = build(relay(server.port, "none"));
    let mut kept = Vec::new();
    for fault in [
        Rule { code: Some(421), text: Some("4.4.2 timeout"), ..FOURTH },
        Rule { drop: true, ..FOURTH },
        Rule { stage: "mail", address: None, code: Some(421), every: Some(4), ..FOURTH },
        Rule { stage: "mail", address: None, drop: true, every: Some(4), ..FOURTH },
    ] {
        let connections = server.state().await.connections;
        let said = format!("{fault:?}");
        server.rules(&[fault]).await;
        let (outcomes, ended) = carry(&*provider, mails(8)).await;
        let state = server.state().await;
        kept.extend(0..8);
        assert_eq!((outcomes, ended), (all_but(8, -1, Expect::Accepted), Ok(())), "{said}");
        assert_eq!(readers(&state), kept, "{said}");
        assert_eq!(state.connections - connections, 2, "{said}");
    }
}

#[tokio::test]
async fn a_relay_that_hangs_up_before_it_took_anything_is_unavailable() {
    let server = SmtpServer::start_open().await;
    let provider = build(relay(server.port, "none"));
    for (stage, code, drop, reason) in [
        ("connect", Some(421), false, Reason::Temporary),
        ("connect", None, true, Reason::Unreachable),
        ("connect", Some(554), false, Reason::Unauthorized),
        ("mail", Some(421), false, Reason::Temporary),
        ("rcpt", None, true, Reason::Unreachable),
    ] {
        server.rules(&[Rule { stage, address: None, code, drop, ..FOURTH }]).await;
        let (outcomes, ended) = carry(&*provider, mails(3)).await;
        assert_eq!((outcomes, ended.expect_err("it took nothing").reason), (vec![], reason), "{code:?} at {stage}");
    }
    assert!(server.state().await.messages.is_empty());
}

#[tokio::test]
async fn a_relay_that_asks_to_go_slower_is_not_called_again() {
    let server = SmtpServer::start_open().await;
    let provider = build(relay(server.port, "none"));
    for (stage, third) in [("rcpt", None), ("data", Some((3, Expect::Later(Reason::Throttled))))] {
        let connections = server.state().await.connections;
        server.rules(&[Rule { stage, code: Some(421), text: Some("4.3.2 too busy"), ..FOURTH }]).await;
        let (outcomes, ended) = carry(&*provider, mails(8)).await;
        let expected: Vec<_> = (0..3).map(|number| (number, Expect::Accepted)).chain(third).collect();
        assert_eq!((outcomes, ended.expect_err("it asks for a pause").reason), (expected, Reason::Throttled));
        assert_eq!(server.state().await.connections - connections, 1);
    }
    assert_eq!(readers(&server.state().await), [0, 1, 2, 0, 1, 2]);
}

#[tokio::test]
async fn a_connection_lost_after_the_dot_leaves_one_mail_in_doubt() {
    let server = SmtpServer::start_open().await;
    let provider = build(relay(server.port, "none"));
    for keep in [true, false] {
        let before = server.state().await.messages.len();
        server.rules(&[Rule { stage: "data", drop: true, keep, ..FOURTH }]).await;
        let (outcomes, ended) = carry(&*provider, mails(8)).await;
        assert_eq!((outcomes, ended), (all_but(8, 3, Expect::InDoubt), Ok(())));
        let came = readers(&server.state().await)[before..].to_vec();
        assert_eq!(came, if keep { (0..8).collect() } else { without(8, 3) }, "none came twice");
    }
    // 421 is an answer: the mail was not taken.
    let before = server.state().await.messages.len();
    server.rules(&[Rule { stage: "data", code: Some(421), text: Some("4.4.2 timeout"), ..FOURTH }]).await;
    let (outcomes, ended) = carry(&*provider, mails(8)).await;
    assert_eq!((outcomes, ended), (all_but(8, 3, Expect::Later(Reason::Temporary)), Ok(())));
    assert_eq!(readers(&server.state().await)[before..], without(8, 3));
}

#[tokio::test]
async fn a_relay_that_keeps_silent_is_given_up() {
    let server = SmtpServer::start_open().await;
    let provider = build(impatient(&server));
    let minutes = 300_000;
    // Before the dot nothing was sent: the rest goes over a new connection.
    server.rules(&[Rule { delay: minutes, ..FOURTH }]).await;
    let (outcomes, ended) = carry(&*provider, mails(6)).await;
    assert_eq!((outcomes, ended), (all_but(6, -1, Expect::Accepted), Ok(())));
    // After it, the mail is in doubt.
    server.rules(&[Rule { stage: "data", delay: minutes, ..FOURTH }]).await;
    let (outcomes, ended) = carry(&*provider, mails(6)).await;
    assert_eq!((outcomes, ended), (all_but(6, 3, Expect::InDoubt), Ok(())));
    // Where it has taken nothing yet, it is another relay's turn.
    server.rules(&[Rule { stage: "mail", address: None, delay: minutes, ..FOURTH }]).await;
    let (outcomes, ended) = carry(&*provider, mails(2)).await;
    let gone = ended.expect_err("it is silent");
    assert_eq!((outcomes, gone.reason, gone.detail.as_str()), (vec![], Reason::Unreachable, "no reply in time"));
}

#[tokio::test]
async fn without_pipelining_a_fault_means_the_same() {
    for (flags, expected) in [
        (&["-f", "RCPT", "-B", "550 5.7.1 no"][..], Ok(Expect::Rejected(Reason::Blocked))),
        (&["-f", "MAIL", "-B", "550 5.1.1 no"], Ok(Expect::Rejected(Reason::Blocked))),
        (&["-r", "RCPT", "-b", "451 4.3.0 later"], Ok(Expect::Later(Reason::Temporary))),
        (&["-r", "DATA", "-b", "451 4.3.0 later"], Ok(Expect::Later(Reason::Temporary))),
        (&["-r", ".", "-b", "452 4.2.2 full"], Ok(Expect::Later(Reason::MailboxFull))),
        (&["-q", "."], Err((Some(Expect::InDoubt), Reason::Unreachable))),
        (&["-q", "RCPT"], Err((None, Reason::Unreachable))),
        (&["-Q", "RCPT"], Err((None, Reason::Temporary))),
        (&["-Q", "CONNECT"], Err((None, Reason::Temporary))),
    ] {
        let sink = SmtpSink::start_with(port::free(), flags).await;
        let (outcomes, ended) = carry(&*build(relay(sink.port, "none")), mails(3)).await;
        match expected {
            Ok(outcome) => {
                assert_eq!((outcomes, ended), ((0..3).map(|n| (n, outcome)).collect(), Ok(())), "{flags:?}");
            }
            Err((first, reason)) => {
                let first: Vec<_> = first.map(|outcome| (0, outcome)).into_iter().collect();
                assert_eq!((outcomes, ended.expect_err("gone").reason), (first, reason), "{flags:?}");
            }
        }
    }
}
