//! An SMTP relay that can be as bad as a test wants, and knows what it took and when. Real relays that misbehave on demand
//! there are none; how a good one behaves is tested with Postfix.

use std::{
    collections::BTreeSet,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::Instant,
};

/// How a relay fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It takes the message and never answers.
    Silence,
    /// It takes the message and hangs up.
    HangUp,
    /// It takes the message and answers what is no SMTP.
    Garbage,
    /// It takes the message and answers one byte a second.
    Drip,
    /// It refuses at the door.
    Door,
    /// It greets with what is no SMTP.
    Nonsense,
    /// It refuses the message for good.
    Refusal,
    /// It refuses each recipient once.
    Later,
    /// It says at once that the mailbox of whoever is called `full` is that.
    Full,
}

/// A message that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Who it is for.
    pub to: String,
    /// When its dot came, in milliseconds since 1970.
    pub at: i64,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    /// How many messages, or connections, it still fails for.
    left: usize,
    taken: Vec<Taken>,
    seen: BTreeSet<String>,
    /// When each RCPT came that was for somebody who was put off before, and how long after that.
    returned: Vec<Duration>,
    put_off: Vec<(String, Instant)>,
}

/// A running relay; it ends with this handle.
pub struct Relay {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    state: Arc<Mutex<State>>,
    hang_up: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    /// A good one.
    pub async fn start() -> Relay {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let hang_up = watch::channel(()).0;
        let ends = hang_up.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, mut end) = (shared.clone(), ends.subscribe());
                tokio::spawn(async move {
                    // A client that is gone is the end of its connection.
                    tokio::select! {
                        _ = talk(stream, &state) => {}
                        _ = end.changed() => {}
                    }
                });
            }
        });
        Relay { port, state, hang_up, task }
    }

    /// Fails in this way, for so many messages or connections, forgets what it took, and hangs up on everyone.
    pub fn fail(&self, fault: Fault, times: usize) {
        self.hang_up.send_replace(());
        *lock(&self.state) = State { fault: Some(fault), left: times, ..State::default() };
    }

    /// How often it is still to fail.
    pub fn left(&self) -> usize {
        lock(&self.state).left
    }

    /// What it took since.
    pub fn taken(&self) -> Vec<Taken> {
        lock(&self.state).taken.clone()
    }

    /// How long those who were put off stayed away.
    pub fn returned(&self) -> Vec<Duration> {
        lock(&self.state).returned.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no handler panics")
}

impl State {
    /// Whether it fails in one of these ways now.
    fn fails(&mut self, faults: &[Fault]) -> Option<Fault> {
        let fault = self.fault.filter(|fault| self.left > 0 && faults.contains(fault))?;
        self.left -= 1;
        Some(fault)
    }

    fn puts_off(&mut self, to: &str) -> bool {
        if let Some((_, when)) = self.put_off.iter().find(|(known, _)| known == to) {
            let stayed = when.elapsed();
            self.returned.push(stayed);
        }
        let first = self.fault == Some(Fault::Later) && self.left > 0 && self.seen.insert(to.to_owned());
        if first {
            self.left -= 1;
            self.put_off.push((to.to_owned(), Instant::now()));
        }
        first
    }
}

#[allow(clippy::disallowed_methods, reason = "this is not the daemon's clock, which a test may turn")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("a near time")
}

async fn talk(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let greeting = match lock(state).fails(&[Fault::Door, Fault::Nonsense]) {
        Some(Fault::Door) => "554 5.7.1 not from you\r\n",
        Some(_) => "\u{1}\u{2}\u{3} HTTP/1.1 200 OK\r\n\r\n",
        None => "220 relay ESMTP\r\n",
    };
    stream.write_all(greeting.as_bytes()).await?;
    let mut to = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let reply = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => "250-relay\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                if to.starts_with("full@") && lock(state).fails(&[Fault::Full]).is_some() {
                    to.clear();
                    "552 5.2.2 full\r\n"
                } else if lock(state).puts_off(&to) {
                    to.clear();
                    "451 4.3.0 later\r\n"
                } else {
                    "250 2.1.5 ok\r\n"
                }
            }
            "DATA" if to.is_empty() => "503 5.5.1 nobody\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                }
                let at_the_dot = [Fault::Silence, Fault::HangUp, Fault::Garbage, Fault::Drip, Fault::Refusal];
                let fault = {
                    let mut state = lock(state);
                    let fault = state.fails(&at_the_dot);
                    if fault != Some(Fault::Refusal) {
                        state.taken.push(Taken { to: std::mem::take(&mut to), at: now() });
                    }
                    fault
                };
                match fault {
                    None => "250 2.0.0 taken\r\n",
                    Some(Fault::Refusal) => "554 5.7.1 no\r\n",
                    Some(Fault::Garbage) => "\u{7}\u{8}<html>\r\n",
                    Some(Fault::HangUp) => return Ok(()),
                    Some(Fault::Drip) => return drip(stream, b"250 2.0.0 taken\r\n").await,
                    Some(_) => return std::future::pending().await,
                }
            }
            "QUIT" => "221 2.0.0 bye\r\n",
            _ => "250 2.0.0 ok\r\n",
        };
        stream.write_all(reply.as_bytes()).await?;
    }
}

#[allow(clippy::disallowed_methods, reason = "a slow peer is what this is")]
async fn drip(mut stream: BufReader<TcpStream>, reply: &[u8]) -> std::io::Result<()> {
    for byte in reply {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stream.write_all(&[*byte]).await?;
    }
    Ok(())
}
