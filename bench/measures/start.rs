//! P10 and P19: from a person's yes, or from an alert with no person, to the first byte on every channel.

use std::time::{Duration, Instant};

use axum::{Router, http::StatusCode, routing::post};
use serde_json::json;

use crate::{
    parts::{http, pds::Pds},
    proxy::Proxy,
    report::{Bounds, Measure, figure},
    simulators::{
        mastodon::{self, Mastodon},
        server::Server,
    },
    sink::Sink,
    site::Site,
    stage::{self, CONNECTIONS, Stage, To},
};

const ROUNDS: usize = 20;
/// The bearer token of what calls.
const TOKEN: &str = "the checks that call";

/// The same at a million people and at ten thousand.
pub async fn first_byte(divide: usize) -> Vec<Measure> {
    let (small, _) = worst(10_000).await;
    let (large, cost) = worst(1_000_000 / divide).await;
    let at = |floor, aim| Bounds { floor, aim, less: true };
    let pairs = vec![(crate::report::median(large.iter().copied()), crate::report::median(small.iter().copied()))];
    let what = "approval to the first byte on every channel, 1,000,000 people, worst of 20";
    vec![
        Measure::of_figures("P10", what, "ms", at(250.0, 100.0), large, cost).by_its_worst(),
        Measure::of_pairs("P10r", "the same over 10,000 people, medians", "ms", at(1.2, 1.05), &pairs, String::new()),
    ]
}

/// An alert is posted, its prepared message is filled, checked, frozen for a thousand people and begun, with no person.
pub async fn alarm(_: usize) -> Vec<Measure> {
    let rules: Vec<String> = (0..ROUNDS)
        .map(|n| {
            format!("[[intake.rule]]\nname = \"rule-{n}\"\nplaybook = \"alarm-{n}\"\nmatch = {{ \"/id\" = \"{n}\" }}\n")
        })
        .collect();
    let wired = Wired::start(1_000, |secret| {
        format!(
            "[intake]\nhold_seconds = 0\n[intake.storm]\nplaybook = \"alarm-0\"\nvoices = 100\n[[intake.source]]\nname = \"checks\"\nkind = \"json\"\n\
             person = \"ana@acme.example\"\nbearer = {}\nfields = {{ key = \"/id\", status = \"/status\", resolved = [\"up\"] }}\n{}",
            secret("checks", TOKEN),
            rules.concat()
        )
    })
    .await;
    let stage = &wired.stage;
    let wanted = stage.author.post("/components", &json!({ "name": "Payments" })).await["id"].clone();
    stage.approver.post(&format!("/proposals/{wanted}/accept"), &json!({})).await;
    let component = stage.author.get("/components").await["items"][0]["id"].clone();
    let ada = stage.daemon.sign_in("ada@acme.example").await;
    for n in 0..ROUNDS {
        let made = stage.author.post("/playbooks", &playbook(n, &component)).await;
        for approver in [&stage.approver, &ada] {
            let yes = json!({ "digest": made["digest"], "password": crate::site::PASSWORD });
            approver.post(&format!("/playbooks/{}/approve", made["id"]), &yes).await;
        }
    }
    let mut rounds = Vec::new();
    let mut slowest = String::new();
    for n in 0..ROUNDS {
        let call = wired.client.post(format!("{}/intake/json", stage.daemon.base)).bearer_auth(TOKEN);
        let (name, time) = wired
            .slowest(async || {
                let start = Instant::now();
                let alert = json!({ "id": n.to_string(), "status": "down" });
                let answer = call.json(&alert).send().await.expect("the daemon answers");
                assert!(answer.status().is_success(), "{}", answer.status());
                start
            })
            .await;
        println!("alert: {name} {} ms", figure(time));
        if rounds.iter().all(|round| *round < time) {
            slowest = format!("slowest: {name}");
        }
        rounds.push(time);
        wired.sink.drain();
        stage::pause(Duration::from_millis(1200)).await;
    }
    let what = "an alert's POST to the first byte on every channel, nobody asked, worst of 20";
    let bounds = Bounds { floor: 2_000.0, aim: 500.0, less: true };
    vec![Measure::of_figures("P19", what, "ms", bounds, rounds, slowest).by_its_worst()]
}

/// A prepared message that a machine may send to everybody.
fn playbook(n: usize, component: &serde_json::Value) -> serde_json::Value {
    let facts = |headline: &str| {
        json!({ "en": { "headline": headline, "what_happened": headline, "impact": "Payments may fail.",
            "apology": "We are sorry: you rely on this.", "doing": "We are looking for the cause.",
            "options": [{ "text": "Pay by bank transfer: it works" }] } })
    };
    json!({
        "name": format!("Alarm {n}"), "component": component,
        "stages": { "investigating": { "component_status": "partial_outage", "next_update_minutes": [30],
            "facts": facts(&format!("Payments are failing in region {n}")) } },
        "bounds": { "person": false, "machine": true, "largest_audience": 100_000, "every_minutes": 1,
            "channels": ["email", "sms", "mastodon", "bluesky", "banner", "status_page"],
            "valid_until": crate::site::now() + jiff::SignedDuration::from_hours(24) }
    })
}

/// The slowest channel of each round, in milliseconds, and what the channels took.
async fn worst(people: usize) -> (Vec<f64>, String) {
    let wired = Wired::start(people, |_| String::new()).await;
    let stage = &wired.stage;
    let mut rounds = Vec::new();
    let mut slowest = String::new();
    for _ in 0..ROUNDS {
        let (update, broadcast) = stage.submitted().await;
        let mut begun = 0;
        let (name, time) = wired
            .slowest(async || {
                begun = stage.approver.approve(update, &broadcast).await;
                Instant::now()
            })
            .await;
        println!("{}: {name} {} ms", figure(people as f64), figure(time));
        if rounds.iter().all(|round| *round < time) {
            slowest = format!("slowest: {name}");
        }
        rounds.push(time);
        stage.author.post(&format!("/broadcasts/{begun}/pause"), &json!({ "reason": "measured" })).await;
        wired.sink.drain();
        // A social account posts once a second at most: that is its limit, and not what is measured.
        stage::pause(Duration::from_millis(1200)).await;
    }
    (rounds, slowest)
}

/// A daemon with every channel of the demo, each with a server behind it and somebody who looks at the wire.
struct Wired {
    stage: Stage,
    taps: Vec<(&'static str, Proxy)>,
    sink: Sink,
    client: reqwest::Client,
    _servers: (Server, Mastodon, Pds),
}

impl Wired {
    /// With so many people, and what else is to stand in its configuration; a secret in that is a name and a value.
    async fn start(people: usize, more: impl FnOnce(&dyn Fn(&str, &str) -> String) -> String) -> Wired {
        let sink = Sink::start(None);
        let gateway = Server::start(Router::new().route("/send", post(async || StatusCode::ACCEPTED))).await;
        let mastodon = Mastodon::start().await;
        let pds = Pds::start().await;
        let account = pds.create_account("acme-status").await;
        let port = |url: &str| url.rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok());
        let mut taps = Vec::new();
        for (name, port) in [
            ("mail", Some(sink.port)),
            ("text", port(&gateway.url)),
            ("Mastodon", port(mastodon.url())),
            ("Bluesky", port(&pds.url)),
        ] {
            taps.push((name, Proxy::start(port.expect("it has a port"), Duration::ZERO).await));
        }
        let site = Site::new("", &[]).await;
        stage::fill(&site, people, To::Mail).await;
        stage::fill(&site, 100, To::Phone).await;
        let secret = |name: &str, value: &str| {
            let path = site.folder.path().join(name);
            std::fs::write(&path, value).expect("the folder is writable");
            format!("{{ file = {path:?} }}")
        };
        site.configure(&format!(
            "{relay}\n\
             [[provider]]\nname = \"texts\"\nkind = \"sms-http\"\nurl = \"http://127.0.0.1:{text}/send\"\nfrom = \"+441632960000\"\n\
             json = {{ recipient = \"{{to}}\", body = \"{{text}}\" }}\n\
             [[provider]]\nname = \"fediverse\"\nkind = \"mastodon\"\nbase_url = \"http://127.0.0.1:{fediverse}\"\naccess_token = {token}\n\
             [[provider]]\nname = \"skies\"\nkind = \"bluesky\"\nservice = \"http://localhost:{skies}\"\nidentifier = \"{handle}\"\n\
             app_password = {password}\n\
             [[provider]]\nname = \"banner\"\nkind = \"banner\"\n[[provider]]\nname = \"status-page\"\nkind = \"status-page\"\n\
             {ceiling}\n{more}",
            ceiling = stage::CEILING,
            relay = stage::relay(taps[0].1.port, CONNECTIONS),
            text = taps[1].1.port,
            fediverse = taps[2].1.port,
            skies = taps[3].1.port,
            token = secret("mastodon", mastodon::TOKEN),
            handle = account.handle,
            password = secret("bluesky", &account.app_password),
            more = more(&secret),
        ));
        let stage = Stage::on(site).await;
        Wired { stage, taps, sink, client: http::client(), _servers: (gateway, mastodon, pds) }
    }

    /// The slowest channel after what `begin` gives, in milliseconds.
    async fn slowest(&self, begin: impl AsyncFnOnce() -> Instant) -> (&'static str, f64) {
        let old = self.etag().await;
        self.taps.iter().for_each(|(_, tap)| tap.forget());
        let start = begin().await;
        let soon = |what: &str| {
            assert!(start.elapsed() < Duration::from_secs(30), "nothing goes out: {what}");
        };
        while self.etag().await == old {
            soon("banner");
            stage::pause(Duration::from_millis(2)).await;
        }
        let mut times = vec![("banner", start.elapsed())];
        for (name, tap) in &self.taps {
            let first = loop {
                if let Some(first) = tap.first() {
                    break first;
                }
                soon(name);
                stage::pause(Duration::from_millis(1)).await;
            };
            times.push((name, first.saturating_duration_since(start)));
        }
        let (name, time) = times.iter().max_by_key(|time| time.1).expect("there are channels");
        (name, time.as_secs_f64() * 1e3)
    }

    async fn etag(&self) -> Option<String> {
        let answer = self.client.get(format!("{}/banner.json", self.stage.daemon.base)).send().await.ok()?;
        Some(answer.headers().get("etag")?.to_str().ok()?.to_owned())
    }
}
