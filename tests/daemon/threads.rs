//! Accounts whose server knows a repeated post again (Mastodon for an hour, Bluesky for good): however often the daemon ends in
//! the middle of a thread of several posts, each post is there once, and in its place.

use std::os::unix::process::ExitStatusExt as _;

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{Client, Site, Start, content, failpoints::need_failpoints, ledger::Ledger, person};
use crate::{
    parts::{
        pds::{Account, Pds},
        ready,
    },
    simulators::mastodon::{self, Mastodon},
};

const ABORTED: i32 = 6;

struct Scene {
    site: Site,
    pds: Pds,
    account: Account,
    mastodon: Mastodon,
    author: Client,
    approver: Client,
    incident: i64,
    updates: usize,
}

impl Scene {
    async fn new() -> Scene {
        let (pds, mastodon) = (Pds::start().await, Mastodon::start().await);
        let account = pds.create_account("acme-status").await;
        let site = Site::new("", &[person("c1", "Maria", Some("maria@example.test"), None)]).await;
        let secret = |name: &str, value: &str| {
            let path = site.folder.path().join(name);
            std::fs::write(&path, value).expect("the folder is writable");
            format!("{{ file = {path:?} }}")
        };
        site.configure(&format!(
            "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n\
             [[provider]]\nname = \"fediverse\"\nkind = \"mastodon\"\nbase_url = \"{}\"\naccess_token = {}\n\
             [[provider]]\nname = \"skies\"\nkind = \"bluesky\"\nservice = \"{}\"\nidentifier = \"{}\"\napp_password = {}\n",
            mastodon.url(),
            secret("mastodon", mastodon::TOKEN),
            pds.url,
            account.handle,
            secret("bluesky", &account.app_password),
        ));
        let daemon = site.start().await;
        let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
        let incident = author.incident().await;
        assert!(daemon.stop().await.success());
        Scene { site, pds, account, mastodon, author, approver, incident, updates: 0 }
    }

    /// Approves another update, each of whose posts says which update it is of.
    async fn go(&mut self) -> i64 {
        let (update, submitted) = self.submit().await;
        self.approver.approve_and_crash(update, &submitted).await
    }

    async fn submit(&mut self) -> (i64, Value) {
        self.updates += 1;
        let number = self.updates;
        let mut update = content("identified", &format!("Card payments are failing, report {number}"));
        let step = |minute: usize| {
            format!(
                "At 10:{minute:02} one card payment in five failed in Europe, as report {number} says on page {number}."
            )
        };
        let steps: Vec<String> = (10..18).map(step).collect();
        update["variants"][0]["facts"]["en"]["short"] =
            json!({ "mastodon": steps.join(" "), "bluesky": steps.join(" ") });
        self.author.submit(self.incident, update).await
    }

    /// Starts the daemon for good, and lets the broadcast end.
    async fn settle(&self, broadcast: i64, case: &str) {
        let daemon = self.site.start().await;
        assert_eq!(self.author.ended(broadcast).await["state"], "completed", "{case}");
        assert!(daemon.stop().await.success());
        for channel in [Channel::Mastodon, Channel::Bluesky] {
            let accounts = Ledger::read(&self.site.database(), broadcast, channel).await;
            assert_eq!(accounts.faults(), [""; 0], "{case}, {channel}");
        }
        self.look(case).await;
    }

    /// Each post is there once, and replies to the one before it.
    async fn look(&self, case: &str) {
        let statuses = self.mastodon.statuses();
        for pair in statuses.windows(2) {
            assert_eq!(pair[1].in_reply_to_id.as_ref(), Some(&pair[0].id), "{case}");
        }
        self.once(statuses.iter().map(|status| status.text.clone()).collect(), case);
        let mut records = self.pds.posts(&self.account).await;
        records.sort_by_key(|record| record["value"]["createdAt"].as_str().unwrap_or_default().to_owned());
        for pair in records.windows(2) {
            assert_eq!(pair[1]["value"]["reply"]["parent"]["uri"], pair[0]["uri"], "{case}");
        }
        let text = |record: &Value| record["value"]["text"].as_str().unwrap_or_default().to_owned();
        self.once(records.iter().map(text).collect(), case);
    }

    fn once(&self, mut texts: Vec<String>, case: &str) {
        let total = texts.len();
        texts.sort_unstable();
        let twice = texts.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None, "{case}: a post is there twice");
        assert!(total >= 2 * self.updates, "{case}: {total} posts of {} updates: these are no threads", self.updates);
    }
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_thread_makes_no_post_twice() {
    need_failpoints();
    let mut scene = Scene::new().await;
    for failpoint in ["write:1", "write:2", "write:4", "reply:1", "reply:2", "reply:3", "reply:5"] {
        let how = Start { env: &[("ONEVOICE_FAILPOINT", failpoint)], ..Start::default() };
        let daemon = scene.site.start_as(&how).await;
        let broadcast = scene.go().await;
        assert_eq!(daemon.gone().await.signal(), Some(ABORTED), "{failpoint}");
        scene.settle(broadcast, failpoint).await;
    }
    // And at moments of the servers' choosing: as soon as one more post is there, whatever the daemon knows of it.
    for more in [1, 2] {
        let mut daemon = scene.site.start().await;
        let before = scene.mastodon.statuses().len();
        let broadcast = scene.go().await;
        ready::until("another post", async || (scene.mastodon.statuses().len() >= before + more).then_some(())).await;
        daemon.kill_now().await;
        scene.settle(broadcast, &format!("kill -9 after {more} posts")).await;
    }
}

#[tokio::test]
async fn posts_that_somebody_wants_gone_go_across_a_crash_and_the_others_stay() {
    let mut scene = Scene::new().await;
    let mut daemon = scene.site.start().await;
    let mut broadcasts = Vec::new();
    for _ in 0..2 {
        let (update, submitted) = scene.submit().await;
        let broadcast = scene.approver.approve(update, &submitted).await;
        assert_eq!(scene.author.ended(broadcast).await["state"], "completed");
        broadcasts.push(broadcast);
    }
    let path = format!("/broadcasts/{}/withdrawals", broadcasts[1]);
    scene.author.post(&path, &json!({})).await;
    daemon.kill_now().await;
    let daemon = scene.site.start().await;
    let gone = ready::until("the posts to be gone", async || {
        let items = scene.author.get(&path).await["items"].as_array().cloned().unwrap_or_default();
        items.iter().all(|item| item["state"] == "deleted").then_some(items)
    })
    .await;
    assert_eq!(gone.len(), 2, "one on each account: {gone:?}");
    assert_eq!(scene.author.get(&format!("/broadcasts/{}", broadcasts[1])).await["state"], "retracted");
    let (statuses, records) = (scene.mastodon.statuses(), scene.pds.posts(&scene.account).await);
    let texts: Vec<&str> = statuses.iter().map(|status| status.text.as_str()).collect();
    assert!(texts.len() > 1 && texts.iter().all(|text| !text.contains("report 2")), "{texts:?}");
    assert!(records.len() > 1 && !json!(records).to_string().contains("report 2"), "{records:?}");
    scene.updates = 1;
    scene.look("after the deletion").await;
    assert!(daemon.stop().await.success());
}
