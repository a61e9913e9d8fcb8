//! A promise that is left alone for a day, with a daemon whose clock is set on: "no news yet" goes out twice by itself, on
//! the banner, the status page and social media; then people are called, and customers see how each was kept.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Client, Site, Start, clock::libfaketime, content, now, person};
use crate::parts::ready;

/// What the promises of the incident say: how each stands, and for when it was made.
async fn ledger(client: &Client) -> Vec<(String, Timestamp, Value)> {
    let page = client.get("/promises").await;
    let entries = page["items"].as_array().expect("a list").iter().rev();
    let of = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().expect("it is there").to_owned();
        (text("standing"), text("due_at").parse().expect("a time"), entry.clone())
    };
    entries.map(of).collect()
}

#[tokio::test]
async fn a_promise_left_alone_for_a_day_is_kept_by_no_news_yet_and_then_people_are_called() {
    let providers = "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n\
        [[provider]]\nname = \"mastodon\"\nkind = \"outbox\"\nchannel = \"mastodon\"\n\
        [[provider]]\nname = \"banner\"\nkind = \"banner\"\n[[provider]]\nname = \"status-page\"\nkind = \"status-page\"\n";
    let people = [person("c1", "Maria", Some("maria@example.test"), None)];
    let site = Site::new(providers, &people).await;
    let file = site.folder.path().join("clock");
    let set = |seconds: i64| {
        let fresh = file.with_extension("new");
        fs::write(&fresh, format!("{seconds:+}")).and_then(|()| fs::rename(&fresh, &file)).expect("the folder is ours");
    };
    set(0);
    let (library, clock) = (libfaketime(), file.clone());
    let env = [
        ("LD_PRELOAD", library.to_str().expect("UTF-8")),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().expect("UTF-8")),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let daemon = site.start_as(&Start { env: &env, ..Start::default() }).await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    author.ended(broadcast).await;

    // Each time the clock is set on to when the next update was promised for, and nobody writes.
    for (place, standing) in ["holding", "holding"].into_iter().enumerate() {
        let (_, due, _) = ledger(&author).await.swap_remove(place);
        set(due.duration_since(now()).as_secs() + 2);
        let next = ready::until("the message for it", async || {
            let ledger = ledger(&author).await;
            (ledger.len() == place + 2).then(|| ledger[place].clone())
        });
        let (stands, _, entry) = next.await;
        assert_eq!(stands, standing, "{entry}");
        let sent = entry["kept_by"].as_i64().expect("what kept it");
        let ended = author.ended(sent).await;
        assert_eq!((&ended["message"], &ended["state"]), (&"holding".into(), &"completed".into()), "{ended}");
        for (channel, count) in [("mastodon", 1), ("banner", 1), ("status_page", 1), ("email", 0)] {
            assert_eq!(author.deliveries(sent, channel).await.len(), count, "{channel}");
        }
    }
    let (_, due, _) = ledger(&author).await.swap_remove(2);
    set(due.duration_since(now()).as_secs() + 2);
    let escalated = ready::until("people to be called", async || {
        ledger(&author).await.swap_remove(2).2["escalated_why"].as_str().map(str::to_owned)
    });
    assert_eq!(escalated.await, "enough");
    set(SignedDuration::from_hours(24).as_secs());
    let late = ready::until("it to be missed", async || {
        let author = daemon.sign_in("ana@acme.example").await;
        let stands: Vec<String> = ledger(&author).await.into_iter().map(|(standing, ..)| standing).collect();
        (stands[2] == "missed").then_some(stands)
    });
    assert_eq!(late.await, ["holding", "holding", "missed"]);

    let page = author.text(author.http.get(format!("{}/status/incidents/{incident}", author.base))).await;
    let (_, told) = page.split_once("What we have told you").expect("a heading");
    assert_eq!(told.matches("nothing new to tell you yet").count(), 2, "{page}");
    assert!(page.matches(", on time").count() == 2, "{page}");
    assert!(daemon.stop().await.success());
}
