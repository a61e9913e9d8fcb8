//! What operators' tools ask: is it alive, is it ready, how is it doing.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::{
    app::App,
    approve::State as Stage,
    listener::Peer,
    schedule::promise::{Entry, Standing, Sums},
    track::steer::{self, Held},
};

/// `/healthz`, `/readyz`, `/metrics`.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(app)
}

/// Alive: the process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready: outcomes can be written, and the database commits. That nothing is sent is no fault of the process, so a stop
/// takes it out of no service; but it is said.
async fn readyz(State(app): State<App>) -> (StatusCode, &'static str) {
    if !app.engine.is_writable() || app.store.prove_writable().await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be written\n");
    }
    let said = match steer::why_held(&app).await {
        Ok(None) => "ready\n",
        Ok(Some(Held::Restored(_))) => {
            "ready; nothing is sent: this database came from a copy, start it again with a reason\n"
        }
        Ok(Some(Held::Stopped(_))) => "ready; nothing is sent: everything was stopped\n",
        Err(_) => return (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be read\n"),
    };
    (StatusCode::OK, said)
}

/// Prometheus text, for callers on this machine. No label names a person.
async fn metrics(State(app): State<App>, peer: Option<Extension<Peer>>, headers: HeaderMap) -> Response {
    let local = match peer {
        Some(Extension(Peer::Tcp(address))) => address.ip().is_loopback() && !headers.contains_key("x-forwarded-for"),
        Some(Extension(Peer::Unix)) => true,
        None => false,
    };
    if !local {
        return (StatusCode::NOT_FOUND, "metrics are read on the machine itself\n").into_response();
    }
    if let Err(error) = gauge(&app).await {
        tracing::error!(%error, "the queue cannot be read for the metrics");
    }
    ([("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")], app.metrics.encode())
        .into_response()
}

/// How far back promises are counted.
const LEDGER: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

async fn gauge(app: &App) -> crate::store::Result<()> {
    let now = app.world.clock.now();
    let backlog = app.store.backlog().await?;
    for channel in app.channels() {
        let found = backlog.iter().find(|(known, _, _)| *known == channel);
        let (waiting, since) = found.map_or((0, None), |(_, waiting, since)| (*waiting, *since));
        let age = since.and_then(|since| Duration::try_from(now.duration_since(since)).ok()).unwrap_or_default();
        app.metrics.queued(channel, waiting, age);
    }
    for state in [Stage::Submitted, Stage::Scheduled, Stage::Running, Stage::Paused] {
        app.metrics.broadcasts(state, app.store.broadcasts_in(&[state]).await?.len() as i64);
    }
    app.metrics.held(app.store.is_held().await?);
    let recent = app.store.promises_since(now - LEDGER).await?;
    let missed = app.config.promises.missed_after.0;
    let entries: Vec<Entry> = recent.into_iter().map(|promise| Entry::of(promise, now, missed)).collect();
    let sums: Sums = entries.iter().collect();
    for standing in Standing::ALL {
        app.metrics.promises(standing, sums.count(standing));
    }
    for (_, provider, health) in app.engine.health() {
        app.metrics.provider(&provider, &health);
        let end = app.engine.checks.of(&provider).and_then(|checked| checked.expires_at);
        app.metrics.credentials_end(&provider, end);
    }
    for copy in app.copies.all() {
        let since = |since: Option<jiff::Timestamp>| {
            since.and_then(|since| Duration::try_from(now.duration_since(since)).ok()).unwrap_or_default()
        };
        app.metrics.copy_behind(&copy.name, "written", since(copy.behind_since));
        app.metrics.copy_behind(&copy.name, "outside", since(copy.outdated_since));
    }
    for (provider, rate) in app.engine.rates.all() {
        app.metrics.provider_rate(&provider, rate);
    }
    Ok(())
}
