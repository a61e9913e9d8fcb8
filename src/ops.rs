//! What operators' tools ask: is it alive, is it ready, how is it doing.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::app::App;

/// `/healthz`, `/readyz`, `/metrics`.
pub fn router(app: App) -> Router {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).route("/metrics", get(metrics)).with_state(app)
}

/// Alive: the process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready: outcomes can be written, and the database commits.
async fn readyz(State(app): State<App>) -> (StatusCode, &'static str) {
    if !app.engine.is_writable() || app.store.prove_writable().await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be written\n");
    }
    (StatusCode::OK, "ready\n")
}

/// Prometheus text. No label names a person.
async fn metrics(State(app): State<App>) -> ([(&'static str, &'static str); 1], String) {
    ([("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")], app.metrics.encode())
}
