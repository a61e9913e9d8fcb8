//! What the measures share: a daemon with an audience, a broadcast carried to its end, a disk that stays as it was.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    machine::{self, Used},
    report::Measure,
    site::{Client, Daemon, Site, content, person},
};

/// The connections of the relay, as `smtp-source -s 16` has.
pub const CONNECTIONS: usize = 16;

/// Nobody in a benchmark is told too often.
pub const CEILING: &str = "\n[approval]\nmessages_per_day_ceiling = 100000\n";

/// Runs a measure again, up to three times, when the disk changed its pace more than twofold meanwhile.
pub async fn with_a_steady_disk(folder: &Path, measure: impl AsyncFn() -> Vec<Measure>) -> Vec<Measure> {
    std::fs::create_dir_all(folder).expect("the target folder is writable");
    for _ in 0..3 {
        let before = machine::fdatasyncs_a_second(folder);
        let mut measures = measure().await;
        let after = machine::fdatasyncs_a_second(folder);
        println!("fdatasync: {before:.0} a second before, {after:.0} after");
        if before.max(after) <= 2.0 * before.min(after) {
            for measure in &mut measures {
                measure.cost.push_str(&format!("; {:.0} fdatasync/s", (before + after) / 2.0));
            }
            return measures;
        }
        println!("the disk moved more than twofold: not quoted, measured again");
    }
    println!("the disk did not keep its pace in three runs: nothing is quoted");
    Vec::new()
}

/// A daemon that runs, and two people signed in to it.
pub struct Stage {
    /// Its folder.
    pub site: Site,
    /// The process.
    pub daemon: Daemon,
    /// Who writes.
    pub author: Client,
    /// Who says yes.
    pub approver: Client,
}

/// A broadcast that ended.
pub struct Ended {
    /// Its number.
    pub broadcast: i64,
    /// From the approval's answer to the last outcome committed.
    pub took: Duration,
    /// What the daemon used meanwhile.
    pub used: Used,
}

impl Stage {
    /// Starts one with these `[[provider]]` tables and so many people with an email address.
    pub async fn of(providers: &str, people: usize) -> Stage {
        Stage::with(providers, people, To::Mail).await
    }

    /// The same with the kind of address given.
    pub async fn with(providers: &str, people: usize, to: To) -> Stage {
        let site = Site::new(&format!("{providers}{CEILING}"), &[]).await;
        fill(&site, people, to).await;
        Stage::on(site).await
    }

    /// The same with a process that has done nothing yet.
    pub async fn fresh(mut self) -> Stage {
        self.restart().await;
        self
    }

    /// Ends the daemon as an operator does, and starts it again.
    pub async fn restart(&mut self) {
        self.daemon.end().await;
        self.daemon = self.site.start().await;
        self.sign_in().await;
    }

    /// Signs both people in again.
    pub async fn sign_in(&mut self) {
        self.author = self.daemon.sign_in("ana@acme.example").await;
        self.author.http = patient();
        self.approver = self.daemon.sign_in("ben@acme.example").await;
    }

    /// Starts the daemon of a site.
    pub async fn on(site: Site) -> Stage {
        let daemon = site.start().await;
        let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
        let mut stage = Stage { site, daemon, author, approver };
        stage.author.http = patient();
        stage
    }

    /// Writes and submits an update of an incident of its own; what is to be approved.
    pub async fn submitted(&self) -> (i64, Value) {
        let incident = self.author.incident().await;
        self.author.submit(incident, content("investigating", "Card payments are failing in Europe")).await
    }

    /// Submits and approves a broadcast to everybody and waits for its end.
    pub async fn carry(&self) -> Ended {
        let (update, broadcast) = self.submitted().await;
        let before = Used::by(self.daemon.pid());
        machine::forget_peak(self.daemon.pid());
        let broadcast = self.approver.approve(update, &broadcast).await;
        let start = Instant::now();
        let ended = self.ended(broadcast).await;
        let took = start.elapsed();
        assert_eq!(ended["state"], "completed", "{ended}");
        Ended { broadcast, took, used: Used::by(self.daemon.pid()).since(before) }
    }

    /// Waits for the end of a broadcast, however long it takes.
    pub async fn ended(&self, broadcast: i64) -> Value {
        loop {
            let seen = self.author.get(&format!("/broadcasts/{broadcast}")).await;
            if !seen["ended_at"].is_null() {
                return seen;
            }
            pause(Duration::from_millis(20)).await;
        }
    }
}

/// A client that waits for the submit of a million.
#[allow(clippy::disallowed_methods, reason = "the daemon's refuses loopback addresses")]
fn patient() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(600)).no_proxy();
    client.build().expect("a client with these settings can be built")
}

/// Where the people of a stage are reached.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// By mail.
    Mail,
    /// By text message.
    Phone,
}

/// Gives a site so many people more, each with a name and an address.
pub async fn fill(site: &Site, people: usize, to: To) {
    use onevoice::{store::Store, world::SystemRandom};
    let store = Store::open(&site.database(), &SystemRandom).await.expect("the database opens");
    for first in (0..people).step_by(1000) {
        let batch: Vec<_> = (first..people.min(first + 1000))
            .map(|place| {
                let (mail, phone) = (address(place), format!("+44770{place:07}"));
                let mail = (to == To::Mail).then_some(mail.as_str());
                let phone = (to == To::Phone).then_some(phone.as_str());
                let kind = if to == To::Mail { "m" } else { "t" };
                person(&format!("{kind}{place:07}"), &name(place), mail, phone)
            })
            .collect();
        store.put_recipients(&batch, 1, crate::site::now()).await.expect("recipients can be added");
    }
    store.close(&SystemRandom).await;
}

/// The address of the person at a place.
pub fn address(place: usize) -> String {
    format!("p{place:07}@d{:02}.example.test", place % 50)
}

fn name(place: usize) -> String {
    const FIRST: [&str; 8] = ["Maria", "Jürgen", "Aiko", "Zoë", "Oluwaseun", "Sam", "Priyanka", "Łukasz"];
    format!("{} Jensen-{place}", FIRST[place % FIRST.len()])
}

/// A `[[provider]]` that hands mail to a sink.
pub fn relay(port: u16, connections: usize) -> String {
    format!(
        "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         limits = {{ connections = {connections} }}\n"
    )
}

/// Waits a little between two looks at another process.
#[allow(clippy::disallowed_methods, reason = "other processes do not run on our clock")]
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// What a run cost, for the report.
pub fn cost(used: Used, messages: f64) -> String {
    format!(
        "{:.0} µs CPU and {:.0} bytes written a message, {:.0} MB peak",
        used.cpu * 1e6 / messages,
        used.written as f64 / messages,
        used.peak as f64 / 1e6
    )
}
