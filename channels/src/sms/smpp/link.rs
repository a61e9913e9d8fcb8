//! One bound connection. A task of its own reads it: answers go to whoever carries, what comes in goes to the ear, and
//! silence is tried with `enquire_link`.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf},
    net::TcpStream,
    sync::{Mutex, mpsc, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

use super::{
    Centre,
    pdu::{self, Message, Pdu, command},
    receipt, status,
};
use crate::contract::{Reason, Unavailable};

/// How many incoming texts and receipts wait to be kept. The centre repeats those beyond.
const WAITING: usize = 64;
/// A centre that does not answer `unbind` keeps nobody waiting.
const LEAVE: Duration = Duration::from_secs(2);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}
type Boxed = Box<dyn Stream>;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Transceiver,
    Transmitter,
    Receiver,
}

impl Role {
    fn command(self) -> u32 {
        match self {
            Role::Transceiver => command::BIND_TRANSCEIVER,
            Role::Transmitter => command::BIND_TRANSMITTER,
            Role::Receiver => command::BIND_RECEIVER,
        }
    }
}

/// A write that did not end well.
pub(super) struct Unwritten {
    /// How many bytes the connection took. More may not have left.
    pub(super) written: usize,
    /// Why it took no more.
    pub(super) why: Unavailable,
}

/// The writing half, shared by whoever carries and by what answers the centre.
struct Writer {
    half: Mutex<WriteHalf<Boxed>>,
    sequence: AtomicU32,
    limit: Duration,
}

impl Writer {
    /// The next number, from 1 to 0x7fffffff (section 3.2).
    fn number(&self) -> u32 {
        self.sequence.fetch_add(1, Ordering::Relaxed) % 0x7fff_ffff + 1
    }

    async fn write(&self, bytes: &[u8]) -> Result<(), Unwritten> {
        let mut written = 0;
        let writing = async {
            let mut half = self.half.lock().await;
            while written < bytes.len() {
                match half.write(&bytes[written..]).await? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    count => written += count,
                }
            }
            half.flush().await
        };
        let done = within(self.limit, "the centre took no more bytes", writing).await;
        done.map_err(|why| Unwritten { written, why })
    }

    async fn send(&self, pdu: &Pdu) -> Result<(), Unavailable> {
        let mut wire = Vec::new();
        pdu.write(&mut wire);
        self.write(&wire).await.map_err(|unwritten| unwritten.why)
    }
}

/// The reading half with what was read and not taken.
struct Frames {
    half: ReadHalf<Boxed>,
    buffer: BytesMut,
}

impl Frames {
    /// The next PDU; None at the end of the connection. Nothing is lost where this is given up and asked again.
    async fn next(&mut self) -> io::Result<Option<Pdu>> {
        loop {
            if let Some(pdu) = Pdu::take(&mut self.buffer)? {
                return Ok(Some(pdu));
            }
            if self.half.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// An open connection that is bound.
pub(super) struct Link {
    writer: Arc<Writer>,
    answers: mpsc::UnboundedReceiver<Pdu>,
    task: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    /// Connects, secures the connection, and binds.
    pub(super) async fn open(centre: &Arc<Centre>, role: Role) -> Result<Link, Unavailable> {
        let settings = &centre.settings;
        let limit = settings.timeouts.connect();
        let target = (settings.host.as_str(), settings.port());
        let tcp = within(limit, "no connection in time", TcpStream::connect(target)).await?;
        tcp.set_nodelay(true).map_err(broken)?;
        let stream: Boxed = if settings.tls { secure(centre, tcp).await? } else { Box::new(tcp) };
        let (read, write) = tokio::io::split(stream);
        let writer = Arc::new(Writer {
            half: Mutex::new(write),
            sequence: AtomicU32::new(0),
            limit: settings.timeouts.answer(),
        });
        let mut frames = Frames { half: read, buffer: BytesMut::new() };
        let password = settings.password.as_ref().map_or("", |password| password.expose());
        let body = pdu::bind(&settings.system_id, password, &settings.system_type);
        let request = Pdu::request(role.command(), writer.number(), body);
        writer.send(&request).await?;
        let answer = within(limit, "no answer to the bind in time", frames.next()).await?;
        let answer = answer.ok_or_else(|| unavailable(Reason::Unreachable, "the centre hung up at the bind"))?;
        bound(centre, &request, &answer)?;
        let (told, answers) = mpsc::unbounded_channel();
        let hearing = (role != Role::Transmitter).then(|| Hearing::begin(&centre.hearing));
        let (came, keep) = mpsc::channel(WAITING);
        tokio::spawn(keep_what_came(centre.clone(), writer.clone(), keep));
        let reader = Reader { writer: writer.clone(), told, came, patience: settings.timeouts.enquire(), limit };
        let task = tokio::spawn(async move {
            let _hearing = hearing;
            reader.run(frames).await;
        });
        Ok(Link { writer, answers, task })
    }

    /// Whether the centre has hung up.
    pub(super) fn is_gone(&self) -> bool {
        self.task.is_finished() || self.answers.is_closed()
    }

    /// The number of the next request.
    pub(super) fn number(&self) -> u32 {
        self.writer.number()
    }

    /// Writes requests whose answers are read later.
    pub(super) async fn write(&self, bytes: &[u8]) -> Result<(), Unwritten> {
        self.writer.write(bytes).await
    }

    /// The next answer; None when the connection has ended.
    pub(super) async fn answer(&mut self) -> Option<Pdu> {
        self.answers.recv().await
    }

    /// Ends once the connection has.
    pub(super) async fn ended(&mut self) {
        while self.answers.recv().await.is_some() {}
    }

    /// Takes leave; what the centre makes of it no longer matters.
    pub(super) async fn unbind(mut self) {
        let farewell = async {
            let request = Pdu::request(command::UNBIND, self.writer.number(), Vec::new());
            if self.writer.send(&request).await.is_ok() {
                self.ended().await;
            }
        };
        let _ = timeout(LEAVE, farewell).await;
    }
}

/// Counts the connections over which something can be heard.
struct Hearing(watch::Sender<usize>);

impl Hearing {
    fn begin(count: &watch::Sender<usize>) -> Hearing {
        count.send_modify(|count| *count += 1);
        Hearing(count.clone())
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

struct Reader {
    writer: Arc<Writer>,
    told: mpsc::UnboundedSender<Pdu>,
    came: mpsc::Sender<Pdu>,
    patience: Duration,
    limit: Duration,
}

impl Reader {
    /// Reads until the connection ends, whoever ends it. Then nobody waits for an answer any longer.
    async fn run(self, mut frames: Frames) {
        let mut asked = false;
        loop {
            let wait = if asked { self.limit } else { self.patience };
            match timeout(wait, frames.next()).await {
                Ok(Ok(Some(pdu))) => {
                    asked = false;
                    if self.take(pdu).await.is_none() {
                        return;
                    }
                }
                Ok(Ok(None) | Err(_)) => return,
                Err(_) if asked => return,
                Err(_) => {
                    asked = true;
                    let request = Pdu::request(command::ENQUIRE_LINK, self.writer.number(), Vec::new());
                    if self.writer.send(&request).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// None where the connection ends with it.
    async fn take(&self, pdu: Pdu) -> Option<()> {
        match pdu.command {
            command::DELIVER_SM => match self.came.try_send(pdu) {
                Ok(()) => Some(()),
                Err(mpsc::error::TrySendError::Full(pdu) | mpsc::error::TrySendError::Closed(pdu)) => {
                    self.writer.send(&pdu.answer(status::QUEUE_FULL, &b"\0"[..])).await.ok()
                }
            },
            command::ENQUIRE_LINK => self.writer.send(&pdu.answer(status::OK, Vec::new())).await.ok(),
            command::UNBIND => {
                let _ = self.writer.send(&pdu.answer(status::OK, Vec::new())).await;
                None
            }
            command::ALERT_NOTIFICATION => Some(()),
            _ if pdu.answers(command::UNBIND) => None,
            _ if pdu.answers(command::ENQUIRE_LINK) => Some(()),
            // Nobody listening is fine: the link is given up.
            _ if pdu.is_response() => self.told.send(pdu).ok(),
            _ => {
                let nack = Pdu {
                    status: status::INVALID_COMMAND,
                    ..Pdu::request(command::GENERIC_NACK, pdu.sequence, Vec::new())
                };
                self.writer.send(&nack).await.ok()
            }
        }
    }
}

/// Has what came kept, one by one in its order, and says so to the centre. What cannot be read is taken: a repeat would be
/// no better.
async fn keep_what_came(centre: Arc<Centre>, writer: Arc<Writer>, mut came: mpsc::Receiver<Pdu>) {
    while let Some(pdu) = came.recv().await {
        let heard = Message::read(&pdu.body).ok().and_then(|message| receipt::heard(&centre.settings, &message));
        let answer = match (heard, centre.ear()) {
            (None, _) => {
                tracing::debug!(provider = centre.name, "something came in that says nothing to us");
                status::OK
            }
            (Some(_), None) => status::TRY_LATER,
            (Some(heard), Some(ear)) => match ear.hear(heard).await {
                Ok(()) => status::OK,
                Err(_) => status::TRY_LATER,
            },
        };
        if writer.send(&pdu.answer(answer, &b"\0"[..])).await.is_err() {
            return;
        }
    }
}

fn bound(centre: &Centre, request: &Pdu, answer: &Pdu) -> Result<(), Unavailable> {
    if !answer.answers(request.command) && answer.command != command::GENERIC_NACK {
        return Err(unavailable(Reason::BadAnswer, "the centre does not answer the bind"));
    }
    match answer.status {
        status::OK if answer.command != command::GENERIC_NACK => Ok(()),
        refused => {
            let reason = match status::reason(refused, &centre.own_statuses) {
                reason @ (Reason::Temporary | Reason::Throttled | Reason::Quota) => reason,
                // A centre that turns us away at the door does so for who we are.
                _ => Reason::Unauthorized,
            };
            Err(unavailable(reason, &format!("the bind was refused: {}", status::words(refused))))
        }
    }
}

async fn secure(centre: &Centre, tcp: TcpStream) -> Result<Boxed, Unavailable> {
    let settings = &centre.settings;
    let name = settings.tls_name.as_ref().unwrap_or(&settings.host);
    let name = ServerName::try_from(name.clone()).map_err(|_| {
        unavailable(Reason::BadAnswer, "the centre's host name cannot stand in a certificate; set tls_name")
    })?;
    let config = centre.tls.clone().ok_or_else(|| unavailable(Reason::BadAnswer, "TLS is not set up"))?;
    let handshake = TlsConnector::from(config).connect(name, tcp);
    Ok(Box::new(within(settings.timeouts.connect(), "no TLS handshake in time", handshake).await?))
}

async fn within<T>(limit: Duration, late: &str, work: impl Future<Output = io::Result<T>>) -> Result<T, Unavailable> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(broken),
        Err(_) => Err(unavailable(Reason::Unreachable, late)),
    }
}

fn broken(error: io::Error) -> Unavailable {
    match error.kind() {
        io::ErrorKind::InvalidData => {
            // rustls says what is wrong with a certificate here, which the operator needs to know.
            let detail: String = format!("the centre's answer cannot be used: {error}").chars().take(200).collect();
            unavailable(Reason::BadAnswer, &detail)
        }
        kind => unavailable(Reason::Unreachable, &format!("the connection failed: {kind}")),
    }
}

pub(super) fn unavailable(reason: Reason, detail: &str) -> Unavailable {
    Unavailable { reason, detail: detail.to_owned(), after: None }
}
