//! The reference that does the least: a pipelined SMTP client with one text, and two logs in place of a database, one
//! of what it means to send and one of what came of it, each through fdatasync.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

const CLAIM: usize = 64;

/// A line for a log, and who waits until it is durable.
type Entry = (String, Option<Sender<()>>);

/// Sends `count` messages of `size` bytes over so many connections and ends when all results are durable.
pub fn carry(port: u16, connections: usize, count: usize, size: usize) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
    let log = |name: &str, gather| {
        let (sender, receiver) = channel::<Entry>();
        let file = File::create(folder.path().join(name)).expect("the folder is writable");
        (sender, thread::spawn(move || write(&receiver, file, gather)))
    };
    let (intents, intent_log) = log("intents", Duration::ZERO);
    let (results, result_log) = log("results", Duration::from_millis(15));
    let body = format!("Subject: outage\r\n\r\n{}\r\n.\r\n", format!("{}\r\n", "x".repeat(74)).repeat(size / 76));
    thread::scope(|scope| {
        for connection in 0..connections {
            let (intents, results, body) = (intents.clone(), results.clone(), &body);
            let range = count * connection / connections..count * (connection + 1) / connections;
            scope.spawn(move || session(port, range, body, &intents, &results).expect("the sink takes everything"));
        }
    });
    drop((intents, results));
    intent_log.join().expect("the log was written");
    result_log.join().expect("the log was written");
}

/// Group commit: what gathered is written and synced at once.
fn write(entries: &Receiver<Entry>, mut file: File, gather: Duration) {
    while let Ok(first) = entries.recv() {
        if gather > Duration::ZERO {
            #[allow(clippy::disallowed_methods, reason = "a benchmark's reference runs on the machine's clock")]
            thread::sleep(gather);
        }
        let group: Vec<Entry> = std::iter::once(first).chain(entries.try_iter()).collect();
        let text: String = group.iter().map(|(line, _)| line.as_str()).collect();
        file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).expect("the disk works");
        for (_, waiting) in group {
            let _ = waiting.map(|waiting| waiting.send(()));
        }
    }
}

fn session(
    port: u16,
    range: std::ops::Range<usize>,
    body: &str,
    intents: &Sender<Entry>,
    results: &Sender<Entry>,
) -> std::io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    let mut replies = BufReader::new(stream.try_clone()?).lines();
    let mut reply = || replies.next().unwrap_or_else(|| Err(std::io::ErrorKind::UnexpectedEof.into()));
    reply()?;
    stream.write_all(b"EHLO bare.test\r\n")?;
    while reply()?.as_bytes().get(3) == Some(&b'-') {}
    let envelope = |number: usize| format!("MAIL FROM:<a@a.test>\r\nRCPT TO:<p{number:07}@b.test>\r\nDATA\r\n");
    let mut buffer = String::new();
    for number in range.clone() {
        if (number - range.start).is_multiple_of(CLAIM) {
            let (done, durable) = channel();
            let _ = intents.send((format!("{number} {CLAIM}\n"), Some(done)));
            let _ = durable.recv();
            stream.write_all(envelope(number).as_bytes())?;
        }
        for _ in 0..3 {
            reply()?;
        }
        buffer.clear();
        buffer.push_str(&format!("To: p{number:07}@b.test\r\n"));
        buffer.push_str(body);
        if number + 1 < range.end && !(number + 1 - range.start).is_multiple_of(CLAIM) {
            buffer.push_str(&envelope(number + 1));
        }
        stream.write_all(buffer.as_bytes())?;
        let said = reply()?;
        let _ = results.send((format!("{number} {said}\n"), None));
    }
    stream.write_all(b"QUIT\r\n")
}
