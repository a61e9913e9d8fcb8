//! P7: texts over SMPP to a centre that takes 20 ms for each answer: a window of 50 against one of 1.

use std::fs;

use crate::{
    parts::{
        folder,
        smsc::{LOGIN, Rule, Script, Smsc},
    },
    report::{Bounds, Measure, figure},
    stage::{self, Stage},
};

/// Both go to the same centre, one after the other.
pub async fn texts(divide: usize) -> Vec<Measure> {
    let people = 1_000 / divide.min(10);
    let smsc = Smsc::start().await;
    let slow = Rule { stage: "submit", delay: 20, ..Rule::default() };
    smsc.script(&Script { rules: vec![slow], ..Script::default() }).await;
    let folder = folder::work();
    let password = folder.path().join("password");
    fs::write(&password, LOGIN.1).expect("the folder is writable");
    let stage = async |window: usize| {
        let provider = format!(
            "[[provider]]\nname = \"texts\"\nkind = \"smpp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = false\nsystem_id = \"{}\"\n\
             password = {{ file = {:?} }}\nfrom = \"12345\"\nwindow = {window}\n\
             limits = {{ per_second = 1000000, burst = 1000000 }}\n",
            smsc.port, LOGIN.0, password
        );
        Stage::with(&provider, people, stage::To::Phone).await
    };
    let (wide, narrow) = (stage(50).await, stage(1).await);
    let (mut pairs, mut cost) = (Vec::new(), String::new());
    for _ in 0..3 {
        let ended = wide.carry().await;
        let ours = people as f64 / ended.took.as_secs_f64();
        let reference = people as f64 / narrow.carry().await.took.as_secs_f64();
        println!("window 50: {} texts/s, window 1: {} texts/s", figure(ours), figure(reference));
        cost = stage::cost(ended.used, people as f64);
        pairs.push((ours, reference));
    }
    let bounds = Bounds { floor: 3.0, aim: 5.0, less: false };
    vec![Measure::of_pairs(
        "P7",
        "texts by SMPP, a window of 50 over one of 1, 20 ms an answer",
        "texts/s",
        bounds,
        &pairs,
        cost,
    )]
}
