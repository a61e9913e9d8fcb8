//! What goes wrong while people work: a session that ends, a daemon that dies while somebody writes and while it goes out, and
//! a supplier that refuses.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use axum::{Router, http::StatusCode, routing::post};
use serde_json::json;
use tokio::sync::Mutex;

use super::{PEOPLE, PROVIDERS, argument, recipients};
use crate::{
    daemon::Site,
    parts::{browser, http, ready},
    simulators::server::Server,
};

#[tokio::test]
async fn no_word_and_no_message_is_lost_when_sessions_daemons_and_suppliers_fail() {
    let mended = Arc::new(AtomicBool::new(false));
    let works = mended.clone();
    let gateway = Router::new()
        .route(
            "/send",
            post(async move || if works.load(Relaxed) { StatusCode::ACCEPTED } else { StatusCode::BAD_REQUEST }),
        )
        .route("/mend", post(async move || mended.store(true, Relaxed)));
    let gateway = Server::start(gateway).await;
    let texts = format!(
        "name = \"texts\"\nkind = \"sms-http\"\nurl = \"{}/send\"\nfrom = \"Acme\"\njson = {{ to = \"{{to}}\", text = \"{{text}}\" }}\n",
        gateway.url
    );
    let providers = PROVIDERS.replace("name = \"texts\"\nkind = \"outbox\"\nchannel = \"sms\"\n", &texts);
    let site = Arc::new(Site::new(&providers, &recipients()).await);
    let running = Arc::new(Mutex::new(Some(site.spawn())));
    let (killed, started, again) = (running.clone(), running.clone(), site.clone());
    let switch = Router::new()
        .route("/kill", post(async move || drop(killed.lock().await.as_mut().expect("it runs").kill().await)))
        .route("/start", post(async move || *started.lock().await = Some(again.spawn())));
    let switch = Server::start(switch).await;
    let base = format!("http://127.0.0.1:{}", site.port);
    ready::until("the daemon to be ready", async || {
        http::client().get(format!("{base}/readyz")).send().await.ok()?.error_for_status().ok()
    })
    .await;

    let mut handed = argument(&base);
    handed["switch"] = json!(switch.url);
    handed["gateway"] = json!(gateway.url);
    let seen = browser::run("troubles", handed).await;
    let texted = PEOPLE / 3;
    assert_eq!(seen["expired"], "Written before the session ended.", "words outlive a session");
    assert_eq!(seen["died"], "Written while nothing answered.", "and a daemon");
    let says = |name: &str, text: &str| {
        assert!(seen[name].as_str().is_some_and(|said| said.contains(text)), "{name} says {text:?}: {}", seen[name]);
    };
    says("lost", "connection is lost");
    says("wrong", &texted.to_string());
    says("correction", "orrection");
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_eq!(seen["origins"].as_array().map(Vec::len), Some(1), "nothing is asked of another origin");
    let daemon = site.adopt(running.lock().await.take().expect("it runs")).await;
    let author = daemon.sign_in("ana@acme.example").await;
    for channel in ["email", "sms"] {
        let (told, corrected) = (author.deliveries(1, channel).await, author.deliveries(2, channel).await);
        assert!(told.values().all(|delivery| delivery["state"] == "accepted"), "sent again where it failed: {told:?}");
        assert!(told.keys().eq(corrected.keys()), "and corrected for exactly these: {corrected:?}");
    }
    assert!(daemon.stop().await.success());
}
