//! A short message centre that takes everything unless a test says otherwise, and keeps what it was sent.

use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use super::lock;
use crate::sms::smpp::pdu::{Message, Pdu, command};

/// What the centre does about one request.
#[derive(Clone, Debug)]
pub enum SmppAnswer {
    /// Answers with this `command_status`.
    Status(u32),
    /// Takes it, with this id.
    Id(String),
    /// Answers with a `generic_nack` of this status.
    Nack(u32),
    /// Writes these bytes instead of an answer.
    Bytes(Vec<u8>),
    /// Answers as usual, and closes.
    AnswerAndHangUp,
    /// Closes.
    HangUp,
    /// Never answers, nor anything after it.
    Silence,
    /// Leaves this one without an answer and goes on.
    Skip,
    /// Answers this one only after the next.
    Swap,
}

/// What the centre was sent.
#[derive(Clone, Default)]
pub struct SmppLog {
    /// The name of each request and answer, in their order.
    pub commands: Vec<String>,
    /// Each text that was taken.
    pub(crate) messages: Vec<Message>,
    /// The status of each answer to a deliver_sm.
    pub deliveries: Vec<u32>,
}

type Rule = dyn Fn(&str, usize) -> Option<SmppAnswer> + Send + Sync;

/// The rule is asked at each request with its name (`bind_transceiver`, `submit_sm`, …) and how many of that name came
/// before; None is the usual answer.
pub struct SmppScript {
    /// What it does that is not usual.
    pub rule: Box<Rule>,
    /// With what it speaks TLS; None without.
    pub tls: Option<Arc<ServerConfig>>,
}

impl Default for SmppScript {
    fn default() -> Self {
        SmppScript { rule: Box::new(|_, _| None), tls: None }
    }
}

/// A running centre; it ends when this is dropped.
pub struct SmppServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    log: Arc<Mutex<SmppLog>>,
    changed: Arc<tokio::sync::Notify>,
    said: Arc<Mutex<Vec<mpsc::UnboundedSender<Pdu>>>>,
    task: JoinHandle<()>,
}

impl Drop for SmppServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl SmppServer {
    /// Starts a centre.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn start(script: SmppScript) -> SmppServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let log: Arc<Mutex<SmppLog>> = Arc::default();
        let changed: Arc<tokio::sync::Notify> = Arc::default();
        let said: Arc<Mutex<Vec<mpsc::UnboundedSender<Pdu>>>> = Arc::default();
        let script = Arc::new(script);
        let task = tokio::spawn({
            let (log, changed, said) = (log.clone(), changed.clone(), said.clone());
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (script, log, changed, said) = (script.clone(), log.clone(), changed.clone(), said.clone());
                    tokio::spawn(async move {
                        let stream: Box<dyn Stream> = match &script.tls {
                            None => Box::new(stream),
                            Some(config) => {
                                let Ok(stream) = TlsAcceptor::from(config.clone()).accept(stream).await else { return };
                                Box::new(stream)
                            }
                        };
                        let dialogue =
                            Dialogue { script, log, changed, said, stream, buffer: BytesMut::new(), swapped: None };
                        dialogue.run().await;
                    });
                }
            }
        });
        SmppServer { port, log, changed, said, task }
    }

    /// What it was sent so far.
    pub fn log(&self) -> SmppLog {
        lock(&self.log).clone()
    }

    /// Waits until what it was sent is as wanted.
    pub async fn until(&self, wanted: impl Fn(&SmppLog) -> bool) -> SmppLog {
        loop {
            let changed = self.changed.notified();
            let log = self.log();
            if wanted(&log) {
                return log;
            }
            changed.await;
        }
    }

    /// Sends a deliver_sm over the connection that was bound last.
    #[cfg(test)]
    pub(crate) fn deliver(&self, message: &Message) {
        let said = lock(&self.said);
        let pdu = Pdu::request(command::DELIVER_SM, 77, message.body());
        said.last().expect("somebody has bound").send(pdu).expect("the connection is open");
    }

    /// Sends a request of this number without a body over the connection that was bound last.
    pub fn ask(&self, request: u32) {
        let said = lock(&self.said);
        said.last().expect("somebody has bound").send(Pdu::request(request, 78, Vec::new())).expect("it is open");
    }
}

fn name(pdu: &Pdu) -> String {
    let name = match pdu.command & 0x7fff_ffff {
        0x01 => "bind_receiver",
        0x02 => "bind_transmitter",
        0x04 => "submit_sm",
        0x05 => "deliver_sm",
        0x06 => "unbind",
        0x09 => "bind_transceiver",
        0x15 => "enquire_link",
        0 => "generic_nack",
        _ => "unknown",
    };
    if pdu.is_response() { format!("{name}_resp") } else { name.to_owned() }
}

struct Dialogue {
    script: Arc<SmppScript>,
    log: Arc<Mutex<SmppLog>>,
    changed: Arc<tokio::sync::Notify>,
    said: Arc<Mutex<Vec<mpsc::UnboundedSender<Pdu>>>>,
    stream: Box<dyn Stream>,
    buffer: BytesMut,
    swapped: Option<Pdu>,
}

impl Dialogue {
    /// Ends with the connection: None from any step.
    async fn run(mut self) -> Option<()> {
        let (say, mut to_say) = mpsc::unbounded_channel();
        let mut say = Some(say);
        loop {
            while let Some(pdu) = Pdu::take(&mut self.buffer).expect("the provider writes whole PDUs") {
                if name(&pdu).starts_with("bind_") {
                    lock(&self.said).extend(say.take());
                }
                self.answer(pdu).await?;
            }
            tokio::select! {
                count = self.stream.read_buf(&mut self.buffer) => { count.ok().filter(|count| *count > 0)?; }
                Some(pdu) = to_say.recv() => self.write(&pdu).await?,
            }
        }
    }

    async fn write(&mut self, pdu: &Pdu) -> Option<()> {
        let mut wire = Vec::new();
        pdu.write(&mut wire);
        self.stream.write_all(&wire).await.ok()?;
        self.stream.flush().await.ok()
    }

    async fn answer(&mut self, pdu: Pdu) -> Option<()> {
        let name = name(&pdu);
        let (before, place) = {
            let mut log = lock(&self.log);
            let before = log.commands.iter().filter(|known| **known == name).count();
            log.commands.push(name.clone());
            if pdu.answers(command::DELIVER_SM) {
                log.deliveries.push(pdu.status);
            }
            (before, log.messages.len())
        };
        self.changed.notify_waiters();
        if pdu.is_response() {
            return Some(());
        }
        let usual = match pdu.command {
            command::SUBMIT_SM => format!("m-{place}\0"),
            command::BIND_RECEIVER | command::BIND_TRANSMITTER | command::BIND_TRANSCEIVER => "kit\0".to_owned(),
            _ => String::new(),
        };
        let answer = (self.script.rule)(&name, before);
        let taken = matches!(answer, None | Some(SmppAnswer::Id(_) | SmppAnswer::AnswerAndHangUp | SmppAnswer::Swap));
        if taken && pdu.command == command::SUBMIT_SM {
            lock(&self.log).messages.push(Message::read(&pdu.body).expect("the provider writes whole texts"));
        }
        let usual = pdu.answer(0, usual);
        match answer {
            None => self.write(&usual).await?,
            Some(SmppAnswer::Swap) => {
                self.swapped = Some(usual);
                return Some(());
            }
            Some(SmppAnswer::Status(status)) => self.write(&pdu.answer(status, Vec::new())).await?,
            Some(SmppAnswer::Id(id)) => self.write(&pdu.answer(0, format!("{id}\0"))).await?,
            Some(SmppAnswer::Nack(status)) => {
                self.write(&Pdu { command: command::GENERIC_NACK, status, ..pdu.answer(0, Vec::new()) }).await?;
            }
            Some(SmppAnswer::Bytes(bytes)) => self.stream.write_all(&bytes).await.ok()?,
            Some(SmppAnswer::AnswerAndHangUp) => {
                self.write(&usual).await?;
                return None;
            }
            Some(SmppAnswer::HangUp) => return None,
            Some(SmppAnswer::Silence) => {
                while self.stream.read(&mut [0; 1024]).await.ok()? > 0 {}
                return None;
            }
            Some(SmppAnswer::Skip) => {}
        }
        if let Some(swapped) = self.swapped.take() {
            self.write(&swapped).await?;
        }
        self.changed.notify_waiters();
        (pdu.command != command::UNBIND).then_some(())
    }
}
