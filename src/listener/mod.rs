//! Serves the web application over TCP, TLS and a Unix socket, with a bound on everything a stranger can hold on to.
//!
//! The Unix socket has connections of its own: when strangers have taken all of the others, the operator's command line
//! still reaches the daemon to stop a broadcast.

mod connection;
mod descriptors;
mod socket;

pub use self::descriptors::raise as raise_descriptors;

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::Router;
use futures_util::future::join_all;
use hyper_util::server::graceful::GracefulShutdown;
use onevoice_channels::contract::Clock;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream, UnixStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use self::{connection::Server, socket::Socket};

/// Wait after a failure to accept that is not the caller's: most often no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Who is at the other end; an extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Someone on the network. With a proxy in front it is the proxy.
    Tcp(SocketAddr),
    /// Someone on this machine whom the socket's file mode lets in: the daemon's own user, or root.
    Unix,
}

/// What a client may hold on to.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// How long a request's head may take, an idle connection may wait for its next request, and a TLS handshake may
    /// take.
    pub head_time: Duration,
    /// The longest request head, in bytes; at least 8,192.
    pub head_bytes: usize,
    /// Connections over TCP and TLS together; more wait to be accepted.
    pub connections: usize,
    /// Connections over Unix sockets.
    pub socket_connections: usize,
    /// How long requests under way may take to end once the daemon stops.
    pub drain_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            head_time: Duration::from_secs(30),
            head_bytes: 32 * 1024,
            connections: 16_384,
            socket_connections: 64,
            drain_time: Duration::from_secs(10),
        }
    }
}

impl Bounds {
    /// Those of a process that may have so many files and connections open. A quarter stays for the database, the
    /// providers and the Unix sockets.
    pub fn within(descriptors: u64) -> Self {
        let bounds = Bounds::default();
        let most = usize::try_from(descriptors / 4 * 3).unwrap_or(usize::MAX);
        Bounds { connections: bounds.connections.min(most), ..bounds }
    }

    /// How many of the connections may be streams: whoever asks something else finds a place beside them.
    pub fn streams(&self) -> usize {
        self.connections / 4 * 3
    }
}

/// A place to listen on that is bound already.
pub struct Listener(Place);

enum Place {
    Tcp(TcpListener),
    Tls(TcpListener, TlsAcceptor),
    Unix(Socket),
}

/// Why a place cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("{place} cannot be listened on: {source}; is another daemon running there?")]
pub struct ListenError {
    /// The address, or the socket's path.
    pub place: String,
    /// What the system says.
    pub source: io::Error,
}

impl Listener {
    /// Binds an address for plain HTTP.
    ///
    /// # Errors
    /// When the system refuses, most often because the port is taken.
    pub async fn tcp(address: SocketAddr) -> Result<Listener, ListenError> {
        bind(address).await.map(Listener::from_tcp)
    }

    /// Takes a socket that is bound already, for plain HTTP.
    pub fn from_tcp(listener: TcpListener) -> Listener {
        Listener(Place::Tcp(listener))
    }

    /// Binds an address for HTTPS.
    ///
    /// # Errors
    /// As [`Listener::tcp`].
    pub async fn tls(address: SocketAddr, config: Arc<ServerConfig>) -> Result<Listener, ListenError> {
        Ok(Listener(Place::Tls(bind(address).await?, TlsAcceptor::from(config))))
    }

    /// Binds a Unix socket that only this user (and root) can open. One left over by a daemon that died is replaced, so
    /// the caller has to own its directory. The file goes when the listener does.
    ///
    /// # Errors
    /// When the system refuses: no such directory, no permission, or a path of more than about 100 bytes.
    pub fn unix(path: &Path) -> Result<Listener, ListenError> {
        let socket = Socket::bind(path);
        let socket = socket.map_err(|source| ListenError { place: path.display().to_string(), source })?;
        Ok(Listener(Place::Unix(socket)))
    }

    /// The address that was bound: with port 0 in the configuration the system chose one. None for a Unix socket.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.0 {
            Place::Tcp(listener) | Place::Tls(listener, _) => listener.local_addr().ok(),
            Place::Unix(_) => None,
        }
    }

    async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match &self.0 {
            Place::Tcp(listener) => {
                let (stream, from) = listener.accept().await?;
                Ok((Stream::Tcp(stream), Peer::Tcp(from)))
            }
            Place::Tls(listener, acceptor) => {
                let (stream, from) = listener.accept().await?;
                Ok((Stream::Tls(stream, acceptor.clone()), Peer::Tcp(from)))
            }
            Place::Unix(socket) => Ok((Stream::Unix(socket.accept().await?), Peer::Unix)),
        }
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError { place: address.to_string(), source })
}

/// What was accepted, before any handshake.
enum Stream {
    Tcp(TcpStream),
    Tls(TcpStream, TlsAcceptor),
    Unix(UnixStream),
}

/// Serves `app` on all `listeners` until `stop` becomes true, then lets requests under way end within
/// [`Bounds::drain_time`]. Returns how many connections were cut off because they did not.
pub async fn serve(
    listeners: Vec<Listener>,
    app: Router,
    stop: watch::Receiver<bool>,
    clock: Arc<dyn Clock>,
    bounds: Bounds,
) -> usize {
    let graceful = GracefulShutdown::new();
    let strangers = Arc::new(Semaphore::new(bounds.connections));
    let operators = Arc::new(Semaphore::new(bounds.socket_connections));
    let drain_time = bounds.drain_time;
    let server = Server { app, stop, clock: clock.clone(), bounds };
    let accepting = listeners.into_iter().map(|listener| {
        let slots = if matches!(listener.0, Place::Unix(_)) { &operators } else { &strangers };
        accept_until_stopped(listener, slots.clone(), &server, &graceful)
    });
    let mut connections = join_all(accepting).await;
    tokio::select! {
        () = graceful.shutdown() => {}
        () = clock.sleep(drain_time) => {}
    }
    // What is left is aborted when its set is dropped.
    connections.iter_mut().map(left).sum()
}

/// Accepts from one listener, which is closed when this returns. The connections live on in the set.
async fn accept_until_stopped(
    listener: Listener,
    slots: Arc<Semaphore>,
    server: &Server,
    graceful: &GracefulShutdown,
) -> JoinSet<()> {
    let mut connections = JoinSet::new();
    let mut stop = server.stop.clone();
    loop {
        left(&mut connections);
        let next = async { (slots.clone().acquire_owned().await, listener.accept().await) };
        let (slot, accepted) = tokio::select! {
            next = next => next,
            _ = stop.wait_for(|stopped| *stopped) => return connections,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = server.clone().run(stream, peer, graceful.watcher());
                connections.spawn(async move {
                    connection.await;
                    drop(slot);
                });
            }
            // The caller went away again.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted; trying again in a second");
                server.clock.sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

/// How many connections have not ended.
fn left(connections: &mut JoinSet<()>) -> usize {
    while connections.try_join_next().is_some() {}
    connections.len()
}

#[cfg(test)]
mod tests;
