//! The daemon is killed and its database is gone: its copy still says the last approved word, to a browser, banner included.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{HEADLINE, PAGES, people, told};
use crate::{
    daemon::Site,
    parts::{browser, folder, http, ready},
    simulators::server::Server,
};

/// A plain file server that lets every site read, as the documentation has it.
fn files(root: PathBuf) -> Router {
    Router::new().fallback(async move |request: Request| file(&root, request.uri().path()))
}

fn file(root: &Path, path: &str) -> Response {
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "text/plain",
    };
    match std::fs::read(root.join(path.trim_start_matches('/'))) {
        Ok(text) => ([(header::CONTENT_TYPE, kind), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], text).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test]
async fn the_copy_says_the_last_word_when_the_daemon_and_its_database_are_gone() {
    let kept = folder::work();
    let copy = Server::start(files(kept.path().to_owned())).await;
    let publish = format!(
        "[[publish]]\nname = \"mirror\"\ndirectory = {:?}\nurl = \"{}\"\n",
        kept.path().to_str().unwrap(),
        copy.url
    );
    let site = Site::new(&format!("{PAGES}{publish}"), &[]).await;
    let daemon = site.start().await;
    let (author, approver) = people(&daemon).await;
    told(&author, &approver, None, "identified", HEADLINE).await;
    ready::answering(&format!("{}/banner/live.json", copy.url), |text| text.contains(HEADLINE)).await;
    // The inventory is last: then all of it is there.
    ready::answering(&format!("{}/copy.json", copy.url), |text| text.contains("status/incidents/1/index.html")).await;
    ready::until("the copy to be seen from outside", async || {
        let copy = author.get("/copies").await["items"][0].clone();
        (copy["looked_at"].is_string() && copy["outdated_since"].is_null()).then_some(())
    })
    .await;
    let snippet =
        http::client().get(format!("{}/banner/snippet.txt", daemon.base)).send().await.unwrap().text().await.unwrap();
    let tags = snippet.lines().filter(|line| line.starts_with("<script") && !line.contains("integrity"));
    let tags: String = tags.map(str::trim).collect();
    assert_eq!(tags.matches("<script").count(), 2, "{snippet}");
    let policy = |name: &str| snippet.lines().find(|line| line.starts_with(name)).expect("its line").to_owned();
    let policy = format!("default-src 'none'; {} {}", policy("script-src"), policy("connect-src"));

    daemon.kill().await;
    std::fs::remove_dir_all(site.folder.path().join("data")).expect("the database was there");

    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Shop</title>{tags}<h1>Shop</h1></html>"
    );
    let page = async move || ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html));
    let shop = Server::start(Router::new().route("/", get(page))).await;
    let seen = browser::run("copy", json!({ "shop": shop.url, "copy": copy.url, "headline": HEADLINE })).await;
    let pages = seen["pages"].as_object().expect("pages");
    for (path, heading) in pages {
        let expected = if path.contains("history") { "Past incidents" } else { HEADLINE };
        assert_eq!(heading, expected, "{path}");
    }
    assert_eq!((&seen["faults"], pages.len()), (&Value::Array(Vec::new()), 3));
    assert_eq!(seen["styled"], 1, "the copy has its own style");
}
