//! `sms-http` with its preset for Kannel, against Kannel and its network.

use std::collections::BTreeMap;
use std::sync::Arc;

use onevoice_channels::contract::{
    About, Callback, CallbackError, Outcome, Provider, Reason, Receipt, ReceiptWord, World,
};
use onevoice_channels::sms::encoding;
use onevoice_channels::testkit::{self, Expect};
use serde_json::json;
use url::Url;

use super::text;
use crate::parts::kannel::{Kannel, LOGIN};
use crate::parts::smsc::{self, Receipts, Script, Smsc};
use crate::simulators::callbacks::{self, Callbacks};

const TO: &str = "+4915123456789";
const SECRET: &str = "signs the addresses of receipts";

fn gateway(kannel: &Kannel, callbacks: &Callbacks, password: &str) -> Arc<dyn Provider> {
    let settings = json!({
        "kind": "sms-http",
        "preset": "kannel",
        "url": format!("http://127.0.0.1:{}/cgi-bin/sendsms", kannel.port),
        "username": LOGIN.0,
        "from": "12345",
        "receipts": {},
    });
    let public_url = Some(callbacks.url().parse().expect("a URL"));
    let world = World { public_url, ..testkit::world() };
    super::provider(settings, &[("/password", password), ("/receipts/secret", SECRET)], &world)
}

/// What the provider makes of a callback with this query, at the address where it came.
fn read(
    provider: &dyn Provider,
    callback: &callbacks::Callback,
    query: &[(&str, &str)],
) -> Result<Vec<Receipt>, CallbackError> {
    let mut url: Url = format!("https://alerts.example{}", callback.path).parse().expect("a URL");
    url.query_pairs_mut().extend_pairs(query);
    provider.receipt(&Callback { method: callback.method.as_str(), url: &url, headers: &BTreeMap::new(), body: b"" })
}

fn read_as_it_came(provider: &dyn Provider, callback: &callbacks::Callback) -> Receipt {
    let query: Vec<_> = callback.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let receipts = read(provider, callback, &query).expect("it is authentic and can be read");
    receipts.into_iter().next().expect("it says something")
}

#[tokio::test]
async fn texts_arrive_as_they_were_counted() {
    let callbacks = Callbacks::start().await;
    let kannel = Kannel::start(callbacks.url()).await;
    let provider = gateway(&kannel, &callbacks, LOGIN.1);
    let long = "Störung in Nürnberg: {Gas} und [Strom], 5 € & 100 %? ~ ".repeat(7);
    let emoji = format!("{}🚨 и снова {}", "ы".repeat(65), "свет ".repeat(20));
    // This network takes a plain text line by line, so only the encoded one has a line end.
    let words =
        ["Störung @ {5 €} + 100 % & more?", "🚨 Störung –\nwir wissen davon", long.trim_end(), emoji.trim_end()];
    let mut sent = 0;
    for (ordinal, words) in words.into_iter().enumerate() {
        let size = encoding::measure(words);
        let outcome = provider.send(&text(ordinal as i64, TO, words)).await;
        assert_eq!(outcome, Outcome::Accepted { reference: None, parts: size.parts }, "{words}");
        sent += size.parts as usize;
        let parts = kannel.wait_for_parts(sent).await;
        let arrived: Vec<_> = parts[sent - size.parts as usize..].iter().collect();
        assert_eq!(arrived.iter().map(|part| part.text.as_str()).collect::<String>(), words);
        for (place, part) in arrived.iter().enumerate() {
            assert_eq!((part.from.as_str(), part.to.as_str()), ("12345", TO));
            assert_eq!(part.ucs2, size.encoding == onevoice_channels::contract::SmsEncoding::Ucs2);
            let header = part.concatenation.map(|(_, count, number)| (usize::from(count), usize::from(number)));
            assert_eq!(header, (arrived.len() > 1).then_some((arrived.len(), place + 1)));
        }
        assert_eq!(arrived.iter().map(|part| part.text.as_str()).collect::<Vec<_>>(), encoding::split(words));
    }
    assert_eq!(kannel.parts().len(), sent, "nothing came that we did not count");
}

/// We never cut between the two UTF-16 units of a character, and Kannel does: it then needs no more parts than we count, and phones
/// that put the parts together before they read them show the character.
#[tokio::test]
async fn kannel_cuts_through_a_character_that_we_keep_whole() {
    let callbacks = Callbacks::start().await;
    let kannel = Kannel::start(callbacks.url()).await;
    let words = format!("{}🚨{}", "ы".repeat(66), "я".repeat(66));
    let outcome = gateway(&kannel, &callbacks, LOGIN.1).send(&text(1, TO, &words)).await;
    assert_eq!(outcome, Outcome::Accepted { reference: None, parts: 3 });
    let parts = kannel.wait_for_parts(2).await;
    let half = char::REPLACEMENT_CHARACTER;
    let arrived: Vec<_> = parts.iter().map(|part| (part.concatenation.map(|header| header.1), &*part.text)).collect();
    let expected = [format!("{}{half}", "ы".repeat(66)), format!("{half}{}", "я".repeat(66))];
    assert_eq!(arrived, [(Some(2), &*expected[0]), (Some(2), &*expected[1])]);
}

#[tokio::test]
async fn receipts_find_their_delivery_in_whatever_order_they_come() {
    let callbacks = Callbacks::start().await;
    let kannel = Kannel::start(callbacks.url()).await;
    let provider = gateway(&kannel, &callbacks, LOGIN.1);
    assert!(provider.manifest().receipts);
    let parcels =
        [text(1, TO, "Power is out."), text(2, TO, "Свет отключён."), text(3, TO, &"Power is out. ".repeat(20))];
    for parcel in &parcels {
        assert_eq!(Expect::of(&provider.send(parcel).await), Expect::Accepted);
    }
    let came = callbacks.wait_for(6, |callback| callback.path == "/receipts/kit").await;
    let receipts: Vec<_> = came.iter().map(|callback| read_as_it_came(&*provider, callback)).collect();
    assert_eq!(receipts.len(), 6);
    for parcel in &parcels {
        for word in [ReceiptWord::Accepted, ReceiptWord::Delivered] {
            let expected = Receipt { about: About::Token(parcel.token.clone()), word };
            assert_eq!(receipts.iter().filter(|receipt| **receipt == expected).count(), 1, "{word:?} of {receipts:?}");
        }
    }
}

#[tokio::test]
async fn a_forged_receipt_is_not_believed() {
    let callbacks = Callbacks::start().await;
    let kannel = Kannel::start(callbacks.url()).await;
    let provider = gateway(&kannel, &callbacks, LOGIN.1);
    provider.send(&text(1, TO, "Power is out.")).await;
    let came = &callbacks.wait_for(1, |callback| callback.path == "/receipts/kit").await[0];
    let (id, key, state) = (came.query["id"].as_str(), came.query["key"].as_str(), came.query["type"].as_str());
    let other = text(2, TO, "").token;
    let changed = key.replacen(|_| true, if key.starts_with('0') { "1" } else { "0" }, 1);
    assert!(read(&*provider, came, &[("id", id), ("key", key), ("type", state)]).is_ok());
    for forged in [
        vec![("id", other.as_str()), ("key", key), ("type", "1")],
        vec![("id", id), ("key", &changed), ("type", "1")],
        vec![("id", id), ("key", ""), ("type", "1")],
        vec![("id", id), ("type", "1")],
    ] {
        assert_eq!(read(&*provider, came, &forged), Err(CallbackError::Forged), "{forged:?}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused_by_the_check_too() {
    let callbacks = Callbacks::start().await;
    let kannel = Kannel::start(callbacks.url()).await;
    let right = gateway(&kannel, &callbacks, LOGIN.1).check().await.expect("the password is right");
    assert_eq!(right.summary, "the gateway takes the credentials");
    let provider = gateway(&kannel, &callbacks, "a wrong one");
    assert_eq!(provider.check().await.expect_err("refused").reason, Reason::Unauthorized);
    let (outcomes, ended) = super::carry(&*provider, vec![text(1, TO, "Power is out.")]).await;
    assert_eq!((outcomes, ended.expect_err("refused").reason), (vec![], Reason::Unauthorized));
    assert!(kannel.parts().is_empty(), "a check sends nothing");
}

#[tokio::test]
async fn a_gateway_without_its_network_has_the_text_all_the_same() {
    let callbacks = Callbacks::start().await;
    let mut kannel = Kannel::start(callbacks.url()).await;
    let provider = gateway(&kannel, &callbacks, LOGIN.1);
    kannel.without_network().await;
    let parcel = text(1, TO, "Power is out.");
    assert_eq!(provider.send(&parcel).await, Outcome::Accepted { reference: None, parts: 1 });
    assert!(kannel.parts().is_empty());
    kannel.with_network().await;
    assert_eq!(kannel.wait_for_parts(1).await[0].text, "Power is out.");
    let came = callbacks.wait_for(1, |came| came.query.get("type").is_some_and(|state| state == "1")).await;
    let expected = Receipt { about: About::Token(parcel.token), word: ReceiptWord::Delivered };
    assert_eq!(read_as_it_came(&*provider, &came[0]), expected);
}

#[tokio::test]
async fn a_gateway_that_is_gone_is_unreachable() {
    let callbacks = Callbacks::start().await;
    let kannel = Kannel::start(callbacks.url()).await;
    let [used, fresh] = [(); 2].map(|()| gateway(&kannel, &callbacks, LOGIN.1));
    assert_eq!(Expect::of(&used.send(&text(1, TO, "Power is out.")).await), Expect::Accepted);
    drop(kannel);
    assert_eq!(used.check().await.expect_err("it is gone").reason, Reason::Unreachable);
    // The one that kept a connection may write into it before it learns of the end, and is then in doubt as it has to be.
    let outcome = fresh.send(&text(2, TO, "Power is back.")).await;
    assert_eq!(Expect::of(&outcome), Expect::Later(Reason::Unreachable), "{outcome:?}");
}

/// The whole chain: from us to a gateway, by SMPP to its centre, and back. What the gateway writes to the centre and what
/// our own `smpp` writes there is the same, so we read that protocol as another does.
#[tokio::test]
async fn what_the_centre_says_comes_back_through_the_gateway() {
    let callbacks = Callbacks::start().await;
    let smsc = Smsc::start().await;
    smsc.script(&Script { receipts: Receipts::Text, ..Script::default() }).await;
    let kannel = Kannel::over_smpp(&smsc, callbacks.url()).await;
    let gateway = gateway(&kannel, &callbacks, LOGIN.1);
    let direct = json!({ "kind": "smpp", "host": "127.0.0.1", "port": smsc.port, "tls": false,
        "system_id": smsc::LOGIN.0, "from": "12345" });
    let direct = super::provider(direct, &[("/password", smsc::LOGIN.1)], &testkit::world());
    let long = "Störung in Nürnberg: {Gas} und [Strom], 5 € & 100 %? ~ ".repeat(7);
    for (ordinal, words) in
        ["We know of it: {5 €} @", "Свет отключён, мы знаем", long.trim_end()].into_iter().enumerate()
    {
        let parcel = text(ordinal as i64, TO, words);
        let parts = encoding::measure(words).parts;
        let before = smsc.state().await.texts.len();
        assert_eq!(gateway.send(&parcel).await, Outcome::Accepted { reference: None, parts });
        let about = About::Token(parcel.token.clone());
        let delivered = |callback: &callbacks::Callback| {
            let of_it = callback.query.get("id").is_some_and(|id| *id == parcel.token);
            of_it && callback.query.get("type").is_some_and(|state| state == "1")
        };
        let came = callbacks.wait_for(1, delivered).await;
        assert_eq!(read_as_it_came(&*gateway, &came[0]), Receipt { about, word: ReceiptWord::Delivered });
        let between = smsc.state().await.texts.len();
        assert_eq!(Expect::of(&direct.send(&parcel).await), Expect::Accepted);
        let texts = smsc.state().await.texts;
        assert_eq!(between - before, parts as usize);
        assert_eq!(texts[before..between].iter().map(|part| part.text.as_str()).collect::<String>(), words);
        for (theirs, ours) in texts[before..between].iter().zip(&texts[between..]) {
            assert_eq!((&ours.text, &ours.from, ours.coding), (&theirs.text, &theirs.from, theirs.coding));
            // Which of how many; the reference before it is each one's own.
            let place = |header: &Option<Vec<u8>>| header.as_ref().map(|header| header[header.len() - 2..].to_vec());
            assert_eq!(place(&ours.header), place(&theirs.header));
        }
    }
    smsc.customer_writes(&TO[1..], "12345", "Stop").await;
    let came = callbacks.wait_for(1, |callback| callback.path == "/mo").await;
    let said = ["kw", "from", "text"].map(|name| came[0].query[name].as_str());
    assert_eq!(said, ["stop", TO, "Stop"]);
}
