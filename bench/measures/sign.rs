//! P4: mail signed with DKIM (RSA-2048), over what `openssl speed` says that as many cores can sign.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::process::Command;

use super::speed;
use crate::{
    parts::dkim,
    report::{Bounds, Measure, figure},
    sink::Sink,
    stage::{self, CONNECTIONS, Stage},
};

const PAIRS: usize = 5;

/// Ours and openssl's in turns, on all cores.
pub async fn rsa(divide: usize) -> Vec<Measure> {
    let people = 20_000 / divide;
    let sink = Sink::start(None);
    let mut stage = Stage::of(&stage::relay(sink.port, CONNECTIONS), people).await;
    let key = dkim::make_key(stage.site.folder.path(), "RSA").await;
    sign_with(&stage, &key);
    stage.restart().await;
    let (mut pairs, mut last) = (Vec::new(), None);
    for pair in 0..=PAIRS {
        let ended = stage.carry().await;
        let taken = sink.drain();
        let is_signed = |bytes: &[u8]| bytes.starts_with(b"DKIM-Signature: ");
        assert!(taken.iter().filter_map(|taken| taken.bytes.as_deref()).all(is_signed), "every mail is signed");
        speed::check(&stage, &ended, &taken, people).await;
        let ours = people as f64 / ended.took.as_secs_f64();
        let openssl = openssl().await;
        println!("signed mails/s: ours {}, openssl {}", figure(ours), figure(openssl));
        // The first round warms caches and is not counted.
        if pair > 0 {
            pairs.push((ours, openssl));
            last = Some(ended);
        }
    }
    let cost = stage::cost(last.expect("there were pairs").used, people as f64);
    let cost = format!("{cost}; openssl signs the same few bytes again and again, and nothing else");
    let bounds = Bounds { floor: 0.6, aim: 0.8, less: false };
    vec![Measure::of_pairs("P4", "mail signed with RSA-2048, over openssl speed", "mails/s", bounds, &pairs, cost)]
}

/// Adds a key to the configuration.
fn sign_with(stage: &Stage, key: &Path) {
    let config = std::fs::read_to_string(stage.site.config()).expect("the folder is readable");
    let dkim = format!("{config}\n[[dkim]]\ndomain = \"sender.test\"\nselector = \"s1\"\nkey_file = {key:?}\n");
    std::fs::write(stage.site.config(), dkim).expect("the folder is writable");
}

/// Signatures a second on all cores.
async fn openssl() -> f64 {
    stage::pause(Duration::from_millis(500)).await;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).to_string();
    let output = Command::new("openssl")
        .args(["speed", "-multi", &cores, "-seconds", "5", "-mr", "rsa2048"])
        .stdin(Stdio::null())
        .output()
        .await
        .expect("openssl starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    signatures(&text).unwrap_or_else(|| panic!("openssl prints what it signed: {text}"))
}

/// With `-multi` the sum stands in `+F2:2:2048:SIGNATURES A SECOND:CHECKS A SECOND`.
fn signatures(text: &str) -> Option<f64> {
    let line = text.lines().rev().find_map(|line| line.strip_prefix("+F2:"))?;
    line.split(':').nth(2)?.parse().ok()
}
