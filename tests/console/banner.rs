//! The banner on a customer's website: another origin, with a content security policy that allows almost nothing.

use std::sync::Arc;

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{PROVIDERS, recipients};
use crate::{
    daemon::{Site, content},
    parts::browser,
    simulators::server::Server,
};

const HEADLINE: &str = "Card payments are failing";

/// The shop's page, with the one tag or without it.
fn page(base: &str, tag: &str) -> impl IntoResponse + use<> {
    let policy = format!("default-src 'none'; script-src {base}; connect-src {base}; style-src 'self'");
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Shop</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/shop.css\">{tag}</head>\
         <body><main><h1>Shop</h1><label>Search <input id=\"search\"></label></main></body></html>"
    );
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html))
}

#[tokio::test]
async fn the_banner_shows_on_a_strict_site_and_leaves_it_as_it_is() {
    let site = Site::new(&PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", ""), &recipients()).await;
    let daemon = site.start().await;
    let base = daemon.base.clone();
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", HEADLINE)).await;
    let broadcast = approver.approve(update, &submitted).await;
    assert_eq!(author.ended(broadcast).await["state"], "completed");

    let running = Arc::new(Mutex::new(Some(daemon)));
    let (with, without) = (base.clone(), base.clone());
    let style = "body { margin: 0; font: 16px sans-serif } main { padding: 6em 2em }";
    let shop = Router::new()
        .route("/", get(async move || page(&with, &format!("<script src=\"{with}/banner.js\" async></script>"))))
        .route("/without", get(async move || page(&without, "")))
        .route("/shop.css", get(async move || ([(header::CONTENT_TYPE, "text/css")], style)))
        .route(
            "/stop",
            post(async move || {
                let daemon = running.lock().await.take().expect("it is stopped once");
                assert!(daemon.stop().await.success());
            }),
        );
    let shop = Server::start(shop).await;
    let seen = browser::run("banner", json!({ "shop": shop.url, "headline": HEADLINE })).await;
    let nothing = |name: &str| assert_eq!(seen[name], json!([]), "{name}");
    nothing("added");
    nothing("cookies");
    nothing("errors");
    nothing("faults");
    assert_eq!(seen["inLight"], false, "the words stand in a shadow root");
    assert_eq!(seen["kept"], "search", "the focus stays where the reader had it");
    assert!(seen["label"].as_str().is_some_and(|label| !label.is_empty()), "the region has a name");
    assert_eq!((&seen["left"], &seen["broken"]), (&json!(0), &Value::Array(Vec::new())), "unreachable is silent");
}
