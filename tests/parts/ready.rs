//! The one place that polls: a server of others tells nobody when it has started, or when a mail has reached its mailbox.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// Far longer than any part takes on a busy machine; only a broken one waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

/// Looks again and again until `look` sees something, and gives it.
///
/// # Panics
/// When nothing was seen within a minute; `what` says what was waited for.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        // Each look has a limit too: a server that accepts and says nothing must not hold us beyond the deadline.
        if let Ok(Some(seen)) = timeout(Duration::from_secs(10), look()).await {
            return seen;
        }
        assert!(Instant::now() < end, "waited a minute for {what}");
        pause().await;
    }
}

/// Waits until something accepts connections on a port of 127.0.0.1.
pub async fn listening(port: u16, what: &str) {
    until(&format!("{what} to listen on port {port}"), async || {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()
    })
    .await;
}

/// Waits until a URL answers with success and its text pleases, and gives the text.
pub async fn answering(url: &str, pleases: impl Fn(&str) -> bool) -> String {
    let client = super::http::client();
    until(&format!("{url} to answer"), async || {
        let text = client.get(url).send().await.ok()?.error_for_status().ok()?.text().await.ok()?;
        pleases(&text).then_some(text)
    })
    .await
}

#[allow(clippy::disallowed_methods, reason = "other people's processes do not run on our clock")]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
