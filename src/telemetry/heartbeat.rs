//! A heartbeat for a watcher outside: it notices when the fetches stop, which a daemon that is down cannot tell.

use std::{sync::Arc, time::Duration};

use onevoice_channels::contract::Clock;
use tokio::sync::watch;
use url::Url;

/// Fetches `url` now and then `every` so often, while `healthy` says so, until `stop` becomes true.
///
/// The address is a credential with most watchers, so it is never logged.
pub async fn run(
    url: Url,
    every: Duration,
    healthy: impl Fn() -> bool,
    clock: Arc<dyn Clock>,
    http: reqwest::Client,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        if healthy() {
            beat(&http, &url).await;
        } else {
            tracing::warn!("the heartbeat is withheld: the daemon is not healthy");
        }
        tokio::select! {
            () = clock.sleep(every) => {}
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
    }
}

async fn beat(http: &reqwest::Client, url: &Url) {
    match http.get(url.clone()).send().await.and_then(reqwest::Response::error_for_status) {
        Ok(_) => tracing::debug!("the heartbeat was taken"),
        Err(error) => tracing::warn!(error = %error.without_url(), "the heartbeat was not taken"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;
    use axum::{Router, routing::get};
    use jiff::Timestamp;
    use tokio::sync::{Notify, mpsc};

    use super::*;

    /// A clock whose every sleep waits for the test.
    struct Turned {
        slept: mpsc::UnboundedSender<Duration>,
        turn: Notify,
    }

    #[async_trait]
    impl Clock for Turned {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        async fn sleep(&self, duration: Duration) {
            let _ = self.slept.send(duration);
            self.turn.notified().await;
        }
    }

    #[tokio::test]
    async fn it_beats_while_all_is_well_and_only_then() {
        let (beats, mut beaten) = mpsc::unbounded_channel();
        let app = Router::new().route("/beat", get(move || async move { beats.send(()).unwrap() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/beat", listener.local_addr().unwrap()).parse().unwrap();
        let server = crate::listener::Listener::from_tcp(listener);
        let (stop, stopped) = watch::channel(false);
        let (slept, mut sleeps) = mpsc::unbounded_channel();
        let clock = Arc::new(Turned { slept, turn: Notify::new() });
        let healthy = Arc::new(AtomicBool::new(true));
        let asks = healthy.clone();
        let http = crate::world::http_client().unwrap();
        let every = Duration::from_secs(60);
        let heart =
            tokio::spawn(run(url, every, move || asks.load(Ordering::Relaxed), clock.clone(), http, stopped.clone()));
        let bounds = crate::listener::Bounds::default();
        let serving = tokio::spawn(crate::listener::serve(vec![server], app, stopped, clock.clone(), bounds));

        assert_eq!(sleeps.recv().await, Some(every));
        assert!(beaten.try_recv().is_ok());
        healthy.store(false, Ordering::Relaxed);
        clock.turn.notify_one();
        assert_eq!(sleeps.recv().await, Some(every));
        assert!(beaten.try_recv().is_err());
        healthy.store(true, Ordering::Relaxed);
        clock.turn.notify_one();
        assert_eq!(sleeps.recv().await, Some(every));
        assert!(beaten.try_recv().is_ok());
        stop.send(true).unwrap();
        heart.await.unwrap();
        serving.abort();
    }
}
