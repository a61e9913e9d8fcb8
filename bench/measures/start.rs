//! P10: from a person's yes to the first byte on every channel.

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

/// The slowest channel of each round, in milliseconds, and what the channels took.
async fn worst(people: usize) -> (Vec<f64>, String) {
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
         [[provider]]\nname = \"banner\"\nkind = \"banner\"\n[[provider]]\nname = \"status-page\"\nkind = \"status-page\"\n{ceiling}",
        ceiling = stage::CEILING,
        relay = stage::relay(taps[0].1.port, CONNECTIONS),
        text = taps[1].1.port,
        fediverse = taps[2].1.port,
        skies = taps[3].1.port,
        token = secret("mastodon", mastodon::TOKEN),
        handle = account.handle,
        password = secret("bluesky", &account.app_password),
    ));
    let stage = Stage::on(site).await;
    let client = http::client();
    let mut rounds = Vec::new();
    let mut slowest = String::new();
    for _ in 0..ROUNDS {
        let (update, broadcast) = stage.submitted().await;
        let old = etag(&client, &stage).await;
        taps.iter().for_each(|(_, tap)| tap.forget());
        let broadcast = stage.approver.approve(update, &broadcast).await;
        let start = Instant::now();
        while etag(&client, &stage).await == old {
            assert!(start.elapsed() < Duration::from_secs(30), "the banner stays as it was");
            stage::pause(Duration::from_millis(2)).await;
        }
        let mut times = vec![("banner", start.elapsed())];
        for (name, tap) in &taps {
            let first = loop {
                if let Some(first) = tap.first() {
                    break first;
                }
                assert!(start.elapsed() < Duration::from_secs(30), "nothing goes out by {name}");
                stage::pause(Duration::from_millis(1)).await;
            };
            times.push((name, first.saturating_duration_since(start)));
        }
        let (name, time) = times.iter().max_by_key(|time| time.1).expect("there are channels");
        println!("{}: {name} {} ms", figure(people as f64), figure(time.as_secs_f64() * 1e3));
        if rounds.iter().all(|round| *round < time.as_secs_f64() * 1e3) {
            slowest = format!("slowest: {name}");
        }
        rounds.push(time.as_secs_f64() * 1e3);
        stage.author.post(&format!("/broadcasts/{broadcast}/pause"), &json!({ "reason": "measured" })).await;
        sink.drain();
        // A social account posts once a second at most: that is its limit, and not what is measured.
        stage::pause(Duration::from_millis(1200)).await;
    }
    (rounds, slowest)
}

async fn etag(client: &reqwest::Client, stage: &Stage) -> Option<String> {
    let answer = client.get(format!("{}/banner.json", stage.daemon.base)).send().await.ok()?;
    Some(answer.headers().get("etag")?.to_str().ok()?.to_owned())
}
