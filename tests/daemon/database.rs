//! Bad luck with the database: another process holds it, the disk fails under it, it is read-only. What was sent is kept until
//! it can be written, what is asked is refused in words, nothing is believed that was not written, and the sum stays whole.

use std::path::{Path, PathBuf};

use onevoice::store::recipients::Recipient;
use onevoice_channels::contract::Channel;
use serde_json::json;
use sqlx::Connection as _;

use super::{
    Client, Daemon, Site, content,
    ledger::{self, Ledger},
    person,
};
use crate::parts::{http, ready, strace};

const PEOPLE: usize = 150;
const OUTBOX: &str = "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n\
                      limits = { per_second = 50, burst = 1 }\n";

async fn site() -> Site {
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| person(&format!("c{place:03}"), "Maria", Some(&format!("p{place:03}@example.test")), None))
        .collect();
    Site::new(OUTBOX, &people).await
}

/// A broadcast in its middle.
async fn under_way(site: &Site) -> (Daemon, Client, i64) {
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    ready::until("the first outcomes", async || {
        let seen = author.get(&format!("/broadcasts/{broadcast}")).await;
        seen["progress"]["outcomes"]["accepted"].as_i64().filter(|count| *count > 0)
    })
    .await;
    (daemon, author, broadcast)
}

async fn says(site: &Site, words: &str) {
    let log = site.log();
    ready::until(words, async || std::fs::read_to_string(&log).ok()?.contains(words).then_some(())).await;
}

/// While nothing can be written the daemon says so to who asks whether it is ready, and to who wants something.
async fn refuses_in_words(daemon: &Daemon, author: &Client) {
    let answer = http::client().get(format!("{}/readyz", daemon.base)).send().await.expect("the daemon answers");
    assert_eq!(answer.status(), 503);
    let refused = author.try_post("/incidents", &json!({ "kind": "notice", "title": "t" })).await;
    let refused = refused.expect_err("nothing can be written");
    assert_eq!(refused.status, 503, "{}", refused.problem);
    let detail = refused.problem["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("nothing was changed"), "{}", refused.problem);
}

/// Once it is mended everything ends as if nothing had been.
async fn ends_whole(site: &Site, daemon: Daemon, author: &Client, broadcast: i64) {
    let ended = author.ended(broadcast).await;
    assert_eq!(ended["state"], "completed", "{ended}");
    assert!(daemon.stop().await.success());
    let accounts = Ledger::read(&site.database(), broadcast, Channel::Email).await;
    assert_eq!((accounts.faults(), accounts.outcomes.len()), (Vec::new(), PEOPLE));
    assert_eq!(accounts.marks.len(), 0, "what was kept was never in doubt");
    assert!(ledger::audit_is_whole(&site.database()).await);
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_waited_for() {
    let site = site().await;
    let (daemon, author, broadcast) = under_way(&site).await;
    let mut other = ledger::connect(&site.database()).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.expect("the other process gets its turn");
    says(&site, "nothing can be written").await;
    refuses_in_words(&daemon, &author).await;
    other.close().await.expect("it closes");
    ends_whole(&site, daemon, &author, broadcast).await;
}

#[tokio::test]
async fn a_disk_that_fails_while_messages_go_out_is_believed_and_written_to_again() {
    for fault in ["fsync,fdatasync:error=EIO", "pwrite64:error=EROFS", "pwrite64:error=EIO"] {
        let site = site().await;
        let (daemon, author, broadcast) = under_way(&site).await;
        let strace = strace::fail(daemon.pid(), fault, site.folder.path()).await;
        says(&site, "nothing can be written").await;
        refuses_in_words(&daemon, &author).await;
        drop(strace);
        ends_whole(&site, daemon, &author, broadcast).await;
    }
}

/// A read-only view of a file over itself, as long as the handle lives.
struct ReadOnly(PathBuf);

impl ReadOnly {
    fn make(file: &Path) -> ReadOnly {
        let run = |arguments: &[&str]| {
            let mounted = std::process::Command::new("mount").args(arguments).arg(file).status();
            assert!(mounted.expect("mount runs").success(), "a bind mount needs root");
        };
        run(&["--bind", file.to_str().expect("UTF-8")]);
        let view = ReadOnly(file.to_owned());
        run(&["-o", "remount,bind,ro"]);
        view
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_read_only_database_is_refused_at_the_start_and_left_as_it_is() {
    let site = site().await;
    let before = std::fs::read(site.database()).expect("it is closed");
    let view = ReadOnly::make(&site.database());
    let (code, _, said) = site.command(&["serve", "--config", "onevoice.toml"]).await;
    assert_ne!(code, 0);
    assert!(said.contains("onevoice.db: Read-only file system") && said.contains("have to be writable"), "{said}");
    drop(view);
    assert_eq!(std::fs::read(site.database()).expect("it is closed"), before);
    let (daemon, author, broadcast) = under_way(&site).await;
    ends_whole(&site, daemon, &author, broadcast).await;
}

#[tokio::test]
async fn a_start_that_cannot_settle_what_a_crash_left_sends_nothing_before_it_can() {
    let site = site().await;
    let (daemon, author, broadcast) = under_way(&site).await;
    daemon.kill().await;
    let mut other = ledger::connect(&site.database()).await;
    sqlx::query("ALTER TABLE claim RENAME TO claim_elsewhere").execute(&mut other).await.expect("it is writable");
    let child = site.spawn();
    says(&site, "nothing is sent before it is").await;
    sqlx::query("ALTER TABLE claim_elsewhere RENAME TO claim").execute(&mut other).await.expect("it is writable");
    other.close().await.expect("it closes");
    let daemon = site.adopt(child).await;
    author.ended(broadcast).await;
    assert!(daemon.stop().await.success());
    let accounts = Ledger::read(&site.database(), broadcast, Channel::Email).await;
    assert_eq!((accounts.faults(), accounts.outcomes.len()), (Vec::new(), PEOPLE));
}
