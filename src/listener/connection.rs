//! One connection, from its handshake to its end.

use std::sync::Arc;

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::Watcher,
};
use onevoice_channels::contract::Clock;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower::ServiceExt as _;

use super::{Bounds, Peer, Stream};

/// What every connection is served with.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) app: Router,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) bounds: Bounds,
}

impl Server {
    /// Serves one connection to its end.
    pub(super) async fn run(mut self, stream: Stream, peer: Peer, watcher: Watcher) {
        match stream {
            Stream::Tcp(stream) => self.answer(prompt(stream), peer, watcher).await,
            Stream::Unix(stream) => self.answer(stream, peer, watcher).await,
            Stream::Tls(stream, acceptor) => {
                if let Some(stream) = self.handshake(prompt(stream), &acceptor).await {
                    self.answer(stream, peer, watcher).await;
                }
            }
        }
    }

    /// None when the client did not come through in time, or the daemon stops.
    async fn handshake(&mut self, stream: TcpStream, acceptor: &TlsAcceptor) -> Option<TlsStream<TcpStream>> {
        tokio::select! {
            shaken = acceptor.accept(stream) => {
                shaken.inspect_err(|error| tracing::debug!(%error, "a TLS handshake failed")).ok()
            }
            () = self.clock.sleep(self.bounds.head_time) => None,
            _ = self.stop.wait_for(|stopped| *stopped) => None,
        }
    }

    async fn answer<S>(self, stream: S, peer: Peer, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let app = self.app;
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            app.clone().oneshot(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.bounds.head_time)
            .max_buf_size(self.bounds.head_bytes)
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            // Clients go away all the time, and slow ones are sent away.
            tracing::debug!(%error, "a connection broke");
        }
    }
}

/// Answers are small: they go out at once instead of waiting for more (Nagle's algorithm).
fn prompt(stream: TcpStream) -> TcpStream {
    // Without it answers are a little late, and right.
    let _ = stream.set_nodelay(true);
    stream
}
