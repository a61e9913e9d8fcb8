//! Stopping and going on: nothing starts after the stop, and nothing is lost by it.

use onevoice::store::recipients::Recipient;
use serde_json::{Value, json};

use super::{Site, content, person};
use crate::parts::ready;

const PEOPLE: usize = 150;
const OUTBOX: &str = "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n\
                      limits = { per_second = 40, burst = 1, connections = 2 }\n";

fn accepted(broadcast: &Value) -> i64 {
    broadcast["progress"]["outcomes"]["accepted"].as_i64().unwrap_or(0)
}

#[tokio::test]
async fn a_stopped_broadcast_gives_everything_back_and_goes_on_to_its_end() {
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| person(&format!("c{place:03}"), "Maria", Some(&format!("p{place:03}@example.test")), None))
        .collect();
    let site = Site::new(OUTBOX, &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    let path = format!("/broadcasts/{broadcast}");
    ready::until("the first outcomes", async || (accepted(&author.get(&path).await) > 0).then_some(())).await;

    author.post(&format!("{path}/pause"), &json!({})).await;
    ready::until("nothing to be on its way", async || {
        let page = author.get(&format!("{path}/deliveries?state=sending")).await;
        page["items"].as_array().is_some_and(Vec::is_empty).then_some(())
    })
    .await;
    let stopped = author.get(&path).await;
    assert_eq!(stopped["state"], "paused");
    assert!(accepted(&stopped) < PEOPLE as i64, "it was stopped in the middle");

    author.post(&format!("{path}/resume"), &json!({})).await;
    let ended = author.ended(broadcast).await;
    assert_eq!((ended["state"].as_str(), accepted(&ended)), (Some("completed"), PEOPLE as i64));
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn what_an_account_that_was_taken_away_meanwhile_was_to_post_fails_and_holds_nothing_up() {
    let account = |name: &str| format!("[[provider]]\nname = \"{name}\"\nkind = \"outbox\"\nchannel = \"mastodon\"\n");
    let people = [person("c1", "Maria", Some("maria@example.test"), None)];
    let site = Site::new(&format!("{OUTBOX}{}{}", account("english"), account("welsh")), &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    author.post("/stop", &json!({})).await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    assert!(daemon.stop().await.success());

    site.configure(&format!("{OUTBOX}{}", account("english")));
    let daemon = site.start().await;
    daemon.sign_in("ada@acme.example").await.post("/start", &json!({ "reason": "it is right" })).await;
    let author = daemon.sign_in("ana@acme.example").await;
    let ended = author.ended(broadcast).await;
    assert_eq!((ended["state"].as_str(), accepted(&ended)), (Some("partial"), 2), "{ended}");
    let states: Vec<_> = author.deliveries(broadcast, "mastodon").await.into_iter().collect();
    let state = |name: &str| states.iter().find(|(to, _)| to == name).map(|(_, of)| of["state"].clone());
    assert_eq!((state("english"), state("welsh")), (Some(json!("accepted")), Some(json!("failed"))));
    assert!(daemon.stop().await.success());
}
