//! A TCP proxy that makes the way long, or looks when bytes first come by.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
};

/// A running proxy; it ends with the process.
pub struct Proxy {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    first: Arc<Mutex<Option<Instant>>>,
}

impl Proxy {
    /// One before a port of this machine; bytes take `delay` each way.
    pub async fn start(target: u16, delay: Duration) -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let port = listener.local_addr().expect("it listens").port();
        let first = Arc::new(Mutex::new(None));
        let seen = first.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let seen = seen.clone();
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await else { return };
                    let _ = (near.set_nodelay(true), far.set_nodelay(true));
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    tokio::join!(pass(near_in, far_out, delay, Some(seen)), pass(far_in, near_out, delay, None));
                });
            }
        });
        Proxy { port, first }
    }

    /// Forgets what came by.
    pub fn forget(&self) {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// When the first bytes came by on their way to the target, since [`Proxy::forget`].
    pub fn first(&self) -> Option<Instant> {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    delay: Duration,
    first: Option<Arc<Mutex<Option<Instant>>>>,
) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count) = from.read(&mut buffer).await {
            if count == 0 {
                break;
            }
            if let Some(first) = &first {
                first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
            }
            if sender.send((Instant::now() + delay, buffer[..count].to_vec())).is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((at, bytes)) = receiver.recv().await {
            #[allow(clippy::disallowed_methods, reason = "the delay is what this is for")]
            tokio::time::sleep_until(at.into()).await;
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}
