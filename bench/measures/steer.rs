//! P15: how soon a person's word stops everything.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    report::{Bounds, Measure, figure},
    sink::Sink,
    stage::{self, CONNECTIONS, Stage},
};

/// Pause, retract and stop at full speed on 16 connections: until the answer, after which no message starts.
pub async fn stop(divide: usize) -> Vec<Measure> {
    let people = 100_000 / divide;
    let sink = Sink::start(None);
    let stage = Stage::of(&stage::relay(sink.port, CONNECTIONS), people).await;
    let administrator = stage.daemon.sign_in("ada@acme.example").await;
    let mut figures = Vec::new();
    for round in 0..9 {
        let (update, broadcast) = stage.submitted().await;
        let before = sink.count();
        let broadcast = stage.approver.approve(update, &broadcast).await;
        while sink.count() < before + people as u64 / 10 {
            stage::pause(Duration::from_millis(1)).await;
        }
        let start = Instant::now();
        let why = json!({ "reason": "measured" });
        match round % 3 {
            0 => stage.author.post(&format!("/broadcasts/{broadcast}/pause"), &why).await,
            1 => stage.author.post(&format!("/broadcasts/{broadcast}/retract"), &why).await,
            _ => administrator.post("/stop", &why).await,
        };
        let (took, answered) = (start.elapsed(), sink.elapsed());
        stage::pause(Duration::from_millis(300)).await;
        let late = sink.drain().into_iter().filter(|taken| taken.begun > answered).count();
        assert_eq!(late, 0, "messages started after the answer");
        figures.push(took.as_secs_f64() * 1000.0);
        match round % 3 {
            0 => drop(stage.author.post(&format!("/broadcasts/{broadcast}/retract"), &why).await),
            1 => {}
            _ => {
                administrator.post("/start", &why).await;
                let _ = stage.author.try_post(&format!("/broadcasts/{broadcast}/retract"), &why).await;
            }
        }
        println!("{} ms", figure(figures[round]));
    }
    let bounds = Bounds { floor: 200.0, aim: 50.0, less: true };
    let cost = "three pauses, three retractions, three stops; no message started after an answer".to_owned();
    vec![Measure::of_figures("P15", "a stop at full speed, worst of 9", "ms", bounds, figures, cost).by_its_worst()]
}
