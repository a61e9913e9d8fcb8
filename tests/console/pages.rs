//! Every page that can be reached by a link, for everybody: valid, accessible, and no wider than its window.

use serde_json::json;

use super::{PROVIDERS, assert_clean, recipients};
use crate::{
    daemon::{Client, PASSWORD, Site, content},
    parts::{browser, folder, http, ready, vnu},
};

/// Somebody subscribes, and somebody else asks and does not confirm yet: the outbox has the links to both. Answers the link
/// that was used.
async fn subscribed(reader: &Client) -> String {
    let form = async |path: &str, pairs: &[(&str, &str)]| {
        let sent = http::client().post(format!("{}{path}", reader.base)).form(pairs).send().await.expect("an answer");
        assert_eq!(sent.status(), 200, "{path}");
    };
    let ask = async |to: &str| form("/subscribe", &[("to", to), ("all", "1")]).await;
    let outbox = async |wanted: &str| {
        ready::until("a message about subscribing", async || {
            let page = http::client().get(format!("{}/console/outbox", reader.base));
            let page = page.header("cookie", format!("__Host-onevoice={}", reader.token)).send().await.ok()?;
            let page = page.text().await.ok()?;
            let at = page.find(&format!("{}{wanted}", reader.base))? + reader.base.len();
            page[at..].split(['"', '?']).next().map(str::to_owned)
        })
        .await
    };
    ask("known@x.example").await;
    let link = outbox("/subscribe/confirm/").await;
    form(&link, &[]).await;
    ask("known@x.example").await;
    outbox("/subscription/").await;
    ask("new@x.example").await;
    ready::until("both", async || (outbox("/subscribe/confirm/").await != link).then_some(())).await;
    link
}

#[tokio::test]
async fn every_page_is_valid_accessible_and_fits_its_window() {
    let providers = PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", "");
    let staff = "[staff]\nmail = [\"support@x.example\"]\n[[provider]]\nname = \"room\"\nkind = \"outbox\"\nchannel = \"slack\"\naudience = \"staff\"\n";
    let public = "[public]\nsubscribe = [\"email\", \"sms\"]\n";
    let site = Site::new(&format!("{providers}\n{public}{staff}"), &recipients()).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    // One that is out, one that waits for a yes, one that is being written and is not yet right.
    let (told, waiting, writing) = (author.incident().await, author.incident().await, author.incident().await);
    let with_sheet = |mut content: serde_json::Value| {
        content["staff"] = json!({ "en": { "answers": [{ "question": "When does it work again?", "answer": "We do not know yet." }],
            "avoid": ["A time"], "phone": "We know, and we are working on it.", "abuse": "I will end this call." } });
        content
    };
    let (update, submitted) = author.submit(told, with_sheet(content("identified", "Card payments are failing"))).await;
    author.ended(approver.approve(update, &submitted).await).await;
    author.submit(waiting, with_sheet(content("investigating", "Transfers are slow"))).await;
    let mut blamed = content("investigating", "Search returns old results");
    blamed["variants"][0]["facts"]["en"]["why"] = json!("Our supplier broke a connection.");
    author.post(&format!("/incidents/{writing}/updates"), &json!({ "content": blamed })).await;
    author.post("/segments", &json!({ "name": "Everybody", "filter": "locale = \"en\"" })).await;

    let link = subscribed(&author).await;
    let used = format!("404 {link}");

    let pages = folder::work();
    let people = ["ana@acme.example", "ben@acme.example", "ada@acme.example", ""];
    let argument = json!({ "base": daemon.base, "password": PASSWORD, "people": people, "folder": pages.path() });
    let mut seen = browser::run("pages", argument).await;
    // A browser takes every page with this status for an error.
    let errors = seen["errors"].as_array_mut().expect("a list");
    errors.retain(|error| !error.as_str().is_some_and(|error| error.contains(&link)));
    let visited: Vec<&str> =
        seen["visited"].as_array().expect("pages").iter().filter_map(|page| page.as_str()).collect();
    for place in [
        "/console/updates/2/approve",
        "/console/broadcasts/1",
        "/console/incidents/1",
        "/console/people/1",
        "/subscribe?lang=en",
    ] {
        assert!(visited.iter().any(|page| *page == format!("200 {place}")), "{place} is found: {visited:?}");
    }
    for place in ["/subscribe/confirm/", "/subscription/"] {
        assert!(visited.iter().any(|page| page.contains(place)), "{place} is found: {visited:?}");
    }
    assert!(
        visited.iter().all(|page| page.starts_with("200 ") || page.starts_with(&used)),
        "every link leads somewhere: {visited:?}"
    );
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_eq!(seen["wide"], json!([]), "nothing is wider than its window");
    let invalid = vnu::errors(pages.path()).await;
    assert!(invalid.is_empty(), "the HTML is valid: {invalid:#?}");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}
