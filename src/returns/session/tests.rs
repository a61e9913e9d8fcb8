//! What a mail server says and hears, over a connection in memory.

use std::sync::Mutex;

use onevoice_channels::contract::{Channel, DeliveryId};
use proptest::prelude::*;
use tokio::io::DuplexStream;

use super::*;

/// Knows two addresses, and answers as its table says.
#[derive(Default)]
struct Desk {
    later: bool,
    taken: Mutex<Vec<(String, Mailbox, Vec<u8>)>>,
}

fn delivery() -> Mailbox {
    Mailbox::Delivery(DeliveryId { broadcast: 1, channel: Channel::Email, ordinal: 0 })
}

impl Post for Desk {
    fn mailbox(&self, address: &str) -> Option<Mailbox> {
        match address {
            "bounces+1@x.test" => Some(delivery()),
            "status@x.test" => Some(Mailbox::Replies),
            _ => None,
        }
    }

    async fn take(&self, from: &str, to: &Mailbox, raw: &[u8]) -> Taken {
        self.taken.lock().unwrap().push((from.to_owned(), to.clone(), raw.to_vec()));
        match to {
            _ if self.later => Taken::Later,
            Mailbox::Delivery(_) => Taken::Kept,
            Mailbox::Replies => Taken::NoReplies,
        }
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }
}

/// All that is said to a mail server that says this, and then leaves.
async fn heard(desk: &Desk, said: &[u8]) -> String {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let (mut read, mut write) = tokio::io::split(theirs);
    let talk = async {
        let told = write.write_all(said).await;
        write.shutdown().await.ok();
        told.ok();
        let mut heard = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut read, &mut heard).await.unwrap();
        heard
    };
    let serve = async {
        let ours: DuplexStream = ours;
        speak(ours, desk).await.ok();
    };
    tokio::join!(talk, serve).0
}

fn codes(heard: &str) -> Vec<&str> {
    heard.lines().filter(|line| line.as_bytes().get(3) == Some(&b' ')).map(|line| &line[..3]).collect()
}

const START: &str = "LHLO mx.test\r\nMAIL FROM:<> SIZE=100\r\n";

#[tokio::test]
async fn lmtp_is_answered_for_each_recipient_and_smtp_once_with_the_worst() {
    let desk = Desk::default();
    let both =
        "RCPT TO:<bounces+1@x.test> NOTIFY=NEVER\r\nrcpt to: <status@x.test>\r\nDATA\r\nA: b\r\n\r\nc\r\n.\r\nQUIT\r\n";
    let said = heard(&desk, format!("{START}{both}").as_bytes()).await;
    assert_eq!(codes(&said), ["220", "250", "250", "250", "250", "354", "250", "550", "221"], "{said}");
    let said = heard(&desk, format!("EHLO mx.test\r\nMAIL FROM:<a@b.test>\r\n{both}").as_bytes()).await;
    assert_eq!(codes(&said), ["220", "250", "250", "250", "250", "354", "550", "221"], "{said}");
    let taken = desk.taken.lock().unwrap();
    assert_eq!(taken[0], (String::new(), delivery(), b"A: b\r\n\r\nc\r\n".to_vec()));
    assert_eq!((taken[3].0.as_str(), &taken[3].1), ("a@b.test", &Mailbox::Replies));
}

#[tokio::test]
async fn what_cannot_be_kept_is_asked_for_again() {
    let desk = Desk { later: true, ..Desk::default() };
    let said = heard(&desk, format!("{START}RCPT TO:<bounces+1@x.test>\r\nDATA\r\n.\r\n").as_bytes()).await;
    assert_eq!(codes(&said), ["220", "250", "250", "250", "354", "451"], "{said}");
}

#[tokio::test]
async fn nothing_in_a_mail_ends_it_but_its_dot() {
    let desk = Desk::default();
    let mail = "a\n.\nQUIT\r\n..b\r\r\n.\r\nc";
    let said =
        heard(&desk, format!("{START}RCPT TO:<bounces+1@x.test>\r\nDATA\r\n{mail}\r\n.\r\nNOOP\r\n").as_bytes()).await;
    // What follows CR CR LF follows a CRLF: there the dot ends the mail, and "c" is no command.
    assert_eq!(codes(&said), ["220", "250", "250", "250", "354", "250", "500", "500", "250"], "{said}");
    assert_eq!(desk.taken.lock().unwrap()[0].2, b"a\n.\nQUIT\r\n.b\r\r\n");
    let cut = heard(&desk, format!("{START}RCPT TO:<bounces+1@x.test>\r\nDATA\r\nhalf a mail").as_bytes()).await;
    assert_eq!(codes(&cut).last(), Some(&"354"), "a mail that was cut off is nobody's: {cut}");
    assert_eq!(desk.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_for_us_is_refused_and_the_order_is_kept() {
    let desk = Desk::default();
    let said = "RCPT TO:<bounces+1@x.test>\r\nDATA\r\nMAIL TO:<a>\r\nMAIL FROM:<a@b> SIZE=99999999\r\nMAIL FROM:<a@b>\r\n\
        RCPT TO:<bounces+2@x.test>\r\nRCPT FOR:<a>\r\nDATA\r\nRSET\r\nRCPT TO:<bounces+1@x.test>\r\n\u{fc}\r\nVRFY a\r\n";
    let said = heard(&desk, said.as_bytes()).await;
    assert_eq!(
        codes(&said),
        ["220", "503", "503", "501", "552", "250", "550", "501", "503", "250", "503", "500", "252"],
        "{said}"
    );
}

#[tokio::test]
async fn a_stranger_holds_on_to_little() {
    let desk = Desk::default();
    let long = format!("NOOP {}\r\nNOOP\r\n", "x".repeat(COMMAND));
    assert_eq!(codes(&heard(&desk, long.as_bytes()).await), ["220", "500", "250"]);
    let nonsense = heard(&desk, "what\r\n".repeat(50).as_bytes()).await;
    assert_eq!((codes(&nonsense).len(), codes(&nonsense).last()), (22, Some(&"421")));
    let many = format!("{START}{}", "RCPT TO:<status@x.test>\r\n".repeat(RECIPIENTS + 1));
    assert_eq!(codes(&heard(&desk, many.as_bytes()).await).last(), Some(&"452"));
    let large = "x".repeat(1000) + "\r\n";
    let large = format!("{START}RCPT TO:<bounces+1@x.test>\r\nDATA\r\n{}.\r\nNOOP\r\n", large.repeat(MAIL / 1000));
    let said = heard(&desk, large.as_bytes()).await;
    assert_eq!(codes(&said)[5..], ["552", "250"], "{said}");
    let long = "x".repeat(MAIL);
    let long = format!("{START}RCPT TO:<bounces+1@x.test>\r\nDATA\r\n{long}\r\n.\r\nNOOP\r\n");
    let said = heard(&desk, long.as_bytes()).await;
    assert_eq!(codes(&said)[5..], ["552", "250"], "{said}");
    assert!(desk.taken.lock().unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic_or_hang(lines in prop::collection::vec(prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        Just(START.as_bytes().to_vec()), Just(b"RCPT TO:<bounces+1@x.test>\r\n".to_vec()), Just(b"DATA\r\n".to_vec()),
        Just(b".\r\n".to_vec()), Just(b"\r\n".to_vec()), Just("MAIL FROM:<ü>\r\n".as_bytes().to_vec()), Just(b"RCPT \xc3\r\n".to_vec()),
    ], 0..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(heard(&Desk::default(), &lines.concat()));
    }
}
