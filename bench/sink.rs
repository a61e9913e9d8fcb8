//! An SMTP server that takes everything as fast as it comes, counts it, and hashes what each recipient got.
//!
//! A thread a connection and blocking reads: the least CPU a server on the same two cores can take.

use std::{
    hash::{DefaultHasher, Hasher},
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Every how manieth message is kept whole.
const SAMPLE: u64 = 1000;

/// One message that was taken: who got it, the hash of its bytes, when.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The envelope's recipient.
    pub recipient: Box<str>,
    /// The hash of the bytes between DATA and the dot, stuffing and all.
    pub hash: u64,
    /// How many bytes.
    pub size: usize,
    /// When its MAIL came, since the sink's start.
    pub begun: Duration,
    /// When its dot came.
    pub at: Duration,
    /// The bytes, for one message in a thousand.
    pub bytes: Option<Vec<u8>>,
}

/// A running sink; its threads end with the process.
pub struct Sink {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    start: Instant,
    count: AtomicU64,
    hung_up: AtomicU64,
    connections: Mutex<Vec<Arc<Mutex<Vec<Taken>>>>>,
}

impl Sink {
    /// One that listens in clear text, or with TLS from the first byte.
    pub fn start(tls: Option<Arc<ServerConfig>>) -> Sink {
        Sink::start_on(0, tls)
    }

    /// The same on a given port.
    pub fn start_on(port: u16, tls: Option<Arc<ServerConfig>>) -> Sink {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        let port = listener.local_addr().expect("it listens").port();
        let shared = Arc::new(Shared {
            start: Instant::now(),
            count: AtomicU64::new(0),
            hung_up: AtomicU64::new(0),
            connections: Mutex::default(),
        });
        let accepting = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, tls) = (accepting.clone(), tls.clone());
                thread::spawn(move || shared.serve(stream, tls));
            }
        });
        Sink { port, shared }
    }

    /// How many messages it has taken.
    pub fn count(&self) -> u64 {
        self.shared.count.load(Ordering::Relaxed)
    }

    /// How long it has run: the clock of [`Taken::at`].
    pub fn elapsed(&self) -> Duration {
        self.shared.start.elapsed()
    }

    /// Everything taken since the last call, in no particular order.
    pub fn drain(&self) -> Vec<Taken> {
        let mut connections = lock(&self.shared.connections);
        let all = connections.iter().flat_map(|taken| std::mem::take(&mut *lock(taken))).collect();
        connections.retain(|taken| Arc::strong_count(taken) > 1);
        all
    }
}

/// The hash that a message's bytes have in [`Taken::hash`].
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn serve(&self, stream: TcpStream, tls: Option<Arc<ServerConfig>>) {
        let taken = Arc::new(Mutex::new(Vec::new()));
        lock(&self.connections).push(taken.clone());
        let ended = stream.set_nodelay(true).and_then(|()| match tls {
            None => self.talk(stream, &taken),
            Some(config) => {
                let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
                self.talk(StreamOwned::new(connection, stream), &taken)
            }
        });
        if ended.is_err() {
            self.hung_up.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn talk(&self, mut stream: impl Read + Write, taken: &Mutex<Vec<Taken>>) -> std::io::Result<()> {
        let mut input = Input { buffer: vec![0; 256 * 1024], start: 0, end: 0 };
        let mut replies = Vec::with_capacity(1024);
        replies.extend_from_slice(b"220 sink.test ESMTP\r\n");
        let mut recipient: Box<str> = "".into();
        let mut begun = Duration::ZERO;
        let end_of_mail = memchr::memmem::Finder::new(b"\r\n.\r\n");
        loop {
            let line = match memchr::memchr(b'\n', input.bytes()) {
                Some(end) => input.take(end + 1),
                None => {
                    stream.write_all(&replies)?;
                    stream.flush()?;
                    replies.clear();
                    if !input.fill(&mut stream)? {
                        return Ok(());
                    }
                    continue;
                }
            };
            match line.get(..4).unwrap_or(line).to_ascii_uppercase().as_slice() {
                b"EHLO" => replies.extend_from_slice(
                    b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE\r\n",
                ),
                b"MAIL" => {
                    begun = self.start.elapsed();
                    replies.extend_from_slice(b"250 2.1.0 Ok\r\n");
                }
                b"RCPT" => {
                    let text = String::from_utf8_lossy(line);
                    let address = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                    recipient = address.map_or("", |(address, _)| address).into();
                    replies.extend_from_slice(b"250 2.1.5 Ok\r\n");
                }
                b"DATA" => {
                    replies.extend_from_slice(b"354 End with a dot\r\n");
                    stream.write_all(&replies)?;
                    stream.flush()?;
                    replies.clear();
                    let mut searched = 0_usize;
                    let end = loop {
                        // The end may lie across two reads.
                        let from = searched.saturating_sub(4);
                        if let Some(end) = end_of_mail.find(&input.bytes()[from..]) {
                            break from + end;
                        }
                        searched = input.bytes().len();
                        if !input.fill(&mut stream)? {
                            return Ok(());
                        }
                    };
                    let body = input.take(end + 5);
                    let number = self.count.fetch_add(1, Ordering::Relaxed);
                    lock(taken).push(Taken {
                        recipient: std::mem::take(&mut recipient),
                        hash: hash(&body[..end + 2]),
                        size: end + 2,
                        begun,
                        at: self.start.elapsed(),
                        bytes: number.is_multiple_of(SAMPLE).then(|| body[..end + 2].to_vec()),
                    });
                    replies.extend_from_slice(b"250 2.0.0 Ok: queued\r\n");
                }
                b"QUIT" => {
                    replies.extend_from_slice(b"221 2.0.0 Bye\r\n");
                    stream.write_all(&replies)?;
                    return stream.flush();
                }
                _ => replies.extend_from_slice(b"250 2.0.0 Ok\r\n"),
            }
        }
    }
}

/// What was read and not yet used.
struct Input {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    fn take(&mut self, count: usize) -> &[u8] {
        let from = self.start;
        self.start += count;
        &self.buffer[from..from + count]
    }

    /// Reads more; false at the end of the connection.
    fn fill(&mut self, stream: &mut impl Read) -> std::io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(self.end * 2, 0);
        }
        let count = stream.read(&mut self.buffer[self.end..])?;
        self.end += count;
        Ok(count > 0)
    }
}
