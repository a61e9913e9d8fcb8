//! An HTTP server that answers as a test says, and keeps what it was asked.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::lock;

/// What the server was asked.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    /// `GET`, `POST`.
    pub method: String,
    /// Path and query, as they came.
    pub target: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The fields of the query, decoded.
    pub fn query(&self) -> BTreeMap<String, String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn as_text(&self) -> String {
        let headers: Vec<String> = self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{} {} {} {}", self.method, self.target, headers.join(" "), String::from_utf8_lossy(&self.body))
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum HttpAnswer {
    /// Answers.
    Reply {
        /// The status.
        status: u16,
        /// Further headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// Answers with this status and, as body, with all that it was asked: what a server that leaks would say.
    Echo(u16),
    /// Answers 200 and a body that is longer than anybody should read.
    Oversized,
    /// Answers something that is not HTTP.
    Garbage,
    /// Reads the request and never answers.
    Silence,
    /// Reads the request and closes.
    HangUp,
}

impl HttpAnswer {
    /// A reply without further headers.
    pub fn reply(status: u16, body: impl Into<String>) -> HttpAnswer {
        HttpAnswer::Reply { status, headers: Vec::new(), body: body.into() }
    }

    /// The same with one header more.
    pub fn with_header(self, name: &str, value: &str) -> HttpAnswer {
        match self {
            HttpAnswer::Reply { status, mut headers, body } => {
                headers.push((name.to_owned(), value.to_owned()));
                HttpAnswer::Reply { status, headers, body }
            }
            other => other,
        }
    }
}

/// A running server; it ends when this is dropped.
pub struct HttpServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    seen: Arc<Mutex<Vec<HttpRequest>>>,
    task: JoinHandle<()>,
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl HttpServer {
    /// Starts a server that asks `answer` what to do with each request.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn start(answer: impl Fn(&HttpRequest) -> HttpAnswer + Send + Sync + 'static) -> HttpServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let seen: Arc<Mutex<Vec<HttpRequest>>> = Arc::default();
        let (answer, log) = (Arc::new(answer), seen.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (answer.clone(), log.clone());
                tokio::spawn(async move {
                    // A client that goes away in the middle is part of many tests.
                    let _ = serve(stream, &*answer, &log).await;
                });
            }
        });
        HttpServer { port, seen, task }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<HttpRequest> {
        lock(&self.seen).clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&HttpRequest) -> HttpAnswer + Send + Sync),
    seen: &Mutex<Vec<HttpRequest>>,
) -> std::io::Result<()> {
    let request = read_request(&mut stream).await?;
    lock(seen).push(request.clone());
    let (status, headers, body) = match answer(&request) {
        HttpAnswer::Reply { status, headers, body } => (status, headers, body),
        HttpAnswer::Echo(status) => (status, Vec::new(), request.as_text()),
        HttpAnswer::Oversized => (200, Vec::new(), "x".repeat(1024 * 1024)),
        HttpAnswer::Garbage => return stream.write_all(b"\x00\x01 not HTTP at all\r\n\r\n").await,
        HttpAnswer::Silence => {
            // Until the client goes away.
            while stream.read(&mut [0; 1024]).await? > 0 {}
            return Ok(());
        }
        HttpAnswer::HangUp => return Ok(()),
    };
    let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await?;
    stream.shutdown().await
}

async fn read_request(stream: &mut TcpStream) -> std::io::Result<HttpRequest> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(head_end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let mut word = || first.next().unwrap_or_default().to_owned();
    Ok(HttpRequest { method: word(), target: word(), headers, body })
}
