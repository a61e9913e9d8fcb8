//! kill -9 in the middle of a broadcast, ten times: nothing lost, and every possible duplicate marked beforehand.

use std::collections::{BTreeMap, BTreeSet};

use onevoice::{
    store::{Store, recipients::Recipient},
    world::SystemRandom,
};
use onevoice_channels::contract::{Channel, DeliveryId};
use serde_json::Value;

use super::{Site, content, person};
use crate::parts::{ready, smtp_sink::SmtpSink};

const PEOPLE: usize = 20_000;
const KILLS: usize = 10;

fn done(broadcast: &Value) -> i64 {
    let outcomes =
        broadcast.pointer("/progress/channels/email/outcomes").or(broadcast.pointer("/progress/email/outcomes"));
    outcomes.and_then(Value::as_object).map_or(0, |outcomes| outcomes.values().filter_map(Value::as_i64).sum())
}

#[tokio::test]
async fn ten_kills_lose_nothing_and_mark_every_possible_duplicate() {
    let sink = SmtpSink::start().await;
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| person(&format!("c{place:05}"), "Maria Jensen", Some(&format!("p{place:05}@example.test")), None))
        .collect();
    let providers = format!(
        "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nlimits = {{ connections = 4 }}\n",
        sink.port
    );
    let site = Site::new(&providers, &people).await;
    let mut daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) =
        author.submit(incident, content("identified", "Card payments are failing in Europe")).await;
    assert_eq!(submitted["people"], PEOPLE);
    let broadcast = approver.approve(update, &submitted).await;

    for kill in 1..=KILLS {
        let client = daemon.sign_in("ana@acme.example").await;
        let enough = (PEOPLE * kill / (KILLS + 2)) as i64;
        ready::until("the next kill's moment", async || {
            (done(&client.get(&format!("/broadcasts/{broadcast}")).await) >= enough).then_some(())
        })
        .await;
        daemon.kill().await;
        daemon = site.start().await;
    }
    let client = daemon.sign_in("ana@acme.example").await;
    let ended = client.ended(broadcast).await;
    assert_eq!((ended["state"].as_str(), done(&ended)), (Some("completed"), PEOPLE as i64));
    assert!(daemon.stop().await.success());

    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mail in sink.mails() {
        let recipient = mail.recipients[0].clone();
        *arrived.entry(recipient.clone()).or_default() += 1;
        ids.entry(recipient).or_default().insert(mail.header("Message-ID").unwrap_or_default());
    }
    assert_eq!(arrived.len(), PEOPLE, "everyone has it");
    assert!(ids.values().all(|ids| ids.len() == 1), "a duplicate has the Message-ID of the first");
    let store = Store::open(&site.database(), &SystemRandom).await.unwrap();
    let twice: Vec<&String> = arrived.iter().filter(|(_, count)| **count > 1).map(|(address, _)| address).collect();
    for address in &twice {
        // The snapshot is in the order of addresses, which are in the order of their numbers.
        let ordinal: i64 = address[1..6].parse().unwrap();
        let attempts = store.attempts(DeliveryId { broadcast, channel: Channel::Email, ordinal }).await.unwrap();
        assert!(attempts.iter().any(|attempt| attempt.word == "in_doubt"), "{address} came twice and was never marked");
    }
    // Four connections, eight messages under way on each, and 512 outcomes that may be known and not committed.
    let bound = KILLS * (4 * 8 + 512);
    assert!(twice.len() <= bound, "{} duplicates, and {bound} are possible", twice.len());
    println!("{PEOPLE} people, {KILLS} kills, {} duplicates, all marked beforehand", twice.len());
}
