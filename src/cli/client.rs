//! The daemon as commands see it: its API, over its Unix socket or a URL.

use std::{
    io,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::http::{Method, Request, StatusCode, header};
use bytes::Bytes;
use clap::Args;
use hyper::body::{Body, Frame};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::UnixStream, sync::mpsc};
use url::Url;

use super::failure::Failure;
use crate::{config::Config, serve, world};

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 << 20;

/// Imports take long; nothing else comes near.
const LONGEST: Duration = Duration::from_secs(3600);

/// The one operation that asks for nobody's key.
pub const SIGN_IN: &str = "/sessions";

/// Where the daemon is.
#[derive(Args, Clone, Debug, Default)]
pub struct Daemon {
    /// The daemon's Unix socket: `onevoice.sock` in its data directory.
    #[arg(long, env = "ONEVOICE_SOCKET", value_name = "PATH", help_heading = "Where the daemon is")]
    pub socket: Option<PathBuf>,
    /// The daemon's configuration, which says where the socket is.
    #[arg(long, env = "ONEVOICE_CONFIG", value_name = "FILE", help_heading = "Where the daemon is")]
    pub config: Option<PathBuf>,
    /// The daemon's address on the network; takes a key in ONEVOICE_KEY.
    #[arg(long, env = "ONEVOICE_URL", value_name = "URL", help_heading = "Where the daemon is")]
    pub url: Option<Url>,
}

/// A way to the daemon.
#[derive(Clone, Debug)]
pub struct Client {
    way: Way,
    token: Option<String>,
}

#[derive(Clone, Debug)]
enum Way {
    Socket(PathBuf),
    Url(Url, reqwest::Client),
}

/// A body that is there, or that arrives in pieces.
pub enum Outgoing {
    /// All of it, once.
    Whole(Option<Bytes>),
    /// What arrives; an error breaks the request off, so that the daemon does not take a part for the whole.
    Pieces(mpsc::Receiver<io::Result<Bytes>>),
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Outgoing::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Outgoing::Pieces(pieces) => {
                pieces.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }
}

impl Daemon {
    /// A client of it, with the key in `ONEVOICE_KEY` if there is one.
    ///
    /// # Errors
    /// When nothing says where the daemon is.
    pub fn client(&self) -> Result<Client, Failure> {
        let token = std::env::var("ONEVOICE_KEY").ok().filter(|key| !key.is_empty());
        let way = match (&self.url, &self.socket, &self.config) {
            (Some(url), ..) => {
                let http =
                    world::http_client().map_err(|error| Failure::refused(format!("TLS cannot be set up: {error}")))?;
                Way::Url(url.clone(), http)
            }
            (None, Some(socket), _) => Way::Socket(socket.clone()),
            (None, None, Some(config)) => Way::Socket(serve::socket(&Config::load(config)?)),
            (None, None, None) => {
                return Err(Failure::usage(
                    "say where the daemon is: --socket PATH (onevoice.sock in its data directory), --config FILE, or \
                     --url URL with a key in ONEVOICE_KEY; the variables ONEVOICE_SOCKET, ONEVOICE_CONFIG and \
                     ONEVOICE_URL do the same",
                ));
            }
        };
        Ok(Client { way, token })
    }
}

impl Client {
    /// The same way, as somebody.
    #[must_use]
    pub fn with_token(mut self, token: String) -> Client {
        self.token = Some(token);
        self
    }

    /// True when it brings a key or a session.
    pub fn is_somebody(&self) -> bool {
        self.token.is_some()
    }

    /// Reads.
    ///
    /// # Errors
    /// [`Failure`]: refused, or unreachable.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None).await
    }

    /// Does.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Every item of a list, page by page.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let mut page = self.get(&format!("{path}{mark}limit=200{cursor}")).await?;
            match page.get_mut("items").map(Value::take) {
                Some(Value::Array(more)) => items.extend(more),
                _ => return Err(Failure::refused("the daemon answered with something that is no list")),
            }
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={}", encoded(next)),
                None => return Ok(items),
            }
        }
    }

    /// A list that comes as one page, and takes no `limit`.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn whole(&self, path: &str) -> Result<Vec<Value>, Failure> {
        match self.get(path).await?.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(Failure::refused("the daemon answered with something that is no list")),
        }
    }

    /// One request with a JSON body or none; `path` begins after `/api/v1`.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let bytes = body.map(|body| Bytes::from(body.to_string()));
        self.send(method, path, body.map(|_| "application/json"), Outgoing::Whole(bytes)).await
    }

    /// Sends a CSV file as it is read.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn upload(&self, path: &str, pieces: mpsc::Receiver<io::Result<Bytes>>) -> Result<Value, Failure> {
        self.send(Method::POST, path, Some("text/csv"), Outgoing::Pieces(pieces)).await
    }

    async fn send(&self, method: Method, path: &str, media: Option<&str>, body: Outgoing) -> Result<Value, Failure> {
        let (status, bytes) = match &self.way {
            Way::Socket(socket) => self.over_socket(socket, method, path, media, body).await?,
            Way::Url(url, http) => self.over_http(url, http, method, path, media, body).await?,
        };
        let answer = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status.is_success() { Ok(answer) } else { Err(Failure::of_problem(status.as_u16(), answer)) }
    }

    async fn over_socket(
        &self,
        socket: &Path,
        method: Method,
        path: &str,
        media: Option<&str>,
        body: Outgoing,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let stream = UnixStream::connect(socket).await.map_err(|error| no_daemon(socket, &error))?;
        let lost = |error: hyper::Error| Failure::unreachable(format!("the daemon broke off: {error}"));
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        // It ends with the last of the answer; its error is the answer's too.
        tokio::spawn(connection);
        let mut request =
            Request::builder().method(method).uri(format!("/api/v1{path}")).header(header::HOST, "localhost");
        if let Some(media) = media {
            request = request.header(header::CONTENT_TYPE, media);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(body).map_err(|error| Failure::usage(format!("this cannot be asked: {error}")))?;
        let answer = sender.send_request(request).await.map_err(lost)?;
        let status = answer.status();
        let bytes = axum::body::to_bytes(axum::body::Body::new(answer.into_body()), MAX_ANSWER)
            .await
            .map_err(|error| Failure::unreachable(format!("the daemon broke off: {error}")))?;
        Ok((status, bytes))
    }

    async fn over_http(
        &self,
        url: &Url,
        http: &reqwest::Client,
        method: Method,
        path: &str,
        media: Option<&str>,
        body: Outgoing,
    ) -> Result<(StatusCode, Bytes), Failure> {
        if url.scheme() != "https" && !is_here(url) {
            return Err(Failure::usage(
                "keys and passwords never cross a network in clear text; give a URL with https://",
            ));
        }
        if self.token.is_none() && path != SIGN_IN {
            return Err(Failure::usage("give a key in ONEVOICE_KEY: over a URL the daemon has to know who asks"));
        }
        let target = format!("{}/api/v1{path}", url.as_str().trim_end_matches('/'));
        let mut request = http.request(method, target).timeout(LONGEST).body(reqwest::Body::wrap(body));
        if let Some(media) = media {
            request = request.header(header::CONTENT_TYPE, media);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let lost =
            |error: reqwest::Error| Failure::unreachable(format!("{url} does not answer: {}", error.without_url()));
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status();
        Ok((status, answer.bytes().await.map_err(lost)?))
    }
}

fn is_here(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn no_daemon(socket: &Path, error: &io::Error) -> Failure {
    let path = socket.display();
    Failure::unreachable(match error.kind() {
        io::ErrorKind::NotFound => {
            format!("there is no socket at {path}; is the daemon running, and is this its data directory?")
        }
        io::ErrorKind::ConnectionRefused => {
            format!("nobody listens at {path}; start the daemon: onevoice serve --config FILE")
        }
        io::ErrorKind::PermissionDenied => {
            format!("{path} may not be opened; be the user that the daemon runs as, or use --url with a key")
        }
        _ => format!("{path} cannot be reached: {error}"),
    })
}

/// A value for a query.
pub fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
