//! Mail as fast as the wire.

use std::{collections::HashMap, process::Stdio, time::Instant};

use tokio::process::Command;

use crate::{
    report::{Bounds, Measure, figure},
    sink::{self, Sink, Taken},
    stage::{self, CONNECTIONS, Ended, Stage},
};

const PAIRS: usize = 5;

/// P1: personalised mail with its claim and outcome durable, against Postfix's load generator, which neither
/// personalises nor records.
pub async fn mail(divide: usize) -> Vec<Measure> {
    let people = 100_000 / divide;
    let sink = Sink::start(None);
    let stage = Stage::of(&stage::relay(sink.port, CONNECTIONS), people).await;
    let mut pairs = Vec::new();
    let mut last = None;
    for pair in 0..=PAIRS {
        let ended = stage.carry().await;
        let taken = sink.drain();
        let size = check(&stage, &ended, &taken, people).await;
        let ours = people as f64 / ended.took.as_secs_f64();
        let reference = smtp_source(&sink, people, size).await;
        println!(
            "ours {} mails/s of {size} bytes ({}), smtp-source {} mails/s",
            figure(ours),
            stage::cost(ended.used, people as f64),
            figure(reference)
        );
        // The first pair warms caches and is not counted.
        if pair > 0 {
            pairs.push((ours, reference));
            last = Some((ended, size));
        }
    }
    let (ended, size) = last.expect("there were pairs");
    let cost = format!("{size} bytes a mail; {}", stage::cost(ended.used, people as f64));
    let bounds = Bounds { floor: 1.0, aim: 1.5, less: false };
    vec![Measure::of_pairs("P1", "personalised mail, recorded, over smtp-source", "mails/s", bounds, &pairs, cost)]
}

/// Everyone got one mail, all differ, and a sample has the bytes that the console shows; answers the mean size.
async fn check(stage: &Stage, ended: &Ended, taken: &[Taken], people: usize) -> usize {
    let by_recipient: HashMap<&str, &Taken> = taken.iter().map(|taken| (&*taken.recipient, taken)).collect();
    assert_eq!((taken.len(), by_recipient.len()), (people, people), "everyone has exactly one");
    let hashes: std::collections::HashSet<u64> = taken.iter().map(|taken| taken.hash).collect();
    assert_eq!(hashes.len(), people, "every mail is personal");
    let mut sampled = 0;
    for (taken, bytes) in taken.iter().filter_map(|taken| Some((taken, taken.bytes.as_ref()?))) {
        let ordinal: i64 = taken.recipient[1..8].parse().expect("the address has its number");
        let shown = stage.author.get(&format!("/deliveries/{}-email-{ordinal}", ended.broadcast)).await;
        assert_eq!(shown["address"].as_str(), Some(&*taken.recipient));
        let parsed = mail_parser::MessageParser::default().parse(bytes).expect("it is a mail");
        let text = parsed.body_text(0).expect("it has a text");
        let expected = shown["message"]["text"].as_str().unwrap_or_default();
        assert_eq!(text.trim().replace("\r\n", "\n"), expected.trim(), "{}", taken.recipient);
        assert_eq!(sink::hash(bytes), taken.hash);
        sampled += 1;
    }
    assert!(sampled * 1000 >= people / 2, "a sample was compared");
    taken.iter().map(|taken| taken.size).sum::<usize>() / people
}

/// How many mails a second Postfix's load generator hands to the sink, over as many connections.
async fn smtp_source(sink: &Sink, count: usize, size: usize) -> f64 {
    let before = sink.count();
    let start = Instant::now();
    let status = Command::new("smtp-source")
        .args(["-d", "-s", &CONNECTIONS.to_string(), "-m", &count.to_string(), "-l", &size.to_string()])
        .args(["-f", "a@a.test", "-t", "b@b.test", &format!("127.0.0.1:{}", sink.port)])
        .stdin(Stdio::null())
        .status()
        .await
        .expect("smtp-source starts");
    let took = start.elapsed();
    assert!(status.success());
    assert_eq!(sink.count() - before, count as u64);
    sink.drain();
    count as f64 / took.as_secs_f64()
}
