//! What others read public pages with, from PyPI: a reader of feeds, and what turns the status API into metrics.

use std::process::Command;

use serde_json::{Value, json};

use super::{folder, process};

/// A feed as feedparser reads it.
pub async fn parsed(url: &str) -> Value {
    let mut command = Command::new(folder::installed("feeds/bin/python"));
    command.arg(folder::source().join("tests/parts/feeds.py")).arg(url);
    serde_json::from_str(&process::run(command).await).expect("the script answers in JSON")
}

/// What statuspage-prometheus-exporter makes of a summary: metrics in Prometheus's text format.
pub async fn metrics(url: &str) -> String {
    let work = folder::work();
    let services = work.path().join("services.json");
    std::fs::write(&services, json!({ "acme": { "name": "Acme", "url": url } }).to_string()).expect("it is ours");
    let mut command = Command::new(folder::installed("feeds/bin/statuspage-prometheus-exporter"));
    let written = work.path().join("metrics.prom");
    command.env("SERVICES_JSON_PATH", services).env("RUN_MODE", "once").env("METRICS_TEXTFILE_PATH", &written);
    command.env("CACHE_DIR", work.path()).current_dir(work.path());
    process::run(command).await;
    std::fs::read_to_string(written).expect("it writes its metrics")
}
