//! P8 and P9: what a website's readers cost, who ask for the banner or wait to be told.

use std::{
    fs,
    io::Write as _,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use onevoice::listener;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    machine,
    parts::{
        folder, http, port,
        process::{Process, run},
        ready,
    },
    report::{Bounds, Measure, figure},
    site::content,
    stage::{Stage, To},
};

const PLACES: &str = "[[provider]]\nname = \"banner\"\nkind = \"banner\"\n";
const PAIRS: usize = 5;

/// P8: the banner asked for, in full and with its ETag, over a file of nginx. Each server has one core to itself, and wrk
/// the other.
pub async fn polls(_: usize) -> Vec<Measure> {
    let stage = Stage::with(PLACES, 1, To::Mail).await;
    say(&stage, "Card payments are failing").await;
    let ours = format!("{}/banner/live.json", stage.daemon.base);
    let client = http::client();
    let answer = client.get(&ours).send().await.expect("the daemon answers");
    let tag = answer.headers()["etag"].to_str().expect("a tag is text").to_owned();
    let body = answer.bytes().await.expect("it has a body");

    let folder = folder::work();
    fs::create_dir(folder.path().join("banner")).expect("the folder is writable");
    fs::write(folder.path().join("banner/live.json"), &body).expect("the folder is writable");
    let listen = port::free();
    let settings = format!(
        "worker_processes 1; daemon off; master_process off; pid nginx.pid; error_log stderr error;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; keepalive_requests 100000000; sendfile on; open_file_cache max=10; tcp_nopush on;\n\
         types {{ application/json json; }} client_body_temp_path body; proxy_temp_path p; fastcgi_temp_path f;\n\
         uwsgi_temp_path u; scgi_temp_path s;\n\
         server {{ listen 127.0.0.1:{listen} backlog=1024; root {}; add_header Cache-Control no-cache;\n\
         add_header Access-Control-Allow-Origin *; }} }}\n",
        folder.path().display()
    );
    fs::write(folder.path().join("nginx.conf"), settings).expect("the folder is writable");
    let mut command = Command::new("taskset");
    command.args(["-c", "0", "nginx", "-p"]).arg(folder.path()).args(["-c", "nginx.conf"]);
    let _nginx = Process::start("nginx", &command, folder.path());
    ready::listening(listen, "nginx").await;
    let mut pin = Command::new("taskset");
    pin.args(["-acp", "0", &stage.daemon.pid().to_string()]);
    run(pin).await;
    let theirs = format!("http://127.0.0.1:{listen}/banner/live.json");
    let their_tag = client.get(&theirs).send().await.expect("nginx answers").headers()["etag"].clone();
    let their_tag = their_tag.to_str().expect("a tag is text");

    let mut measures = Vec::new();
    for (id, what, known) in [
        ("P8", "the banner asked for, over nginx with a file, a core each", false),
        ("P8t", "the same by who has it already (304)", true),
    ] {
        let mut pairs = Vec::new();
        for pair in 0..=PAIRS {
            let ours = asked(folder.path(), &ours, known.then_some(&tag)).await;
            let theirs = asked(folder.path(), &theirs, known.then_some(their_tag)).await;
            println!("{id}: ours {} answers/s, nginx {}", figure(ours), figure(theirs));
            if pair > 0 {
                pairs.push((ours, theirs));
            }
        }
        let bounds = Bounds { floor: 0.5, aim: 0.8, less: false };
        let cost = format!("{} bytes, 64 connections", body.len());
        measures.push(Measure::of_pairs(id, what, "answers/s", bounds, &pairs, cost));
    }
    measures
}

/// Answers a second to wrk.
async fn asked(folder: &Path, url: &str, tag: Option<&str>) -> f64 {
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", "1", "wrk", "-t", "1", "-c", "64", "-d", "4s"]).current_dir(folder);
    if let Some(tag) = tag {
        wrk.args(["-H", &format!("If-None-Match: {tag}")]);
    }
    let said = run({
        wrk.arg(url);
        wrk
    })
    .await;
    assert!(!said.contains("Non-2xx"), "{said}");
    let rate = said.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:")?.trim().parse().ok());
    rate.unwrap_or_else(|| panic!("wrk says no rate: {said}"))
}

/// P9: from the approval of a new banner to the last of the readers who wait for it, over a loop that does nothing but
/// write the same bytes to as many.
pub async fn streams(divide: usize) -> Vec<Measure> {
    let count = 10_000 / divide;
    listener::raise_descriptors();
    let stage = Stage::with(PLACES, 1, To::Mail).await;
    say(&stage, &marked(0)).await;
    let address = stage.daemon.base.trim_start_matches("http://").to_owned();
    let idle = machine::resident(stage.daemon.pid());
    let readers = Readers::wait(&address, count).await;
    let each = machine::resident(stage.daemon.pid()).saturating_sub(idle) as f64 / count as f64;
    let mut ours = Vec::new();
    for round in 1..=PAIRS {
        ours.push(readers.told(round, async || say(&stage, &marked(round)).await).await);
    }
    let event = readers.size.load(Relaxed);
    drop(readers);

    // In a process of its own, as the daemon is.
    let port = port::free();
    let folder = folder::work();
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["write-loop", &port.to_string(), &count.to_string(), &event.to_string()]);
    let writer = Process::start("writer", &command, folder.path());
    ready::listening(port, "the writer").await;
    let readers = Readers::wait(&format!("127.0.0.1:{port}"), count).await;
    let mut pairs = Vec::new();
    for (round, ours) in (1..=PAIRS).zip(ours) {
        let theirs = readers
            .told(round, async || {
                // One more connection asks for the next round.
                drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("the writer listens"));
                Instant::now()
            })
            .await;
        println!("round {round}: ours {} ms, writes alone {} ms", figure(ours), figure(theirs));
        pairs.push((ours, theirs));
    }
    drop(writer);
    let cost = format!("{count} readers, {event} bytes; {} KB of memory each while they wait", figure(each / 1e3));
    let what = "an approved banner at the last of 10,000 readers who wait, over writes alone";
    vec![Measure::of_pairs("P9", what, "ms", Bounds { floor: 2.0, aim: 1.3, less: true }, &pairs, cost)]
}

/// What the reference does: `bench write-loop PORT READERS BYTES`.
pub fn write_loop(port: u16, count: usize, size: usize) {
    listener::raise_descriptors();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
    // The first connection only looks whether somebody listens.
    drop(listener.accept());
    let mut readers: Vec<_> = (0..count).map(|_| listener.accept().expect("a reader comes").0).collect();
    let mut round = 0;
    loop {
        let event = format!("data: {:x<1$}\n\n", marked(round), size.saturating_sub(8));
        for reader in &mut readers {
            reader.write_all(event.as_bytes()).expect("the reader reads");
        }
        round += 1;
        drop(listener.accept());
    }
}

fn marked(round: usize) -> String {
    format!("Card payments are failing, part {round}!")
}

/// Says something on the banner; when the yes to it was answered.
async fn say(stage: &Stage, headline: &str) -> Instant {
    let incident = stage.author.incident().await;
    let (update, broadcast) = stage.author.submit(incident, content("investigating", headline)).await;
    stage.approver.approve(update, &broadcast).await;
    Instant::now()
}

/// People with a page open.
struct Readers {
    tasks: JoinSet<()>,
    reached: Arc<Vec<AtomicUsize>>,
    size: Arc<AtomicUsize>,
    count: usize,
    done: Arc<tokio::sync::Notify>,
}

impl Readers {
    /// Connects them, and waits until each has read what is said now.
    async fn wait(address: &str, count: usize) -> Readers {
        let reached: Arc<Vec<_>> = Arc::new((0..=PAIRS).map(|_| AtomicUsize::new(0)).collect());
        let (size, done) = <(Arc<AtomicUsize>, Arc<tokio::sync::Notify>)>::default();
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let mut stream = TcpStream::connect(address).await.expect("the server takes one more");
            let request = format!("GET /banner/events HTTP/1.1\r\nHost: {address}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("the server reads");
            let (reached, size, done) = (reached.clone(), size.clone(), done.clone());
            tasks.spawn(async move {
                let mut text = Vec::with_capacity(2048);
                let mut last = None;
                while stream.read_buf(&mut text).await.is_ok_and(|read| read > 0) {
                    while let Some(end) = find(&text, b"\n\n") {
                        size.store(end + 2 - find(&text, b"data: ").unwrap_or(0), Relaxed);
                        let round = find(&text[..end], b"failing, part ").map(|at| usize::from(text[at + 14] - b'0'));
                        text.drain(..end + 2);
                        // The same may be told twice: with its incident, and on its way.
                        if round > last {
                            last = round;
                            let told = round.map_or(0, |round| reached[round].fetch_add(1, Relaxed) + 1);
                            if told == count {
                                done.notify_one();
                            }
                        }
                    }
                }
            });
        }
        done.notified().await;
        Readers { tasks, reached, size, count, done }
    }

    /// How long after what `begin` gives the last of them has read of the round, in milliseconds.
    async fn told(&self, round: usize, begin: impl AsyncFnOnce() -> Instant) -> f64 {
        let start = begin().await;
        if self.reached[round].load(Relaxed) < self.count {
            let told = tokio::time::timeout(Duration::from_secs(60), self.done.notified()).await;
            assert!(told.is_ok(), "{} of {} were told", self.reached[round].load(Relaxed), self.count);
        }
        assert_eq!(self.tasks.len(), self.count);
        start.elapsed().as_secs_f64() * 1e3
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, wanted)
}
