//! Durable before the wire, under strace: the real daemon is traced, and at the first byte of every message to a provider,
//! and of every success that a caller is told, the disk of [`super::power`] is what a power cut would leave. It must hold
//!
//! * for a message: the approval, and a claim that covers the delivery;
//! * for an answer: the rows that it speaks of.
//!
//! A commit that was not through fdatasync, or one whose fdatasync failed and was believed, is not there. With
//! `synchronous` at OFF or NORMAL the first look fails.

use std::path::PathBuf;

use onevoice::store::recipients::Recipient;
use serde_json::{Value, json};

use super::{Client, Daemon, PASSWORD, Site, Start, content, person, power::Disk};
use crate::{
    parts::{ready, smtp_sink::SmtpSink, strace},
    simulators::callbacks::Callbacks,
};

const PEOPLE: usize = 100;
/// Every tenth has a telephone too.
const TEXTS: usize = PEOPLE / 10;

/// Something that a caller was told: the answer's text, and a question that the disk must answer with yes.
struct Promise {
    answer: String,
    question: String,
}

/// A database with its daemon's runs, each of them traced.
struct Traced {
    site: Site,
    sink: SmtpSink,
    gateway: Callbacks,
    /// The database before the first run.
    before: Vec<u8>,
    traces: Vec<PathBuf>,
    promises: Vec<Promise>,
}

impl Traced {
    async fn new() -> Traced {
        let (sink, gateway) = (SmtpSink::start().await, Callbacks::start().await);
        let people: Vec<Recipient> = (0..PEOPLE)
            .map(|place| {
                let telephone = (place % (PEOPLE / TEXTS) == 0).then(|| format!("+447700900{place:03}"));
                let mail = format!("p{place:03}@example.test");
                person(&format!("c{place:03}"), "Maria", Some(&mail), telephone.as_deref())
            })
            .collect();
        let providers = format!(
            "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
             limits = {{ connections = 2, per_second = 100, burst = 1 }}\n\
             [[provider]]\nname = \"texts\"\nkind = \"sms-http\"\nurl = \"{}/send\"\n\
             json = {{ to = \"{{to}}\", text = \"{{text}}\" }}\n",
            sink.port,
            gateway.url()
        );
        let site = Site::new(&providers, &people).await;
        let before = std::fs::read(site.database()).expect("the database is closed");
        Traced { site, sink, gateway, before, traces: Vec::new(), promises: Vec::new() }
    }

    /// Starts the daemon under strace, which makes calls fail as `inject` says.
    async fn start(&mut self, inject: &[&str]) -> Daemon {
        self.traces.push(self.site.folder.path().join(format!("trace{}", self.traces.len())));
        let file = self.traces[self.traces.len() - 1].to_string_lossy().into_owned();
        self.site.start_as(&Start { under: &strace::under(&file, inject), ..Start::default() }).await
    }

    /// Waits until the trace of a process that has ended is whole.
    async fn traced(&self, process: u32) {
        let trace = self.traces.last().expect("it was started");
        ready::until("the trace to be whole", async || {
            let text = std::fs::read_to_string(trace).ok()?;
            let mut ends = text.lines().rev().take(50).filter(|line| line.contains(" +++ "));
            ends.any(|line| line.starts_with(&format!("{process} "))).then_some(())
        })
        .await;
    }

    /// Asks for something, again while the database cannot be written, and keeps what the answer promises.
    async fn ask(&mut self, client: &Client, path: &str, body: &Value, question: impl Fn(i64) -> String) -> Value {
        let request = || client.http.post(format!("{}/api/v1{path}", client.base)).json(body);
        let answer = client.retried(request).await;
        let value: Value = serde_json::from_str(&answer).expect("JSON");
        let question = question(value["id"].as_i64().expect("a number"));
        self.promises.push(Promise { answer, question });
        value
    }

    /// The way of a message up to its approval; answers the broadcast.
    async fn approve(&mut self, author: &Client, approver: &Client) -> i64 {
        let wish = json!({ "kind": "incident", "title": "Card payments fail" });
        let question = |id| format!("SELECT COUNT(*) FROM incident WHERE id = {id}");
        let incident = self.ask(author, "/incidents", &wish, question).await;
        let wish = json!({ "content": content("identified", "Card payments are failing") });
        let question = |id| format!("SELECT COUNT(*) FROM update_version WHERE update_id = {id}");
        let update = self.ask(author, &format!("/incidents/{}/updates", incident["id"]), &wish, question).await;
        let question = |id| {
            let snapshot = format!("SELECT COUNT(*) = {} FROM snapshot WHERE broadcast_id = {id}", PEOPLE + TEXTS);
            format!("SELECT state <> 'planning' AND ({snapshot}) FROM broadcast WHERE id = {id}")
        };
        let path = format!("/updates/{}/submit", update["id"]);
        let submitted = self.ask(author, &path, &json!({}), question).await;
        let yes = json!({ "digest": submitted["digest"], "recipients": PEOPLE, "password": PASSWORD });
        let question = |id| format!("SELECT COUNT(*) FROM approval WHERE broadcast_id = {id}");
        let path = format!("/updates/{}/approve", update["id"]);
        self.ask(approver, &path, &yes, question).await["id"].as_i64().expect("a number")
    }

    async fn first_mails(&self) {
        ready::until("the first mails", async || (!self.sink.mails().is_empty()).then_some(())).await;
    }

    /// Waits for the end of the broadcast, whose accounts are a promise too, and ends the daemon.
    async fn end(&mut self, daemon: Daemon, author: &Client, broadcast: i64) {
        let ended = author.ended(broadcast).await;
        let outcomes = ended["progress"]["outcomes"].as_object().expect("outcomes").values();
        assert_eq!(outcomes.filter_map(Value::as_u64).sum::<u64>(), (PEOPLE + TEXTS) as u64, "{ended}");
        let url = format!("{}/api/v1/broadcasts/{broadcast}", author.base);
        let answer = author.text(author.http.get(url)).await;
        let question = format!("SELECT COUNT(*) = {} FROM outcome WHERE broadcast_id = {broadcast}", PEOPLE + TEXTS);
        self.promises.push(Promise { answer, question });
        let id = daemon.pid();
        assert!(daemon.stop().await.success());
        self.traced(id).await;
    }
}

/// Carries out a broadcast under strace, with a pause in its middle.
async fn carry_out(inject: &[&str]) -> Traced {
    let mut traced = Traced::new().await;
    let daemon = traced.start(inject).await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let broadcast = traced.approve(&author, &approver).await;
    traced.first_mails().await;
    let path = format!("/broadcasts/{broadcast}");
    let question = |id| format!("SELECT state = 'paused' FROM broadcast WHERE id = {id}");
    traced.ask(&author, &format!("{path}/pause"), &json!({}), question).await;
    let question = |id| format!("SELECT state <> 'paused' FROM broadcast WHERE id = {id}");
    traced.ask(&author, &format!("{path}/resume"), &json!({}), question).await;
    traced.end(daemon, &author, broadcast).await;
    traced
}

/// The addresses that a write to a provider names.
fn addresses(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mails = text.split("RCPT TO:<").skip(1).filter_map(|rest| rest.split('>').next());
    let texts = text.split("\"to\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    mails.chain(texts).map(str::to_owned).collect()
}

/// Walks through the trace and asks the disk at every first byte. Answers how many messages and answers were looked at,
/// and how many fdatasyncs failed on the way.
async fn look_at_every_first_byte(traced: Traced) -> (usize, usize, usize) {
    let mut disk = Disk::new(&traced.site.database(), traced.before, &traced.traces);
    let gateway = traced.gateway.url().rsplit(':').next().expect("a port");
    let to_providers = [traced.sink.port.to_string().as_str(), gateway].map(|port| format!("->127.0.0.1:{port}]"));
    let from_us = format!("TCP:[127.0.0.1:{}->", traced.site.port);
    let mut wire = Vec::new();
    for call in disk.calls().iter().filter(|call| call.target.starts_with("TCP:[")) {
        let named = if to_providers.iter().any(|port| call.target.ends_with(port)) {
            addresses(&call.bytes)
        } else {
            Vec::new()
        };
        let said = if call.target.starts_with(&from_us) {
            String::from_utf8_lossy(&call.bytes).into_owned()
        } else {
            String::new()
        };
        wire.push((call.began, named, said));
    }
    let (mut messages, mut promises) = (0, traced.promises.into_iter().peekable());
    for (line, named, said) in wire {
        disk.follow(line);
        for address in named {
            let question = format!(
                "SELECT COUNT(*) FROM snapshot s JOIN claim c ON c.broadcast_id = s.broadcast_id AND c.channel = s.channel
                 AND c.low <= s.ordinal AND s.ordinal < c.high JOIN approval a ON a.broadcast_id = s.broadcast_id
                 WHERE s.address = '{address}'"
            );
            assert!(disk.says(&question).await, "{address} was written to before its claim was safe (line {line})");
            messages += 1;
        }
        if let Some(promise) = promises.next_if(|promise| said.contains(promise.answer.as_str())) {
            let question = &promise.question;
            assert!(disk.says(question).await, "a caller was told what was not safe: {question} (line {line})");
        }
    }
    assert_eq!(promises.map(|promise| promise.answer).next(), None, "every answer is in the trace");
    (messages, disk.version, disk.syncs().1)
}

#[tokio::test]
async fn nothing_reaches_a_provider_or_a_caller_before_it_is_safe_from_a_power_cut() {
    let (messages, versions, failed) = look_at_every_first_byte(carry_out(&[]).await).await;
    assert_eq!((messages, failed), (PEOPLE + TEXTS, 0));
    println!("{messages} messages and 7 answers were looked at, over {versions} states of the disk");
}

/// Each connection to the database meets a failing disk at its 12th fdatasync: what was written is then lost, and nobody
/// may count on it, whatever SQLite still sees in memory.
#[tokio::test]
async fn a_failed_fdatasync_is_believed_and_what_it_lost_is_written_again() {
    let inject = ["inject=fdatasync,fsync:error=EIO:when=12"];
    let (messages, _, failed) = look_at_every_first_byte(carry_out(&inject).await).await;
    assert!(messages >= PEOPLE + TEXTS && failed > 1, "{messages} messages, {failed} failed");
    println!("{messages} messages, {failed} fdatasyncs failed");
}

/// The daemon ends while nothing can be written, and the next one starts on a healthy disk. SQLite then still sees the last
/// commit, which failed and is not on disk: nothing may be built on it before it is written again.
#[tokio::test]
async fn a_start_after_a_failed_fdatasync_builds_on_nothing_that_is_not_safe() {
    let mut traced = Traced::new().await;
    let daemon = traced.start(&["inject=fdatasync,fsync:error=EIO:when=18+"]).await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let broadcast = traced.approve(&author, &approver).await;
    let log = traced.site.log();
    ready::until("a commit to fail", async || {
        std::fs::read_to_string(&log).ok()?.contains("nothing can be written").then_some(())
    })
    .await;
    let id = daemon.pid();
    daemon.kill().await;
    traced.traced(id).await;

    let daemon = traced.start(&[]).await;
    traced.end(daemon, &author, broadcast).await;
    let (messages, _, failed) = look_at_every_first_byte(traced).await;
    // Texts that were claimed when it ended are left to a person, written or not.
    assert!(messages >= PEOPLE && failed > 0, "{messages} messages, {failed} failed");
}
