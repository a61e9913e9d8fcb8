//! What customers and their tools see, asked of the daemon as a process of its own: by others' clients, by a browser, and
//! from a copy when the daemon is gone.

mod banner;
mod bucket;
mod copies;
mod tools;

use crate::daemon::{Client, Daemon, Site, content};

/// The banner and the status page, which are all that these tests need.
const PAGES: &str = r#"
[[provider]]
name = "banner"
kind = "banner"

[[provider]]
name = "status-page"
kind = "status-page"
"#;

const HEADLINE: &str = "Card payments are failing";

/// Somebody who writes and somebody who approves.
async fn people(daemon: &Daemon) -> (Client, Client) {
    (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await)
}

/// Tells customers something, and answers the incident's number.
async fn told(author: &Client, approver: &Client, incident: Option<i64>, status: &str, headline: &str) -> i64 {
    let incident = match incident {
        Some(incident) => incident,
        None => author.incident().await,
    };
    let (update, submitted) = author.submit(incident, content(status, headline)).await;
    let broadcast = approver.approve(update, &submitted).await;
    assert_eq!(author.ended(broadcast).await["state"], "completed");
    incident
}

async fn site(more: &str) -> Site {
    Site::new(&format!("{PAGES}{more}"), &[]).await
}
