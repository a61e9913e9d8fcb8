//! P5, P6: a long way, and a narrow one.

use std::time::{Duration, Instant};

use crate::{
    machine::Stalls,
    proxy::Proxy,
    report::{Bounds, Measure, figure},
    sink::{Sink, Taken},
    stage::{self, Stage},
};

/// P5: messages in each round trip of 50 ms over one connection.
pub async fn round_trips(divide: usize) -> Vec<Measure> {
    let people = 400 / divide.min(4);
    let sink = Sink::start(None);
    let proxy = Proxy::start(sink.port, Duration::from_millis(25)).await;
    let stage = Stage::of(&stage::relay(proxy.port, 1), people).await;
    let mut figures = Vec::new();
    let mut cost = String::new();
    for _ in 0..3 {
        let ended = stage.carry().await;
        let (first, last, count) = span(&sink.drain());
        let trips = (last - first).as_secs_f64() / 0.050;
        figures.push((count - 1) as f64 / trips);
        cost = stage::cost(ended.used, people as f64);
    }
    let bounds = Bounds { floor: 0.9, aim: 0.97, less: false };
    vec![Measure::of_figures("P5", "messages a round trip, 50 ms away, one connection", "", bounds, figures, cost)]
}

fn span(taken: &[Taken]) -> (Duration, Duration, usize) {
    let first = taken.iter().map(|taken| taken.at).min().expect("something came");
    let last = taken.iter().map(|taken| taken.at).max().expect("something came");
    (first, last, taken.len())
}

/// P6: a provider limited to 100 a second. The rate is taken while nothing disturbs; then the daemon is restarted and
/// its configuration reloaded in mid-broadcast, and no second may see more than limit and burst.
pub async fn limited(divide: usize) -> Vec<Measure> {
    const LIMIT: usize = 100;
    const BURST: usize = 10;
    let people = 3_000 / divide.min(3);
    let sink = Sink::start(None);
    let relay = stage::relay(sink.port, 4)
        .replace("connections = 4", &format!("connections = 4, per_second = {LIMIT}, burst = {BURST}"));
    let mut stage = Stage::of(&relay, people).await;
    let (update, broadcast) = stage.submitted().await;
    let stalls = Stalls::watch();
    let broadcast = stage.approver.approve(update, &broadcast).await;
    until(&sink, people / 2).await;
    let calm = sink.drain();
    stage.restart().await;
    until(&sink, people * 3 / 4).await;
    let reloaded = tokio::process::Command::new("kill").args(["-HUP", &stage.daemon.pid().to_string()]).status().await;
    assert!(reloaded.is_ok_and(|status| status.success()));
    let ended = stage.ended(broadcast).await;
    assert_eq!(ended["state"], "completed");
    let mut all: Vec<Duration> = calm.iter().chain(&sink.drain()).map(|taken| taken.at).collect();
    all.sort_unstable();
    assert_eq!(all.len(), people, "a restart by an operator loses and repeats nothing");
    let most = all
        .iter()
        .enumerate()
        .map(|(place, at)| all[place..].iter().take_while(|other| **other - *at < Duration::from_secs(1)).count());
    let most = most.max().unwrap_or_default();
    let stall = stalls.longest();
    println!("at most {most} in any second, {LIMIT} and {BURST} allowed; the sink stood still for {stall:?} at most");
    // What came while the sink stood still has the time at which it went on.
    let at_once = (stall.as_secs_f64() * LIMIT as f64).ceil() as usize;
    assert!(most <= LIMIT + BURST + at_once, "{most} went within one second");
    let (first, last, count) = span(&calm);
    let achieved = (count - 1) as f64 / (last - first).as_secs_f64() / LIMIT as f64;
    let bounds = Bounds { floor: 0.99, aim: 0.999, less: false };
    let cost = format!("at most {most} in any second across a restart and a reload, {} allowed", LIMIT + BURST);
    vec![Measure::of_figures("P6", "what is achieved of a limit of 100 a second", "", bounds, vec![achieved], cost)]
}

async fn until(sink: &Sink, count: usize) {
    let start = Instant::now();
    while (sink.count() as usize) < count {
        assert!(start.elapsed() < Duration::from_secs(120), "only {} came", figure(sink.count() as f64));
        stage::pause(Duration::from_millis(5)).await;
    }
}
