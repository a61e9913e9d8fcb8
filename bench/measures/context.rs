//! For context: the same mail by a Postfix relay, and by nodemailer's pool.

use std::{fs, process::Command, time::Instant};

use crate::{
    parts::{folder, postfix::Postfix, process::run},
    report::{Bounds, Measure},
    sink::Sink,
    stage::{self, CONNECTIONS, Stage},
};

/// A pool as nodemailer's documentation has it, and one personal mail for everybody.
const NODEMAILER: &str = r#"
const [modules, port, count, connections, body] = process.argv.slice(2);
const pool = require(modules + '/nodemailer').createTransport({
  host: '127.0.0.1', port: +port, pool: true, maxConnections: +connections, maxMessages: Infinity, ignoreTLS: true });
const text = require('fs').readFileSync(body, 'utf8');
let next = 0;
async function lane() {
  while (next < +count) {
    const to = 'p' + String(next++).padStart(7, '0') + '@b.test';
    await pool.sendMail({ from: 'a@a.test', to, subject: 'Outage', text: 'Hello ' + to + '\n' + text });
  }
}
Promise.all(Array.from({ length: 2 * connections }, lane)).then(() => pool.close());
"#;

/// Neither keeps an account of each person; Postfix keeps each mail in a file.
pub async fn others(divide: usize) -> Vec<Measure> {
    let people = 20_000 / divide;
    let sink = Sink::start(None);
    let stage = Stage::of(&stage::relay(sink.port, CONNECTIONS), people).await;
    let ended = stage.carry().await;
    let size = sink.drain().iter().map(|taken| taken.size).sum::<usize>() / people;
    let ours = people as f64 / ended.took.as_secs_f64();
    drop(stage);

    let folder = folder::work();
    let (script, body) = (folder.path().join("pool.cjs"), folder.path().join("body"));
    fs::write(&script, NODEMAILER).expect("the folder is writable");
    fs::write(&body, format!("{}\n", "x".repeat(74)).repeat(size / 75)).expect("the folder is writable");
    let mut node = Command::new("node");
    node.arg(&script).arg(folder::installed("npm/tools/node_modules")).arg(sink.port.to_string());
    node.args([people.to_string(), CONNECTIONS.to_string()]).arg(&body);
    let start = Instant::now();
    run(node).await;
    let nodemailer = people as f64 / start.elapsed().as_secs_f64();
    assert_eq!(sink.drain().len(), people);

    let postfix = Postfix::start().await;
    let behind = Sink::start_on(postfix.hop_port, None);
    let start = Instant::now();
    let mut source = Command::new("smtp-source");
    source.args(["-d", "-s", &CONNECTIONS.to_string(), "-m", &people.to_string(), "-l", &size.to_string()]);
    source.args(["-f", "a@sender.test", "-t", "b@hop.test", &format!("127.0.0.1:{}", postfix.port)]);
    run(source).await;
    while (behind.count() as usize) < people {
        stage::pause(std::time::Duration::from_millis(10)).await;
    }
    let relayed = people as f64 / start.elapsed().as_secs_f64();
    let bounds = Bounds { floor: 1.0, aim: 1.0, less: false };
    let unit = "mails/s";
    vec![
        Measure::of_pairs(
            "nodemailer",
            "context: ours over a pooled nodemailer",
            unit,
            bounds,
            &[(ours, nodemailer)],
            "it records nothing".into(),
        ),
        Measure::of_pairs(
            "Postfix",
            "context: ours over a Postfix relay",
            unit,
            bounds,
            &[(ours, relayed)],
            "it queues each mail in a file".into(),
        ),
    ]
}
