//! P14: what a dead provider and a refusing one cost the healthy.

use std::time::Duration;

use axum::{Json, Router, http::StatusCode, routing::post};
use serde_json::Value;

use crate::{
    parts::port,
    report::{Bounds, Measure, figure},
    simulators::server::Server,
    sink::{Sink, Taken},
    stage::{self, CONNECTIONS, Stage, To},
};

/// Mail at half of what it can, alone; then beside a second relay that is dead and texts half of which are refused for now.
pub async fn lateness(divide: usize) -> Vec<Measure> {
    let people = 40_000 / divide;
    let sink = Sink::start(None);
    let free = Stage::of(&stage::relay(sink.port, CONNECTIONS), people).await;
    let capacity = people as f64 / free.carry().await.took.as_secs_f64();
    drop((free, sink.drain()));
    let rate = (capacity / 2.0).floor();
    let paced = |sink: &Sink| {
        let limits = format!("connections = {CONNECTIONS}, per_second = {rate:.1}, burst = 20");
        stage::relay(sink.port, CONNECTIONS).replace(&format!("connections = {CONNECTIONS}"), &limits)
    };
    let odd = |to: &str| to.bytes().last().is_some_and(|digit| digit % 2 == 1);
    let answer = async move |Json(body): Json<Value>| match body["recipient"].as_str() {
        Some(to) if odd(to) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::ACCEPTED,
    };
    let gateway = Server::start(Router::new().route("/send", post(answer))).await;
    let (calm_sink, sick_sink) = (Sink::start(None), Sink::start(None));
    let calm = Stage::of(&paced(&calm_sink), people).await;
    let sick = format!(
        "{}\n[[provider]]\nname = \"dead\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
         [[provider]]\nname = \"texts\"\nkind = \"sms-http\"\nurl = \"{}/send\"\nfrom = \"+441632960000\"\n\
         json = {{ recipient = \"{{to}}\", body = \"{{text}}\" }}\nlimits = {{ per_second = {:.1}, burst = 20, connections = 8 }}\n",
        paced(&sick_sink),
        port::free(),
        gateway.url,
        rate / 4.0
    );
    let site = crate::site::Site::new(&sick, &[]).await;
    stage::fill(&site, people, To::Mail).await;
    stage::fill(&site, people / 4, To::Phone).await;
    let sick = Stage::on(site).await;
    let mut pairs = Vec::new();
    for _ in 0..5 {
        let (alone, beside) = (p99(&calm, &calm_sink, people, rate).await, p99(&sick, &sick_sink, people, rate).await);
        println!("p99 of lateness: {} ms alone, {} ms beside", figure(alone), figure(beside));
        pairs.push((beside, alone));
    }
    let bounds = Bounds { floor: 1.2, aim: 1.05, less: true };
    let what = "p99 lateness of healthy mail beside a dead relay and refused texts, over alone";
    vec![Measure::of_pairs("P14", what, "ms", bounds, &pairs, format!("paced at {} mails/s", figure(rate)))]
}

/// How late all but one in a hundred are, in milliseconds, against the line that the limit draws from the first on.
async fn p99(stage: &Stage, sink: &Sink, people: usize, rate: f64) -> f64 {
    let (update, broadcast) = stage.submitted().await;
    let before = sink.count();
    let broadcast = stage.approver.approve(update, &broadcast).await;
    while sink.count() < before + people as u64 {
        stage::pause(Duration::from_millis(20)).await;
    }
    let why = serde_json::json!({ "reason": "measured" });
    let _ = stage.author.try_post(&format!("/broadcasts/{broadcast}/retract"), &why).await;
    let mut times: Vec<Duration> = sink.drain().into_iter().map(|taken: Taken| taken.at).collect();
    times.sort_unstable();
    let due = |place: usize| times[0] + Duration::from_secs_f64(place as f64 / rate);
    let mut late: Vec<f64> = times
        .iter()
        .enumerate()
        .map(|(place, at)| (at.as_secs_f64() - due(place).as_secs_f64()).max(0.0) * 1e3)
        .collect();
    late.sort_by(f64::total_cmp);
    late[late.len() * 99 / 100]
}
