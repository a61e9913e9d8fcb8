//! Two ways for the mail that have nothing in common: a relay and Amazon SES share it, and one carries on alone.

use std::collections::BTreeSet;

use onevoice::store::recipients::Recipient;
use onevoice_channels::testkit::SECRET_FILE;

use super::{Client, Site, content, person};
use crate::parts::{moto::Moto, smtp_sink::SmtpSink};

const PEOPLE: usize = 180;

async fn send(author: &Client, approver: &Client) -> i64 {
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    assert_eq!(author.ended(broadcast).await["state"], "completed");
    for (address, delivery) in author.deliveries(broadcast, "email").await {
        assert_eq!(delivery["attempts"], 1, "{address}: {delivery}");
    }
    broadcast
}

#[tokio::test]
async fn a_relay_and_amazon_share_the_mail_and_the_relay_carries_on_alone() {
    let (moto, sink) = (Moto::start("sender.test").await, SmtpSink::start().await);
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| person(&format!("c{place:03}"), "Maria", Some(&format!("p{place:03}@example.test")), None))
        .collect();
    let everybody: BTreeSet<String> = (0..PEOPLE).map(|place| format!("p{place:03}@example.test")).collect();
    let providers = format!(
        "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
         limits = {{ connections = 1 }}\n\
         [[provider]]\nname = \"ses\"\nkind = \"ses\"\nregion = \"eu-west-1\"\naccess_key_id = \"AKIDEXAMPLE\"\n\
         secret_access_key = {{ file = \"{SECRET_FILE}\" }}\nendpoint = \"{}\"\n\
         limits = {{ per_second = 1000, burst = 100, connections = 1 }}\n",
        sink.port, moto.url
    );
    let site = Site::new(&providers, &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);

    send(&author, &approver).await;
    let by_amazon: Vec<String> = moto.taken().await.into_iter().map(|mail| mail.destinations[0].clone()).collect();
    let by_relay: Vec<String> = sink.mails().into_iter().flat_map(|mail| mail.recipients).collect();
    assert!(!by_amazon.is_empty() && !by_relay.is_empty(), "{} and {}", by_amazon.len(), by_relay.len());
    assert_eq!(by_amazon.len() + by_relay.len(), PEOPLE, "nobody has it twice");
    assert_eq!(by_amazon.into_iter().chain(by_relay.iter().cloned()).collect::<BTreeSet<_>>(), everybody);

    // Amazon is gone: the relay carries everything, and finding that out is no attempt.
    drop(moto);
    send(&author, &approver).await;
    assert_eq!(sink.mails().len(), by_relay.len() + PEOPLE);
    assert!(daemon.stop().await.success());
}
