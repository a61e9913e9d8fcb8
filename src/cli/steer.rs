//! `onevoice stop` and `onevoice start`: everything at once, by one person.

use clap::Args;
use serde_json::{Value, json};

use super::{
    client::{Client, Daemon},
    failure::Failure,
    table::plain,
};

/// Stopping everything.
#[derive(Args, Clone, Debug)]
pub struct Stop {
    #[command(flatten)]
    pub daemon: Daemon,
}

/// Starting again.
#[derive(Args, Clone, Debug)]
pub struct Start {
    /// Why it is safe to send again; it goes on record.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub daemon: Daemon,
}

/// Nothing more leaves, on any channel.
///
/// # Errors
/// [`Failure`].
pub async fn stop(stop: &Stop) -> Result<(), Failure> {
    let answer = stop.daemon.client()?.post("/stop", &json!({})).await?;
    let paused = answer.get("broadcasts").and_then(Value::as_array).map(Vec::len);
    match paused {
        Some(1) => println!("Stopped, with one broadcast under way. What was already handed over is out."),
        Some(count) => println!("Stopped, with {count} broadcasts under way. What was already handed over is out."),
        None => println!("Stopped. What was already handed over is out."),
    }
    println!("To send again: onevoice start --reason \"…\"");
    Ok(())
}

/// Lets messages leave again, also after a restore.
///
/// # Errors
/// [`Failure`].
pub async fn start(start: &Start) -> Result<(), Failure> {
    start.daemon.client()?.post("/start", &json!({ "reason": start.reason })).await?;
    println!("Messages may leave again. Broadcasts that were stopped stay so until each is resumed.");
    Ok(())
}

/// Says on standard error that nothing is sent, if so, and how it goes on: whoever watches a number that stands still
/// has to know why.
pub(super) async fn say_if_held(client: &Client) {
    // Without the right to read the status there is nothing to say.
    let Ok(status) = client.get("/status").await else { return };
    if let Some(why) = status.get("held").and_then(Value::as_str) {
        eprintln!("Nothing is sent: {}. To send again: onevoice start --reason \"…\"", plain(why));
    }
}
