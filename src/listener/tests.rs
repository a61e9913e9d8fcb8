use std::os::unix::fs::PermissionsExt as _;

use axum::{Extension, routing::get};
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject as _};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::Notify,
    task::JoinHandle,
};

use super::*;
use crate::{config::Tls, world::SystemClock};

const REQUEST: &[u8] = b"GET /peer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

fn app() -> Router {
    let name = |Extension(peer): Extension<Peer>| async move {
        match peer {
            Peer::Tcp(from) => format!("tcp {}", from.ip()),
            Peer::Unix => "unix".to_owned(),
        }
    };
    Router::new().route("/peer", get(name))
}

struct Running {
    stop: watch::Sender<bool>,
    server: JoinHandle<usize>,
}

fn start(listener: Listener, app: Router, bounds: Bounds) -> Running {
    let (stop, stopped) = watch::channel(false);
    let server = tokio::spawn(serve(vec![listener], app, stopped, Arc::new(SystemClock), bounds));
    Running { stop, server }
}

impl Running {
    /// Stops it, and tells how many connections were cut off.
    async fn end(self) -> usize {
        self.stop.send(true).unwrap();
        self.server.await.unwrap()
    }
}

async fn local() -> (Listener, SocketAddr) {
    let listener = Listener::tcp(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.address().unwrap();
    (listener, address)
}

/// Sends the bytes and reads until the other side closes.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, sent: &[u8]) -> String {
    stream.write_all(sent).await.unwrap();
    let mut answer = Vec::new();
    // A server that closes without reading everything resets the connection: what came before counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_request_over_tcp_knows_its_peer() {
    let (listener, address) = local().await;
    let running = start(listener, app(), Bounds::default());
    let answer = exchange(TcpStream::connect(address).await.unwrap(), REQUEST).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("tcp 127.0.0.1"), "{answer}");
    assert_eq!(running.end().await, 0);
}

#[tokio::test]
async fn a_unix_socket_is_for_this_user_alone_replaces_a_leftover_and_goes_at_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("onevoice.sock");
    std::mem::forget(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listener = Listener::unix(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    let running = start(listener, app(), Bounds::default());
    let answer = exchange(UnixStream::connect(&path).await.unwrap(), REQUEST).await;
    assert!(answer.ends_with("unix"), "{answer}");
    assert_eq!(running.end().await, 0);
    assert!(!path.exists());
}

#[tokio::test]
async fn tls_works_and_clear_text_on_its_port_does_not() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls");
    let tls = Tls { certificate: fixtures.join("localhost.crt"), key: fixtures.join("localhost.key") };
    let listener = Listener::tls(([127, 0, 0, 1], 0).into(), tls.server_config().unwrap()).await.unwrap();
    let address = listener.address().unwrap();
    let running = start(listener, app(), Bounds::default());

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&tls.certificate).unwrap()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    let stream = TcpStream::connect(address).await.unwrap();
    let stream = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
    let answer = exchange(stream, REQUEST).await;
    assert!(answer.ends_with("tcp 127.0.0.1"), "{answer}");

    let mut clear = TcpStream::connect(address).await.unwrap();
    clear.write_all(REQUEST).await.unwrap();
    let mut answer = Vec::new();
    let _ = clear.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    assert_eq!(running.end().await, 0);
}

#[tokio::test]
async fn a_slow_head_a_silent_handshake_and_an_idle_connection_are_cut_off() {
    let bounds = Bounds { head_time: Duration::from_millis(50), ..Bounds::default() };
    let (listener, address) = local().await;
    let running = start(listener, app(), bounds.clone());
    // Each of these returns only because the server closes.
    exchange(TcpStream::connect(address).await.unwrap(), b"GET /peer HTTP/1.1\r\nHost: ").await;
    exchange(TcpStream::connect(address).await.unwrap(), b"").await;
    let answer = exchange(TcpStream::connect(address).await.unwrap(), b"GET /peer HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(running.end().await, 0);

    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls");
    let tls = Tls { certificate: fixtures.join("localhost.crt"), key: fixtures.join("localhost.key") };
    let listener = Listener::tls(([127, 0, 0, 1], 0).into(), tls.server_config().unwrap()).await.unwrap();
    let address = listener.address().unwrap();
    let running = start(listener, app(), bounds);
    exchange(TcpStream::connect(address).await.unwrap(), b"").await;
    assert_eq!(running.end().await, 0);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let (listener, address) = local().await;
    let running = start(listener, app(), Bounds { head_bytes: 8192, ..Bounds::default() });
    // Exactly as much as fits, and not at its end: with more on the way the close could overtake the answer.
    let head = format!("{:a<8192}", "GET /peer HTTP/1.1\r\nHost: a\r\nX: ");
    let answer = exchange(TcpStream::connect(address).await.unwrap(), head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    running.end().await;
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_for_one_to_end() {
    let (listener, address) = local().await;
    let running = start(listener, app(), Bounds { connections: 1, ..Bounds::default() });
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(b"GET /peer HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    first.read_u8().await.unwrap();
    // The system takes this connection; the server does not, for the first one keeps the only place.
    let second = tokio::spawn(exchange(TcpStream::connect(address).await.unwrap(), REQUEST));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!second.is_finished());
    drop(first);
    assert!(second.await.unwrap().starts_with("HTTP/1.1 200"));
    running.end().await;
}

/// An application whose one request waits for the test.
fn waiting() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (arrived.clone(), go.clone());
    let handler = move || async move {
        tell.notify_one();
        wait.notified().await;
        "done"
    };
    (Router::new().route("/peer", get(handler)), arrived, go)
}

#[tokio::test]
async fn a_request_under_way_ends_before_the_daemon_does() {
    let (app, arrived, go) = waiting();
    let (listener, address) = local().await;
    let running = start(listener, app, Bounds::default());
    let client = tokio::spawn(exchange(TcpStream::connect(address).await.unwrap(), REQUEST));
    arrived.notified().await;
    running.stop.send(true).unwrap();
    go.notify_one();
    assert!(client.await.unwrap().ends_with("done"));
    assert_eq!(running.server.await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off_after_the_drain_time() {
    let (app, arrived, _go) = waiting();
    let (listener, address) = local().await;
    let running = start(listener, app, Bounds { drain_time: Duration::from_millis(50), ..Bounds::default() });
    let client = tokio::spawn(exchange(TcpStream::connect(address).await.unwrap(), REQUEST));
    arrived.notified().await;
    assert_eq!(running.end().await, 1);
    assert_eq!(client.await.unwrap(), "");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let (_listener, address) = local().await;
    let error = Listener::tcp(address).await.err().unwrap().to_string();
    assert!(error.starts_with(&format!("{address} cannot be listened on: ")), "{error}");
}
