//! An HTTP server inside the test, on loopback.

use std::net::Ipv4Addr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running server; it ends with this handle.
pub struct Server {
    /// Where it is, without a slash at the end: `http://127.0.0.1:PORT`.
    pub url: String,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts one. It accepts connections when this returns.
    pub async fn start(router: Router) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("this server never ends by itself");
        });
        Self { url, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
