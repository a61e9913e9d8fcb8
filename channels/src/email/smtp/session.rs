//! One connection to a relay: opened, secured, signed in, and then written to and read from with bounds on everything.

use std::{future::Future, time::Duration};

use lettre::transport::smtp::{
    authentication::Mechanism,
    commands::{Auth, Ehlo, Quit, Starttls},
    extension::{Extension, ServerInfo},
    response::Response,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

use super::{
    Relay, Tls,
    reply::{self, Reply},
    settings::Timeouts,
};
use crate::{
    contract::{Reason, Unavailable},
    detail::Scrubber,
    failpoint,
};

/// RFC 5321, section 4.5.3.1.5, has 512; some relays write more.
const LONGEST_LINE: u64 = 4096;
const MOST_LINES: usize = 128;
/// A relay that does not answer QUIT keeps nobody waiting.
const QUIT: Duration = Duration::from_secs(2);

trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// An open connection that is ready for MAIL.
pub(super) struct Session {
    stream: BufReader<Box<dyn Stream>>,
    server: ServerInfo,
    pipelining: bool,
    timeouts: Timeouts,
}

/// A write that did not end well.
pub(super) struct Unwritten {
    /// How many bytes the connection took. More may not have left.
    pub(super) written: usize,
    /// Why it took no more.
    pub(super) why: Unavailable,
}

impl Session {
    /// Connects, secures the connection, and signs in.
    pub(super) async fn open(relay: &Relay) -> Result<Session, Unavailable> {
        let settings = &relay.settings;
        let timeouts = settings.timeouts.clone();
        let target = (settings.host.as_str(), settings.port());
        let tcp = within(timeouts.connect(), "no connection in time", TcpStream::connect(target)).await?;
        // Without it the last write of a message waits for the acknowledgement of the one before.
        tcp.set_nodelay(true).map_err(broken)?;
        let stream: Box<dyn Stream> =
            if settings.tls == Tls::Implicit { secure(relay, Box::new(tcp)).await? } else { Box::new(tcp) };
        let mut session =
            Session { stream: BufReader::new(stream), server: ServerInfo::default(), pipelining: false, timeouts };
        let greeting = session.read(session.timeouts.greeting()).await?;
        expect(&greeting, 220, "greeting", &relay.scrubber)?;
        session.hello(relay).await?;
        if settings.tls == Tls::Starttls {
            session = session.start_tls(relay).await?;
            session.hello(relay).await?;
        }
        session.authenticate(relay).await?;
        Ok(session)
    }

    /// What the relay offers.
    pub(super) fn server(&self) -> &ServerInfo {
        &self.server
    }

    /// True where several commands may be written before their replies are read.
    pub(super) fn is_pipelining(&self) -> bool {
        self.pipelining
    }

    /// Writes a command and reads its reply.
    pub(super) async fn command(&mut self, command: &str) -> Result<Reply, Unavailable> {
        self.write(command.as_bytes(), self.timeouts.command()).await.map_err(|unwritten| unwritten.why)?;
        self.reply().await
    }

    /// The next reply to a command.
    pub(super) async fn reply(&mut self) -> Result<Reply, Unavailable> {
        self.read(self.timeouts.command()).await
    }

    /// The reply to a message's final dot.
    pub(super) async fn accept_reply(&mut self) -> Result<Reply, Unavailable> {
        let reply = self.read(self.timeouts.accept()).await;
        failpoint::pass("reply");
        reply
    }

    /// Writes the end of a message and whatever comes with it.
    pub(super) async fn write_body(&mut self, bytes: &[u8]) -> Result<(), Unwritten> {
        let written = self.write(bytes, self.timeouts.body()).await;
        failpoint::pass("write");
        written
    }

    /// Writes commands whose replies are read later.
    pub(super) async fn write_commands(&mut self, commands: &[u8]) -> Result<(), Unavailable> {
        self.write(commands, self.timeouts.command()).await.map_err(|unwritten| unwritten.why)
    }

    /// Takes leave; what the relay makes of it no longer matters.
    pub(super) async fn quit(mut self) {
        let farewell = async {
            self.write(Quit.to_string().as_bytes(), QUIT).await.ok()?;
            self.read(QUIT).await.ok()?;
            self.stream.shutdown().await.ok()
        };
        let _ = tokio::time::timeout(QUIT, farewell).await;
    }

    async fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Unwritten> {
        let mut written = 0;
        let stream = self.stream.get_mut();
        let writing = async {
            while written < bytes.len() {
                match stream.write(&bytes[written..]).await? {
                    0 => return Err(std::io::ErrorKind::WriteZero.into()),
                    count => written += count,
                }
            }
            stream.flush().await
        };
        within(limit, "the relay took no more bytes", writing).await.map_err(|why| Unwritten { written, why })
    }

    async fn read(&mut self, limit: Duration) -> Result<Reply, Unavailable> {
        // Pipelined replies come together: those that are here already need no clock.
        match buffered_reply(&mut self.stream).map_err(broken)? {
            Some(reply) => Ok(reply),
            None => within(limit, "no reply in time", read_reply(&mut self.stream)).await,
        }
    }

    async fn hello(&mut self, relay: &Relay) -> Result<(), Unavailable> {
        let reply = self.command(&Ehlo::new(relay.hello.clone()).to_string()).await?;
        expect(&reply, 250, "EHLO", &relay.scrubber)?;
        // Keywords may come in any case (RFC 5321, section 2.4), which lettre does not take.
        let lines: Vec<String> = reply.lines().map(str::to_ascii_uppercase).collect();
        self.pipelining = relay.settings.pipelining && lines.iter().skip(1).any(|line| line == "PIPELINING");
        self.server = reply
            .parsed()
            .and_then(|response| ServerInfo::from_response(&Response::new(response.code(), lines)).ok())
            .ok_or_else(|| unavailable(Reason::BadAnswer, "the relay's answer to EHLO cannot be read"))?;
        Ok(())
    }

    async fn start_tls(mut self, relay: &Relay) -> Result<Session, Unavailable> {
        if !self.server.supports_feature(Extension::StartTls) {
            let detail = "the relay does not offer STARTTLS; nothing is sent in clear text";
            return Err(unavailable(Reason::BadAnswer, detail));
        }
        let reply = self.command(&Starttls.to_string()).await?;
        expect(&reply, 220, "STARTTLS", &relay.scrubber)?;
        // What came before the handshake came from anyone (RFC 3207, section 6).
        if !self.stream.buffer().is_empty() {
            return Err(unavailable(Reason::BadAnswer, "someone wrote into the connection before it was secured"));
        }
        let stream = secure(relay, self.stream.into_inner()).await?;
        Ok(Session { stream: BufReader::new(stream), ..self })
    }

    async fn authenticate(&mut self, relay: &Relay) -> Result<(), Unavailable> {
        let Some(credentials) = &relay.credentials else { return Ok(()) };
        let refused = || unavailable(Reason::Unauthorized, "the relay's sign-in cannot be followed");
        let mechanism = self
            .server
            .get_auth_mechanism(&[Mechanism::Plain, Mechanism::Login])
            .ok_or_else(|| unavailable(Reason::Unauthorized, "the relay offers neither AUTH PLAIN nor AUTH LOGIN"))?;
        let first = Auth::new(mechanism, credentials.clone(), None).map_err(|_| refused())?;
        let mut reply = self.command(&first.to_string()).await?;
        // LOGIN asks twice: for the name, then for the password.
        for _ in 0..2 {
            if reply.code() != 334 {
                break;
            }
            let asked = reply.parsed().ok_or_else(refused)?;
            let answer = Auth::new_from_response(mechanism, credentials.clone(), &asked).map_err(|_| refused())?;
            reply = self.command(&answer.to_string()).await?;
        }
        // The relay's words are left out: they could repeat what was sent.
        let code = reply.code();
        match code {
            200..=299 => Ok(()),
            400..=499 => Err(unavailable(Reason::Temporary, &format!("{code} at sign-in"))),
            _ => Err(unavailable(Reason::Unauthorized, &format!("{code}: the relay refuses username or password"))),
        }
    }
}

async fn secure(relay: &Relay, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Unavailable> {
    let settings = &relay.settings;
    let name = settings.tls_name.as_ref().unwrap_or(&settings.host);
    let name = ServerName::try_from(name.clone()).map_err(|_| {
        unavailable(Reason::BadAnswer, "the relay's host name cannot stand in a certificate; set tls_name")
    })?;
    let config = relay.tls.clone().ok_or_else(|| unavailable(Reason::BadAnswer, "TLS is not set up"))?;
    let handshake = TlsConnector::from(config).connect(name, stream);
    Ok(Box::new(within(settings.timeouts.connect(), "no TLS handshake in time", handshake).await?))
}

/// The next reply, if all of it was read already.
fn buffered_reply(stream: &mut BufReader<Box<dyn Stream>>) -> std::io::Result<Option<Reply>> {
    let mut reply = Reply::default();
    let (buffer, mut used) = (stream.buffer(), 0);
    while let Some(end) = memchr::memchr(b'\n', &buffer[used..]) {
        let last = reply.push(buffer[used..used + end].trim_ascii_end())?;
        used += end + 1;
        if last {
            stream.consume(used);
            return Ok(Some(reply));
        }
    }
    Ok(None)
}

/// Reads the lines of one reply, and leaves those of the next in the buffer.
async fn read_reply(stream: &mut BufReader<Box<dyn Stream>>) -> std::io::Result<Reply> {
    let mut reply = Reply::default();
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        (&mut *stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        if line.last() != Some(&b'\n') {
            let kind =
                if line.is_empty() { std::io::ErrorKind::UnexpectedEof } else { std::io::ErrorKind::InvalidData };
            return Err(kind.into());
        }
        if reply.push(line.trim_ascii_end())? {
            return Ok(reply);
        }
    }
    Err(std::io::ErrorKind::InvalidData.into())
}

fn expect(reply: &Reply, code: u16, to: &str, scrubber: &Scrubber) -> Result<(), Unavailable> {
    if reply.code() == code {
        return Ok(());
    }
    let reason = match reply.code() {
        400..=499 => Reason::Temporary,
        // A relay that turns us away at the door does so for who we are.
        500..=599 => Reason::Unauthorized,
        _ => Reason::BadAnswer,
    };
    let detail = scrubber.clean(&format!("{to}: {}", reply::words(reply)), "");
    Err(Unavailable { reason, detail, after: None })
}

async fn within<T>(
    limit: Duration,
    late: &str,
    work: impl Future<Output = std::io::Result<T>>,
) -> Result<T, Unavailable> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done.map_err(broken),
        Err(_) => Err(unavailable(Reason::Unreachable, late)),
    }
}

fn broken(error: std::io::Error) -> Unavailable {
    match error.kind() {
        std::io::ErrorKind::InvalidData => {
            // rustls says what is wrong with a certificate here, which the operator needs to know.
            let detail: String = format!("the relay's answer cannot be used: {error}").chars().take(200).collect();
            unavailable(Reason::BadAnswer, &detail)
        }
        kind => unavailable(Reason::Unreachable, &format!("the connection failed: {kind}")),
    }
}

fn unavailable(reason: Reason, detail: &str) -> Unavailable {
    Unavailable { reason, detail: detail.to_owned(), after: None }
}
