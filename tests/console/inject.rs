//! Markup and scripts in every field that is shown anywhere: none of it becomes a part of a page, a mail or the banner.

use std::collections::BTreeMap;

use axum::{Router, response::Html, routing::get};
use onevoice::{
    compose::{route::ContactRoute, status::ComponentStatus},
    store::{Store, components::Component, people::Change},
    world::SystemRandom,
};
use serde_json::{Value, json};

use super::PROVIDERS;
use crate::{
    daemon::{Client, Daemon, Site, content, entry, ledger, now, person},
    parts::browser,
    simulators::server::Server,
};

/// Ends whatever it may stand in, then is an element, a script, a picture of another site, a template, and turns the
/// reading direction.
const PAYLOAD: &str = "\"'></title></textarea><i data-hit onfocus=hit=1>x</i><script>hit=1</script><img src=//evil.example/x onerror=hit=1>{{7*7}}\u{202e}";

/// Links that are scripts.
const SCRIPTS: [&str; 4] = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", " javascript:alert(1)"];

/// What the store holds before the daemon starts: what administrators and imports bring.
async fn fill(site: &Site) {
    let store = Store::open(&site.database(), &SystemRandom).await.expect("it opens");
    for id in 1..=2 {
        let change = Change { name: Some(PAYLOAD), ..Change::default() };
        store.change_person(id, &change, &entry()).await.expect("a person is changed");
    }
    let component = Component {
        id: 0,
        name: PAYLOAD.to_owned(),
        description: PAYLOAD.to_owned(),
        group: PAYLOAD.to_owned(),
        status: ComponentStatus::Operational,
        position: 0,
        created_at: now(),
        updated_at: now(),
    };
    store.put_component(&component, &entry()).await.expect("a component is kept");
    let route = ContactRoute {
        need: BTreeMap::from([("en".to_owned(), PAYLOAD.to_owned())]),
        how: PAYLOAD.to_owned(),
        ..ContactRoute::default()
    };
    store.put_route(&route, &entry()).await.expect("a route is kept");
    store.put_segment(None, PAYLOAD, "locale = \"en\"", &entry()).await.expect("a segment is kept");
    store.close(&SystemRandom).await;
}

/// An update that says it in every field that takes words; links are refused where they lead to a script.
fn hostile() -> Value {
    let mut update = content("identified", PAYLOAD);
    let facts = &mut update["variants"][0]["facts"]["en"];
    for name in
        ["what_happened", "impact", "apology", "why", "doing", "prevention", "next_steps", "risks", "reassurance"]
    {
        facts[name] = json!(format!("We are sorry. {PAYLOAD}"));
    }
    facts["options"] = json!([{ "text": PAYLOAD, "recommended": true, "reason": PAYLOAD }]);
    facts["links"] = json!([{ "label": PAYLOAD, "url": "https://acme.example/?q=%22%3E" }]);
    update["variants"][0]["name"] = json!("<i data-hit>");
    update["components"] = json!({ "1": "partial_outage" });
    update["contact_routes"] = json!([1]);
    update["over_ceiling"] = json!(PAYLOAD);
    update["correction"] = json!({ "en": PAYLOAD });
    update["holding"] = json!({ "en": PAYLOAD });
    update
}

/// Submits it with every finding that may be kept, kept for a hostile reason.
async fn submit(author: &Client, incident: i64) -> (i64, Value) {
    let mut update = hostile();
    let draft = author.post(&format!("/incidents/{incident}/updates"), &json!({ "content": update })).await;
    let id = draft["id"].as_i64().expect("a number");
    let looked = author.get(&format!("/updates/{id}/preview")).await;
    let findings = looked["findings"].as_array().expect("findings");
    let stuck: Vec<&Value> =
        findings.iter().filter(|one| one["severity"] == "block" && one["overridable"] == false).collect();
    assert!(stuck.is_empty(), "{stuck:#?}");
    let kept = findings.iter().filter_map(|one| Some((one["id"].as_str()?.to_owned(), json!(PAYLOAD))));
    update["kept_findings"] = Value::Object(kept.collect());
    let edit = json!({ "based_on": draft["version"], "content": update });
    let saved = author.http.put(format!("{}/api/v1/updates/{id}", author.base)).json(&edit);
    author.text(saved).await;
    (id, author.post(&format!("/updates/{id}/submit"), &json!({})).await)
}

/// What a provider and an import said, as the database has it.
async fn told(site: &Site) {
    let mut database = ledger::connect(&site.database()).await;
    for sql in [
        "INSERT INTO attempt (broadcast_id, channel, ordinal, number, word, reason, detail, provider, at) VALUES (1, 0, 0, 1, ?1, ?1, ?1, ?1, 0)",
        "UPDATE outcome SET provider = ?1, reference = ?1, reason = ?1 WHERE channel = 1",
        "INSERT INTO import (started_at, ended_at, good, bad, bad_lines, started_by) VALUES (0, 1, 0, 1, json_array(json_object('line', 1, 'reason', ?1)), ?1)",
        "INSERT INTO suppression (channel, value, reason, note, created_at, created_by) VALUES (0, 'a@example.test', ?1, ?1, 0, ?1)",
    ] {
        sqlx::query(sql).bind(PAYLOAD).execute(&mut database).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn pages() -> Value {
    let query: String = url::form_urlencoded::byte_serialize(PAYLOAD.as_bytes()).collect();
    let path = query.replace('+', "%20");
    let mut console: Vec<String> = [
        "/console",
        "/console/new",
        "/console/approvals",
        "/console/incidents",
        "/console/incidents/1",
        "/console/incidents/2",
        "/console/updates/1",
        "/console/updates/2",
        "/console/updates/3",
        "/console/updates/4",
        "/console/updates/5",
        "/console/updates/6",
        "/console/updates/7",
        "/console/updates/1/approve",
        "/console/updates/2/approve",
        "/console/updates/1/versions?from=1&to=2",
        "/console/updates/1/groups",
        "/console/updates/2/groups",
        "/console/updates/2/list",
        "/console/broadcasts/1",
        "/console/broadcasts/1/progress",
        "/console/people/1",
        "/console/people/1/edit",
        "/console/people/new",
        "/console/people/import",
        "/console/imports/1",
        "/console/segments",
        "/console/segments/1",
        "/console/channels",
        "/console/routes",
        "/console/outbox",
        "/console/outbox?channel=email",
        "/console/settings",
        "/console/settings/factor",
        "/console/stop",
    ]
    .map(str::to_owned)
    .to_vec();
    for place in [
        "people?q=",
        "incidents?q=",
        "incidents?from=",
        "incidents?kind=",
        "outbox?channel=",
        "updates/1/versions?from=",
        "updates/2/groups?locale=",
        "updates/2?undo=",
        "new?exercise=",
        "held?x=",
    ] {
        console.push(format!("/console/{place}{query}"));
    }
    for place in ["", "updates/", "incidents/", "segments/", "imports/", "outbox/", "updates/1/list/"] {
        console.push(format!("/console/{place}{path}"));
    }
    let open = [
        format!("/console/sign-in?next={query}"),
        format!("/{path}"),
        format!("/status?lang={query}"),
        format!("/u/{path}"),
        format!("/history?x={query}"),
        format!("/incidents/{path}"),
    ];
    json!({ "console": console, "open": open, "incident": "/console/incidents/1", "status": "/status" })
}

async fn written(daemon: &Daemon) {
    let (ana, ben) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let open = json!({ "kind": "incident", "title": PAYLOAD });
    let first = ana.post("/incidents", &open).await["id"].as_i64().expect("a number");
    let (update, _) = submit(&ana, first).await;
    let back = json!({ "reason": PAYLOAD, "notes": [{ "channel": "email", "locale": "en", "text": PAYLOAD, "quote": "sorry" }] });
    ben.post(&format!("/updates/{update}/return"), &back).await;
    let again = ana.post(&format!("/updates/{update}/submit"), &json!({})).await;
    let broadcast = ben.approve(update, &again).await;
    ben.ended(broadcast).await;
    // Another one waits, and a third was sent back.
    let second = ana.post("/incidents", &open).await["id"].as_i64().expect("a number");
    submit(&ana, second).await;
    let (third, _) = submit(&ana, first).await;
    ben.post(&format!("/updates/{third}/return"), &back).await;
    let ids = json!({ "customer_ids": [PAYLOAD] });
    ana.text(ana.http.put(format!("{}/api/v1/incidents/{second}/list", daemon.base)).json(&ids)).await;
    // A link that leads to a script may be typed, and goes nowhere: not to a page, and not to anybody.
    for address in SCRIPTS {
        let mut update = hostile();
        update["variants"][0]["facts"]["en"]["links"] = json!([{ "label": "x", "url": address }]);
        let incident = ana.post("/incidents", &open).await["id"].as_i64().expect("a number");
        let draft = ana.post(&format!("/incidents/{incident}/updates"), &json!({ "content": update })).await;
        let refused = ana.try_post(&format!("/updates/{}/submit", draft["id"]), &json!({})).await;
        assert_eq!(refused.expect_err("a script is no address").status, 422, "{address}");
    }
}

#[tokio::test]
async fn nothing_that_anybody_wrote_becomes_a_part_of_a_page() {
    let mut somebody = person(PAYLOAD, PAYLOAD, Some("a@example.test"), Some("+447700900001"));
    somebody.attributes.insert(PAYLOAD.to_owned(), PAYLOAD.to_owned());
    somebody.tags.push(PAYLOAD.to_owned());
    somebody.components.push(PAYLOAD.to_owned());
    let site = Site::new(&PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", ""), &[somebody]).await;
    fill(&site).await;
    let daemon = site.start().await;
    written(&daemon).await;
    told(&site).await;
    let base = daemon.base.clone();
    let tag = format!("<!doctype html><title>Shop</title><body><script src=\"{base}/banner.js\" async></script>");
    let shop = Server::start(Router::new().route("/", get(async move || Html(tag)))).await;
    let argument = json!({ "base": base, "password": crate::daemon::PASSWORD, "payload": PAYLOAD, "pages": pages(), "shop": shop.url });
    let seen = browser::run("inject", argument).await;
    for nothing in ["faults", "dialogs", "errors"] {
        assert_eq!(seen[nothing], json!([]), "{nothing}");
    }
    let mut origins = vec![base.as_str(), shop.url.trim_end_matches('/')];
    origins.sort_unstable();
    let mut asked: Vec<&str> = seen["origins"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    asked.sort_unstable();
    assert_eq!(asked, origins, "nothing is asked of another origin");
    assert!(seen["shown"].as_i64().is_some_and(|shown| shown > 25), "what was written is shown, as words: {seen}");
    assert!(seen["mails"].as_i64() > Some(1), "mails are looked into: {}", seen["mails"]);
    assert!(seen["kept"].as_i64() > Some(0), "the story says which warnings were kept");
    assert!(seen["banner"].as_str().is_some_and(|text| text.contains("data-hit")), "{}", seen["banner"]);
    assert!(daemon.stop().await.success());
}
