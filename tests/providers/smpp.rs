//! `smpp` against a short message centre that others wrote: npm's smpp.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use onevoice_channels::contract::{About, Ear, Heard, NotKept, Outcome, Provider, Reason, Receipt, ReceiptWord};
use onevoice_channels::sms::encoding;
use onevoice_channels::testkit::{self, Expect};
use serde_json::{Value, json};

use super::{accepted, carry, text};
use crate::parts::ready;
use crate::parts::smsc::{LOGIN, Receipts, Rule, Script, Smsc};

const TO: &str = "+4915123456789";

fn centre(smsc: &Smsc, extra: Value) -> Arc<dyn Provider> {
    let mut settings = json!({
        "kind": "smpp", "host": "127.0.0.1", "port": smsc.port, "tls": false, "system_id": LOGIN.0, "from": "Example",
    });
    settings.as_object_mut().expect("a table").extend(extra.as_object().expect("a table").clone());
    super::provider(settings, &[("/password", LOGIN.1)], &testkit::world())
}

/// Keeps what it hears.
#[derive(Default)]
struct Kept(Mutex<Vec<Heard>>);

#[async_trait]
impl Ear for Kept {
    async fn hear(&self, heard: Heard) -> Result<(), NotKept> {
        self.0.lock().expect("no test panics while it holds this").push(heard);
        Ok(())
    }
}

impl Kept {
    async fn until(&self, count: usize) -> Vec<Heard> {
        let heard = || self.0.lock().expect("no test panics while it holds this").clone();
        ready::until("it to be heard", async || Some(heard()).filter(|heard| heard.len() >= count)).await
    }
}

/// Listens until this is dropped.
struct Listening(tokio::task::JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn listen(provider: &Arc<dyn Provider>) -> (Arc<Kept>, Listening) {
    let ear = Arc::new(Kept::default());
    let (provider, ears) = (provider.clone(), ear.clone());
    (ear, Listening(tokio::spawn(async move { provider.listen(ears).await })))
}

#[tokio::test]
async fn texts_arrive_as_they_were_counted() {
    let smsc = Smsc::start().await;
    let long = "Störung in Nürnberg: {Gas} und [Strom], 5 € & 100 %? ~ ".repeat(7);
    let emoji = format!("{}🚨 и снова {}", "ы".repeat(65), "свет ".repeat(20));
    let mut sent = 0;
    for long_texts in ["udh", "payload"] {
        let provider = centre(&smsc, json!({ "long_texts": long_texts }));
        for (ordinal, words) in ["Störung @ {5 €}\n& more?", "🚨 Störung", &long, &emoji].into_iter().enumerate()
        {
            let size = encoding::measure(words);
            let (reference, parts) = accepted(provider.send(&text(ordinal as i64, TO, words)).await);
            assert_eq!(parts, size.parts, "{words}");
            let state = smsc.state().await;
            let arrived = &state.texts[sent..];
            sent = state.texts.len();
            assert_eq!(arrived.iter().map(|text| text.text.as_str()).collect::<String>(), words);
            assert_eq!(arrived.last().map(|text| text.id.as_str()), Some(reference.as_str()));
            let whole = long_texts == "payload" || parts == 1;
            assert_eq!(arrived.len(), if whole { 1 } else { parts as usize });
            for (text, number) in arrived.iter().zip(1_u8..) {
                assert_eq!((text.from.as_str(), text.from_type, text.to_type), ("Example", (5, 0), (1, 1)));
                assert_eq!((text.to.as_str(), text.payload), (&TO[1..], whole && parts > 1));
                let coding = if size.encoding == onevoice_channels::contract::SmsEncoding::Ucs2 { 8 } else { 0 };
                assert_eq!(text.coding, coding);
                assert_eq!(text.receipt, u8::from(usize::from(number) == arrived.len()));
                let place = text.header.as_ref().map(|header| (header[header.len() - 2], header[header.len() - 1]));
                assert_eq!(place, (!whole).then_some((parts as u8, number)));
            }
        }
    }
    let state = smsc.state().await;
    assert_eq!(state.unbinds as usize, state.binds.len(), "it takes leave each time");
}

#[tokio::test]
async fn receipts_and_replies_come_in_over_the_same_connection() {
    let smsc = Smsc::start().await;
    let forms = json!({ "answer_ids": "hex", "receipt_ids": "decimal" });
    for (receipts, hex_ids, extra) in [
        (Receipts::Text, false, json!({})),
        (Receipts::Parameters, false, json!({ "bind": "split" })),
        (Receipts::Text, true, forms.clone()),
        (Receipts::Parameters, true, forms),
    ] {
        smsc.script(&Script { receipts, hex_ids, ..Script::default() }).await;
        let (binds, before) = {
            let state = smsc.state().await;
            (state.binds.len(), state.answered.len())
        };
        let provider = centre(&smsc, extra);
        let (ear, _listening) = listen(&provider);
        smsc.until("it to be bound", |state| state.binds.len() > binds).await;
        let (reference, _) = accepted(provider.send(&text(1, TO, "We know of it.")).await);
        let about = About::Reference(reference);
        assert_eq!(ear.until(1).await[0], Heard::Receipt(Receipt { about, word: ReceiptWord::Delivered }));
        smsc.customer_writes("4915123456789", "12345", "Stop, bitte: keine Störung").await;
        let heard = ear.until(2).await;
        let Heard::Reply(reply) = &heard[1] else { panic!("{heard:?}") };
        assert_eq!((reply.from.as_str(), reply.to.as_str()), (TO, "12345"));
        assert_eq!(reply.text, "Stop, bitte: keine Störung");
        let state = smsc.until("its answers", |state| state.answered.len() == before + 2).await;
        assert_eq!(state.answered[before..], [0, 0]);
    }
}

#[tokio::test]
async fn the_window_is_filled_and_no_more() {
    let smsc = Smsc::start().await;
    for (window, most) in [(1, 1), (7, 7)] {
        smsc.script(&Script {
            rules: vec![Rule { stage: "submit", delay: 20, ..Rule::default() }],
            ..Script::default()
        })
        .await;
        let parcels = (0..40).map(|ordinal| text(ordinal, TO, "We know of it.")).collect();
        let (outcomes, ended) = carry(&*centre(&smsc, json!({ "window": window })), parcels).await;
        assert!(ended.is_ok() && outcomes.iter().all(|(_, expect)| *expect == Expect::Accepted), "{outcomes:?}");
        assert_eq!(smsc.state().await.most_under_way, most);
    }
}

#[tokio::test]
async fn faults_become_what_the_table_says_and_nothing_is_sent_twice() {
    let smsc = Smsc::start().await;
    let rules = vec![
        Rule { stage: "submit", address: Some("4915100000001"), status: 0x58, ..Rule::default() },
        Rule { stage: "submit", address: Some("4915100000002"), status: 0x0b, ..Rule::default() },
        Rule { stage: "submit", address: Some("4915100000003"), status: 0x14, ..Rule::default() },
        Rule { stage: "submit", address: Some("4915100000004"), drop: true, ..Rule::default() },
        Rule { stage: "submit", address: Some("4915100000006"), drop: true, keep: true, ..Rule::default() },
    ];
    smsc.script(&Script { rules, ..Script::default() }).await;
    let parcels = (0..9).map(|ordinal| text(ordinal, &format!("+491510000000{ordinal}"), "We know of it.")).collect();
    let (outcomes, ended) = carry(&*centre(&smsc, json!({ "window": 1 })), parcels).await;
    assert!(ended.is_ok(), "{ended:?}");
    use Expect::*;
    let expected = [
        Accepted,
        Later(Reason::Throttled),
        Rejected(Reason::BadAddress),
        Later(Reason::Temporary),
        InDoubt,
        Accepted,
        InDoubt,
        Accepted,
        Accepted,
    ];
    assert_eq!(outcomes.into_iter().map(|(_, expect)| expect).collect::<Vec<_>>(), expected);
    let numbers: Vec<String> = smsc.state().await.texts.into_iter().map(|text| text.to).collect();
    assert_eq!(numbers, [0, 5, 6, 7, 8].map(|ordinal| format!("491510000000{ordinal}")));
}

#[tokio::test]
async fn it_comes_back_after_the_centre_took_leave() {
    let smsc = Smsc::start().await;
    let provider = centre(&smsc, json!({}));
    let (_ear, _listening) = listen(&provider);
    smsc.until("it to be bound", |state| state.binds.len() == 1).await;
    smsc.unbind().await;
    smsc.until("it to be bound again", |state| state.binds.len() == 2).await;
    assert!(matches!(provider.send(&text(1, TO, "We know of it.")).await, Outcome::Accepted { .. }));
}

#[tokio::test]
async fn credentials_are_checked_over_tls() {
    let smsc = Smsc::start().await;
    let tls = json!({ "tls": true, "port": smsc.tls_port, "ca_file": smsc.authority });
    assert_eq!(centre(&smsc, tls.clone()).check().await.expect("it binds").summary, "bound over TLS");
    let mut settings = json!({ "kind": "smpp", "host": "127.0.0.1", "system_id": LOGIN.0, "from": "12345" });
    settings.as_object_mut().expect("a table").extend(tls.as_object().expect("a table").clone());
    let wrong = super::provider(settings, &[("/password", "wrong")], &testkit::world());
    assert_eq!(wrong.check().await.map_err(|gone| gone.reason), Err(Reason::Unauthorized));
}
