//! A database that was restored or copied may be hours old, and would send again what the original sent since: it starts
//! paused, says so wherever one looks, and an administrator's command with a reason lets it go on.

use std::path::Path;

use onevoice::store::recipients::Recipient;
use serde_json::{Value, json};

use super::{Client, Daemon, Site, content, person};
use crate::parts::{folder, http, port, ready};

const PEOPLE: usize = 60;
const OUTBOX: &str = "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n\
                      limits = { per_second = 40, burst = 1 }\n";

fn accepted(broadcast: &Value) -> i64 {
    broadcast["progress"]["outcomes"]["accepted"].as_i64().unwrap_or(0)
}

/// A site in whose database a broadcast was under way when the backup was made; answers it, the broadcast and the backup.
async fn backed_up() -> (Site, i64, String) {
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| person(&format!("c{place:02}"), "Maria", Some(&format!("p{place:02}@example.test")), None))
        .collect();
    let site = Site::new(OUTBOX, &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    let path = format!("/broadcasts/{broadcast}");
    ready::until("the first outcomes", async || (accepted(&author.get(&path).await) > 0).then_some(())).await;
    let backup = site.folder.path().join("backup.db").display().to_string();
    let (code, _, said) = site.command(&["backup", &backup, "--config", "onevoice.toml"]).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(accepted(&author.ended(broadcast).await), PEOPLE as i64, "the original goes on to its end");
    assert!(daemon.stop().await.success());
    (site, broadcast, backup)
}

async fn text(daemon: &Daemon, path: &str) -> String {
    let answer = http::client().get(format!("{}{path}", daemon.base)).send().await.expect("the daemon answers");
    answer.text().await.expect("the daemon answers to its end")
}

async fn refused(client: &Client, path: &str, body: Value) -> u16 {
    client.try_post(path, &body).await.err().map_or(0, |refused| refused.status)
}

/// That nothing leaves and everyone is told, until an administrator says why it may.
async fn waits_for_a_reason(site: &Site, broadcast: i64, why: &str) {
    let daemon = site.start().await;
    let (author, administrator) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ada@acme.example").await);
    let path = format!("/broadcasts/{broadcast}");
    let before = author.get(&path).await;
    assert_eq!(before["state"], "paused", "{before}");
    let held = author.get("/status").await["held"].as_str().unwrap_or_default().to_owned();
    assert!(held.contains(why), "the API: {held}");
    assert!(text(&daemon, "/readyz").await.contains("nothing is sent: this database came from a copy"));
    assert!(text(&daemon, "/metrics").await.contains("onevoice_held 1"));
    let (_, _, said) = site.command(&["report", &broadcast.to_string(), "--config", "onevoice.toml"]).await;
    assert!(said.contains("Nothing is sent") && said.contains(why) && said.contains("onevoice start"), "{said}");
    let log = std::fs::read_to_string(site.log()).expect("the daemon has a log");
    assert!(log.contains("nothing is sent until somebody starts it again"));

    assert_eq!(refused(&author, &format!("{path}/resume"), json!({})).await, 409);
    assert_eq!(refused(&author, &format!("{path}/retry"), json!({})).await, 409);
    assert_eq!(refused(&author, "/start", json!({ "reason": "I think so" })).await, 403);
    assert_eq!(refused(&administrator, "/start", json!({ "reason": " " })).await, 422);
    // A second start changes nothing about it.
    assert!(daemon.stop().await.success());
    let daemon = site.start().await;
    let author = daemon.sign_in("ana@acme.example").await;
    assert!(author.get("/status").await["held"].as_str().unwrap_or_default().contains(why));

    let started =
        site.command(&["start", "--reason", "nothing was sent since the backup", "--config", "onevoice.toml"]).await;
    assert_eq!(started.0, 0, "{}", started.2);
    assert!(author.get("/status").await["held"].is_null());
    assert_eq!(text(&daemon, "/readyz").await, "ready\n");
    let still = author.get(&path).await;
    assert_eq!(
        (&still["state"], accepted(&still)),
        (&json!("paused"), accepted(&before)),
        "each is resumed by a person"
    );
    author.post(&format!("{path}/resume"), &json!({})).await;
    assert_eq!(accepted(&author.ended(broadcast).await), PEOPLE as i64);
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_restored_and_a_copied_database_wait_for_a_reason_before_they_send() {
    let (site, broadcast, backup) = backed_up().await;
    // The copy: the same file elsewhere, with nothing beside it.
    let copy = Site { folder: folder::work(), port: port::free() };
    copy.configure(OUTBOX);
    std::fs::create_dir(copy.folder.path().join("data")).unwrap();
    std::fs::copy(Path::new(&backup), copy.database()).unwrap();
    waits_for_a_reason(&copy, broadcast, "it was copied").await;

    let (code, said, error) = site.command(&["restore", &backup, "--config", "onevoice.toml"]).await;
    assert_eq!(code, 0, "{said}{error}");
    waits_for_a_reason(&site, broadcast, "restored from a backup").await;
}
