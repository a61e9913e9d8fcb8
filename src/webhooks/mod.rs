//! Webhooks out (Standard Webhooks): other programs are told what happened.
//!
//! The database writes each event with what it tells of ([`event`] says which there are), so that none is lost or invented
//! by a crash. Each endpoint of the configuration has a task and a queue of its own ([`deliver`]): at least once, of an
//! incident in order, tried again by [`schedule`]'s table, switched off after days of failure. A person looks after them
//! with [`manage`].

pub mod deliver;
pub mod event;
pub mod manage;
pub mod schedule;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    app::App,
    config::webhooks::Endpoint,
    store::{self, webhooks::Wanted},
};

/// How often it is looked whether something happened.
const LOOK: Duration = Duration::from_secs(1);
/// How long nothing is called after the store could not say or keep what is to be done.
const UNKEPT: Duration = Duration::from_secs(10);
/// How often what is old is looked for.
const HOUR: i64 = 3600;

/// What an endpoint wants to hear of.
fn wanted(endpoint: &Endpoint) -> Wanted<'_> {
    Wanted {
        endpoint: &endpoint.name,
        types: event::types(&endpoint.events).unwrap_or_default(),
        exercises: endpoint.exercises,
        restricted: endpoint.restricted,
    }
}

/// Tells every endpoint what happens, until the daemon stops.
pub async fn run(app: App) {
    let names: Vec<&str> = app.config.webhooks.endpoint.iter().map(|endpoint| endpoint.name.as_str()).collect();
    // A new endpoint hears what happens from now on: what was missed before is written down before it.
    let begun = async || {
        note_missed(&app).await?;
        app.store.put_endpoints(&names).await
    };
    while let Err(error) = begun().await {
        tracing::warn!(%error, "nobody is told by webhook yet");
        app.world.clock.sleep(UNKEPT).await;
    }
    let told = app.config.webhooks.endpoint.iter().map(|endpoint| deliver::keep(&app, endpoint));
    futures_util::future::join(futures_util::future::join_all(told), look_after(&app)).await;
}

/// Notes what happens by the clock alone, and forgets what is old.
async fn look_after(app: &App) {
    let mut forget_at = Timestamp::MIN;
    loop {
        let now = app.world.clock.steady();
        if let Err(error) = note_missed(app).await {
            tracing::warn!(%error, "missed promises cannot be written down yet");
            app.world.clock.sleep(UNKEPT).await;
        }
        if now >= forget_at {
            match forget(app).await {
                Ok(()) => forget_at = now.saturating_add(SignedDuration::from_secs(HOUR)).unwrap_or(Timestamp::MAX),
                Err(error) => tracing::warn!(%error, "events past their time cannot be forgotten yet"),
            }
        }
        app.world.clock.sleep(LOOK).await;
    }
}

/// The first instant that is still remembered.
fn remembered(app: &App) -> Timestamp {
    let days = SignedDuration::from_hours(24 * i64::from(app.config.webhooks.keep_days));
    app.world.clock.now().saturating_sub(days).unwrap_or(Timestamp::MIN)
}

/// Writes down the promises that were missed by now.
///
/// # Errors
/// The store's.
pub async fn note_missed(app: &App) -> store::Result<()> {
    let missed = app.config.promises.missed_after.0;
    app.store.note_missed(missed, remembered(app), app.world.clock.now()).await
}

/// Forgets the events that are past their time, delivered or not.
///
/// # Errors
/// The store's.
pub async fn forget(app: &App) -> store::Result<()> {
    let mut gone = 0;
    loop {
        let now = app.store.forget_events(remembered(app)).await?;
        gone += now;
        if now == 0 {
            break;
        }
    }
    if gone > 0 {
        tracing::info!(events = gone, "events past their time are forgotten");
    }
    Ok(())
}
