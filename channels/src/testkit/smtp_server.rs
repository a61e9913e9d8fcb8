//! An SMTP server that takes everything unless a test says otherwise, and keeps what it was sent, byte for byte.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use super::lock;

/// What the server does at one step.
#[derive(Clone, Debug)]
pub enum SmtpAnswer {
    /// Says this; lines are joined by CRLF, which is added at the end.
    Say(String),
    /// Says this and closes.
    SayAndHangUp(String),
    /// Closes.
    HangUp,
    /// Never answers.
    Silence,
}

/// What the server was sent, and how.
#[derive(Clone, Debug, Default)]
pub struct SmtpLog {
    /// Each command line, `.` for the end of a message, and `CONNECT` for a connection.
    pub commands: Vec<String>,
    /// Each message that was taken, as it came over the wire, without the final dot.
    pub messages: Vec<Vec<u8>>,
    /// What each read brought: one write of the client's, or several where it did not wait.
    pub reads: Vec<Vec<u8>>,
}

type Rule = dyn Fn(&str, usize) -> Option<SmtpAnswer> + Send + Sync;

/// What the server offers and does. The rule is asked at each step with the command (`CONNECT`, the line, or `.`) and
/// how many commands began with the same four letters before; None is the usual answer.
pub struct SmtpScript {
    /// The lines of EHLO's reply after the first.
    pub offers: Vec<&'static str>,
    /// What it does that is not usual.
    pub rule: Box<Rule>,
    /// With what it answers STARTTLS.
    pub tls: Option<Arc<ServerConfig>>,
    /// TLS from the first byte.
    pub implicit: bool,
}

impl Default for SmtpScript {
    fn default() -> Self {
        SmtpScript { offers: vec!["PIPELINING"], rule: Box::new(|_, _| None), tls: None, implicit: false }
    }
}

/// A running server; it ends when this is dropped.
pub struct SmtpServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    log: Arc<Mutex<SmtpLog>>,
    task: JoinHandle<()>,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl SmtpServer {
    /// Starts a server.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn start(script: SmtpScript) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let log: Arc<Mutex<SmtpLog>> = Arc::default();
        let (script, writes) = (Arc::new(script), log.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, log) = (script.clone(), writes.clone());
                tokio::spawn(async move {
                    let Ok(()) = stream.set_nodelay(true) else { return };
                    let mut stream: Box<dyn Stream> = Box::new(stream);
                    if script.implicit {
                        let Some(secured) = accept_tls(&script, stream).await else { return };
                        stream = secured;
                    }
                    Dialogue { script, log, stream, buffer: Vec::new() }.run().await;
                });
            }
        });
        SmtpServer { port, log, task }
    }

    /// What it was sent so far.
    pub fn log(&self) -> SmtpLog {
        lock(&self.log).clone()
    }
}

async fn accept_tls(script: &SmtpScript, stream: Box<dyn Stream>) -> Option<Box<dyn Stream>> {
    let acceptor = TlsAcceptor::from(script.tls.clone()?);
    Some(Box::new(acceptor.accept(stream).await.ok()?))
}

struct Dialogue {
    script: Arc<SmtpScript>,
    log: Arc<Mutex<SmtpLog>>,
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
}

impl Dialogue {
    /// Ends with the connection: None from any step.
    async fn run(mut self) -> Option<()> {
        self.answer("CONNECT", "220 kit ESMTP").await?;
        loop {
            let line = String::from_utf8_lossy(&self.until(b"\r\n").await?).into_owned();
            let verb = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let mut lines: Vec<String> = vec!["kit".to_owned()];
                    lines.extend(self.script.offers.iter().map(|offer| (*offer).to_owned()));
                    let last = lines.len() - 1;
                    let sign = |place: usize| if place == last { ' ' } else { '-' };
                    let lines: Vec<String> =
                        lines.iter().enumerate().map(|(place, line)| format!("250{}{line}", sign(place))).collect();
                    self.answer(&line, &lines.join("\r\n")).await?;
                }
                "DATA" => {
                    if self.answer(&line, "354 go on").await?.starts_with("354") {
                        self.message().await?;
                    }
                }
                "STAR" => {
                    if self.answer(&line, "220 go on").await?.starts_with("220") {
                        let stream = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
                        self.stream = accept_tls(&self.script, stream).await?;
                    }
                }
                "AUTH" => {
                    self.answer(&line, "235 2.7.0 welcome").await?;
                }
                "QUIT" => {
                    self.answer(&line, "221 bye").await?;
                    return None;
                }
                _ => {
                    self.answer(&line, "250 2.0.0 ok").await?;
                }
            }
        }
    }

    async fn message(&mut self) -> Option<()> {
        let mut message = Vec::new();
        loop {
            let line = self.until(b"\r\n").await?;
            if line == b"." {
                break;
            }
            message.extend_from_slice(&line);
            message.extend_from_slice(b"\r\n");
        }
        let place = {
            let mut log = lock(&self.log);
            log.messages.push(message);
            log.messages.len() - 1
        };
        let said = self.answer(".", &format!("250 2.0.0 Ok: queued as Q{place}")).await?;
        if !said.starts_with('2') {
            lock(&self.log).messages.remove(place);
        }
        Some(())
    }

    /// Answers by the rule or as usual, and tells what was said.
    async fn answer(&mut self, command: &str, usual: &str) -> Option<String> {
        let before = {
            let mut log = lock(&self.log);
            let same = |earlier: &&String| earlier.get(..4).unwrap_or(earlier) == command.get(..4).unwrap_or(command);
            let before = log.commands.iter().filter(same).count();
            log.commands.push(command.to_owned());
            before
        };
        let (said, stays) = match (self.script.rule)(command, before) {
            None => (usual.to_owned(), true),
            Some(SmtpAnswer::Say(said)) => (said, true),
            Some(SmtpAnswer::SayAndHangUp(said)) => (said, false),
            Some(SmtpAnswer::HangUp) => return None,
            Some(SmtpAnswer::Silence) => {
                while self.stream.read(&mut [0; 1024]).await.ok()? > 0 {}
                return None;
            }
        };
        self.stream.write_all(format!("{said}\r\n").as_bytes()).await.ok()?;
        self.stream.flush().await.ok()?;
        stays.then_some(said)
    }

    /// What comes before the next `end`, which is taken off.
    async fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(place) = self.buffer.windows(end.len()).position(|window| window == end) {
                let rest = self.buffer.split_off(place + end.len());
                let mut found = std::mem::replace(&mut self.buffer, rest);
                found.truncate(place);
                return Some(found);
            }
            let mut read = vec![0; 64 * 1024];
            let count = self.stream.read(&mut read).await.ok().filter(|count| *count > 0)?;
            read.truncate(count);
            self.buffer.extend_from_slice(&read);
            lock(&self.log).reads.push(read);
        }
    }
}
