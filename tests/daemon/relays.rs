//! Bad luck with providers, as the daemon lives through it: nobody is lost, each copy was marked in doubt before it went, and
//! the sum of outcomes is the snapshot. What each answer means to a provider is tested in `tests/providers/`.

use axum::{Router, http::StatusCode};
use onevoice::{store::recipients::Recipient, track::DeliveryState};
use onevoice_channels::contract::Channel;
use serde_json::json;
use sqlx::Connection as _;

use super::{
    Site, content,
    ledger::{self, Arrivals, Ledger},
    now, person,
};
use crate::{
    parts::ready,
    simulators::{
        relay::{Fault, Relay},
        server::Server,
    },
};

const PEOPLE: usize = 12;

fn arrivals(relay: &Relay) -> Arrivals {
    let mut arrivals = Arrivals::new();
    for taken in relay.taken() {
        arrivals.entry(taken.to).or_default().push(taken.at);
    }
    arrivals
}

#[tokio::test]
async fn a_relay_of_any_badness_loses_nobody() {
    let relay = Relay::start().await;
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| person(&format!("c{place:02}"), "Maria", Some(&format!("p{place:02}@example.test")), None))
        .collect();
    let providers = format!(
        "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
         limits = {{ connections = 2 }}\ntimeouts = {{ command_seconds = 2, greeting_seconds = 2, accept_seconds = 2 }}\n",
        relay.port
    );
    let site = Site::new(&providers, &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    for (fault, times, failed, copies) in [
        (Fault::Silence, 1, 0, 1),
        (Fault::HangUp, 3, 0, 3),
        (Fault::Garbage, 2, 0, 2),
        (Fault::Drip, 1, 0, 1),
        (Fault::Door, 2, 0, 0),
        (Fault::Nonsense, 2, 0, 0),
        (Fault::Later, PEOPLE, 0, 0),
        (Fault::Refusal, 5, 5, 0),
        (Fault::Refusal, PEOPLE, PEOPLE, 0),
    ] {
        relay.fail(fault, times);
        let incident = author.incident().await;
        let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
        let broadcast = approver.approve(update, &submitted).await;
        author.ended(broadcast).await;
        let accounts = Ledger::read(&site.database(), broadcast, Channel::Email).await;
        let arrivals = arrivals(&relay);
        assert_eq!(accounts.faults_with(&arrivals), [""; 0], "{fault:?}");
        assert_eq!(accounts.count(DeliveryState::Failed), failed, "{fault:?}");
        assert_eq!(accounts.count(DeliveryState::Accepted), PEOPLE - failed, "{fault:?}");
        assert_eq!((ledger::copies(&arrivals), relay.left()), (copies, 0), "{fault:?}");
    }
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_mailbox_that_is_full_three_times_is_left_alone() {
    let relay = Relay::start().await;
    let mail = |id, address| person(id, "Maria", Some(address), None);
    let people = [mail("c1", "full@example.test"), mail("c2", "maria@example.test")];
    let provider = "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\ntls = \"none\"\n";
    let site = Site::new(&format!("{provider}port = {}\n", relay.port), &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    for failed in [1, 1, 1, 0] {
        relay.fail(Fault::Full, 1);
        let incident = author.incident().await;
        let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
        let broadcast = approver.approve(update, &submitted).await;
        author.ended(broadcast).await;
        let accounts = Ledger::read(&site.database(), broadcast, Channel::Email).await;
        assert_eq!((accounts.count(DeliveryState::Failed), accounts.count(DeliveryState::Accepted)), (failed, 1));
    }
    assert_eq!(relay.left(), 1, "it was not asked the fourth time");
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn an_absurd_retry_after_holds_one_channel_for_an_hour_at_most_and_it_can_be_taken_down() {
    let gateway = Router::new().fallback(async || {
        (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "99999999999999999999")], "slow down for three aeons")
    });
    let gateway = Server::start(gateway).await;
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| {
            let (mail, number) = (format!("p{place:02}@example.test"), format!("+4477009000{place:02}"));
            person(&format!("c{place:02}"), "Maria", Some(&mail), Some(&number))
        })
        .collect();
    let providers = format!(
        "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n\
         [[provider]]\nname = \"texts\"\nkind = \"sms-http\"\nurl = \"{}/send\"\njson = {{ to = \"{{to}}\", text = \"{{text}}\" }}\n",
        gateway.url
    );
    let site = Site::new(&providers, &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    let path = format!("/broadcasts/{broadcast}");
    let seen = ready::until("the mails to be out and a text to wait", async || {
        let seen = author.get(&path).await;
        let channels = &seen["progress"]["channels"];
        let mails = channels["email"]["outcomes"]["accepted"] == PEOPLE;
        (mails && channels["sms"]["waiting"].as_i64() > Some(0)).then_some(seen)
    })
    .await;
    assert_eq!(seen["state"], "running");
    let mut connection = ledger::connect(&site.database()).await;
    let due: i64 = sqlx::query_scalar("SELECT MAX(due_at) FROM queue").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let hour = 3_600_000;
    assert!(due <= now().as_millisecond() + hour, "it is due in {} ms", due - now().as_millisecond());

    author.post(&format!("{path}/retract"), &json!({})).await;
    ready::until("nothing to be left", async || {
        let seen = author.get(&path).await;
        (seen["progress"]["left"] == 0).then_some(())
    })
    .await;
    assert!(daemon.stop().await.success());
    for (channel, state) in [(Channel::Email, DeliveryState::Accepted), (Channel::Sms, DeliveryState::Retracted)] {
        let accounts = Ledger::read(&site.database(), broadcast, channel).await;
        assert_eq!((accounts.faults(), accounts.count(state)), (Vec::new(), PEOPLE), "{channel}");
    }
}
