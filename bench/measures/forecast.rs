//! The forecast against what then happens, on a relay that is paced.

use std::time::Instant;

use crate::{
    report::{Bounds, Measure, figure},
    sink::Sink,
    site::content,
    stage::{self, Stage},
};

/// Messages a second that the relay may be given.
const RATE: f64 = 200.0;

/// How far it is off, worst of: alone, with a limit for each domain, spread over a minute, beside another broadcast.
pub async fn against_the_clock(divide: usize) -> Vec<Measure> {
    let people = 4_000 / divide;
    let sink = Sink::start(None);
    let relay = |limits: &str| {
        let limits = format!("connections = 8, per_second = {RATE}, burst = 20{limits}");
        stage::relay(sink.port, 8).replace("connections = 8", &limits)
    };
    let mut off = Vec::new();
    let mut said = Vec::new();
    for (case, limits) in [("alone", ""), ("by domain", ", per_domain_per_second = 2"), ("spread", ""), ("beside", "")]
    {
        let stage = Stage::of(&relay(limits), people).await;
        let incident = stage.author.incident().await;
        let mut draft = content("investigating", "Card payments are failing in Europe");
        if case == "spread" {
            draft["spread_minutes"] = 1.into();
        }
        let other = if case == "beside" {
            let (update, broadcast) = stage.submitted().await;
            Some(stage.approver.approve(update, &broadcast).await)
        } else {
            None
        };
        let (update, broadcast) = stage.author.submit(incident, draft).await;
        let preview = stage.author.get(&format!("/updates/{update}/preview")).await;
        let told = preview["numbers"]["forecast"]["email"]["seconds"].as_f64().expect("mail has a forecast");
        let broadcast = stage.approver.approve(update, &broadcast).await;
        let start = Instant::now();
        stage.ended(broadcast).await;
        let took = start.elapsed().as_secs_f64();
        if let Some(other) = other {
            stage.ended(other).await;
        }
        assert_eq!(sink.drain().len(), people * if other.is_some() { 2 } else { 1 });
        println!("{case}: {} s told, {} s taken", figure(told), figure(took));
        off.push((took - told).abs() / told);
        said.push(format!("{case} {} s told, {} taken", figure(told), figure(took)));
    }
    let bounds = Bounds { floor: 0.2, aim: 0.05, less: true };
    let what = "how far the forecast is off what then happens, worst of 4";
    vec![Measure::of_figures("forecast", what, "", bounds, off, said.join("; ")).by_its_worst()]
}
