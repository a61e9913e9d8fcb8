//! The daemon ends at every boundary of a delivery's way, and the next start makes it good: nobody is lost, nobody is called
//! accepted who has nothing, each copy was marked in doubt before it went, and the broadcast closes.

use std::{collections::BTreeMap, os::unix::process::ExitStatusExt as _};

use onevoice::store::recipients::Recipient;
use onevoice_channels::contract::Channel;
use serde_json::json;

use super::{
    Client, Daemon, Site, Start, content,
    ledger::{self, Arrivals, Ledger},
    person,
};
use crate::parts::{ready, smtp_sink::SmtpSink};

const PEOPLE: usize = 250;
const ABORTED: i32 = 6;

/// Where a daemon ends, where the next one does, and so on (`channels/src/failpoint.rs` says where each lies); and whether
/// this has to leave somebody in doubt, may not, or may.
type Case = (&'static [&'static str], Option<bool>);

const ONE_CRASH: &[Case] = &[
    (&["claim:1"], Some(false)),
    (&["intent:1"], Some(true)),
    (&["intent:3"], Some(true)),
    (&["write:1"], Some(true)),
    (&["write:40"], Some(true)),
    (&["reply:40"], Some(true)),
    (&["counter:2"], Some(true)),
    (&["outcome:2"], Some(true)),
    (&["recorded:2"], None),
    (&["close:1"], Some(false)),
    (&["closed:1"], Some(false)),
];

const CRASHES_AT_THE_START: &[Case] = &[
    (&["write:40", "rescue:1"], Some(true)),
    (&["write:40", "rescued:1"], Some(true)),
    (&["write:40", "write:1", "rescue:1", "reply:1"], Some(true)),
];

/// Fails in words where the binary under test has no failpoints.
pub fn need_failpoints() {
    if cfg!(not(debug_assertions)) {
        panic!("this test needs the failpoints, which a release has not: run it without `--release`");
    }
}

struct Scene {
    site: Site,
    sink: SmtpSink,
    author: Client,
    approver: Client,
    /// How many broadcasts there were; each has a subject of its own.
    broadcasts: u32,
}

impl Scene {
    async fn new(limits: &str) -> Scene {
        need_failpoints();
        let sink = SmtpSink::start().await;
        let people: Vec<Recipient> = (0..PEOPLE)
            .map(|place| person(&format!("c{place:03}"), "Maria", Some(&format!("p{place:03}@example.test")), None))
            .collect();
        let relay = format!(
            "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
             limits = {{ {limits} }}\n",
            sink.port
        );
        let site = Site::new(&relay, &people).await;
        let daemon = site.start().await;
        let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
        assert!(daemon.stop().await.success());
        Scene { site, sink, author, approver, broadcasts: 0 }
    }

    async fn start_to_end_at(&self, failpoint: &str) -> Daemon {
        self.site.start_as(&Start { env: &[("ONEVOICE_FAILPOINT", failpoint)], ..Start::default() }).await
    }

    fn subject(&self) -> String {
        format!("Card payments are failing {:02}", self.broadcasts)
    }

    /// Approves another update; answers its broadcast.
    async fn go(&mut self) -> i64 {
        self.broadcasts += 1;
        let incident = self.author.incident().await;
        let (update, submitted) = self.author.submit(incident, content("identified", &self.subject())).await;
        self.approver.approve_and_crash(update, &submitted).await
    }

    /// Starts the daemon for good, lets the broadcast end, and looks at the accounts.
    async fn settle(&self, broadcast: i64, case: &str) -> (Ledger, Arrivals) {
        let daemon = self.site.start().await;
        self.author.ended(broadcast).await;
        assert!(daemon.stop().await.success());
        let accounts = Ledger::read(&self.site.database(), broadcast, Channel::Email).await;
        let arrivals = self.arrivals();
        assert_eq!(arrivals.len(), accounts.snapshot.len(), "{case}: everyone has it");
        assert_eq!(accounts.faults_with(&arrivals), [""; 0], "{case}");
        assert!(ledger::audit_is_whole(&self.site.database()).await, "{case}");
        (accounts, arrivals)
    }

    /// What came of the latest broadcast.
    fn arrivals(&self) -> Arrivals {
        let (mut arrivals, mut ids) = (Arrivals::new(), BTreeMap::new());
        let subject = self.subject();
        for mail in self.sink.mails().into_iter().filter(|mail| mail.header("Subject").as_ref() == Some(&subject)) {
            let (address, id) = (mail.recipients[0].clone(), mail.header("Message-ID"));
            let first = ids.entry(address.clone()).or_insert_with(|| id.clone());
            assert_eq!(*first, id, "a copy has the Message-ID of the first");
            arrivals.entry(address).or_default().push(mail.at);
        }
        arrivals
    }
}

async fn crash_and_settle(cases: &[Case]) {
    let mut scene = Scene::new("connections = 2").await;
    for (crashes, leaves_doubt) in cases {
        let case = crashes.join(", then ");
        let daemon = scene.start_to_end_at(crashes[0]).await;
        let broadcast = scene.go().await;
        assert_eq!(daemon.gone().await.signal(), Some(ABORTED), "{case}");
        for failpoint in &crashes[1..] {
            let how = Start { env: &[("ONEVOICE_FAILPOINT", failpoint)], ..Start::default() };
            let mut again = scene.site.spawn_as(&how);
            let ended = ready::until("the next crash", async || again.try_wait().expect("it can be looked at")).await;
            assert_eq!(ended.signal(), Some(ABORTED), "{case}");
        }
        let (accounts, arrivals) = scene.settle(broadcast, &case).await;
        assert_eq!((accounts.state.as_str(), accounts.outcomes.len()), ("completed", PEOPLE), "{case}");
        let left_doubt = !accounts.marks.is_empty();
        assert!(leaves_doubt.is_none_or(|expected| expected == left_doubt), "{case}: somebody in doubt: {left_doubt}");
        println!("{case}: {} marked in doubt, {} copies", accounts.marks.len(), ledger::copies(&arrivals));
    }
}

#[tokio::test]
async fn a_crash_at_any_boundary_loses_nothing_and_marks_every_copy_beforehand() {
    crash_and_settle(ONE_CRASH).await;
}

#[tokio::test]
async fn a_crash_of_the_start_after_a_crash_does_no_harm() {
    crash_and_settle(CRASHES_AT_THE_START).await;
}

#[tokio::test]
async fn a_crash_while_a_stop_gives_deliveries_back_loses_none() {
    let mut scene = Scene::new("connections = 2, per_second = 100, burst = 1").await;
    let daemon = scene.start_to_end_at("release:1").await;
    let broadcast = scene.go().await;
    let path = format!("/broadcasts/{broadcast}");
    ready::until("the first mails", async || (!scene.sink.mails().is_empty()).then_some(())).await;
    // Whether its answer still comes is the crash's business.
    let _ = scene.author.send(&format!("{path}/pause"), &json!({})).await;
    assert_eq!(daemon.gone().await.signal(), Some(ABORTED));
    let daemon = scene.site.start().await;
    if scene.author.get(&path).await["state"] == "paused" {
        scene.author.post(&format!("{path}/resume"), &json!({})).await;
    }
    scene.author.ended(broadcast).await;
    assert!(daemon.stop().await.success());
    scene.settle(broadcast, "release").await;
}
