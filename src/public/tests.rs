//! The public pages through their routes, as a reader or a hostile author meets them.

mod apis;
mod copies;
mod live;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use serde_json::Value;
use tower::ServiceExt;

use super::view::*;
use super::{PublicState, Signer, assets, router};
use crate::compose::content::Severity;
use crate::compose::route::ContactRoute;
use crate::compose::status::{ComponentStatus, Kind, Status, Step};

fn at(clock: &str) -> Timestamp {
    format!("2026-11-17T{clock}:00Z").parse().unwrap()
}

fn texts(english: &str, german: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), english.to_owned()), ("de".to_owned(), german.to_owned())])
}

fn section(key: &str, label: &str, text: &str) -> Section {
    Section { key: key.to_owned(), label: label.to_owned(), text: text.to_owned() }
}

fn update(number: i64, status: Status, step: Step, published: &str, promised: Option<&str>) -> PublicUpdate {
    let english = Document {
        headline: format!("Card payments are failing, word {number}"),
        sections: vec![
            section("what_happened", "", "About one card payment in five is slow or fails."),
            section("options", "What you can do", "Pay by bank transfer: https://acme.example/transfer."),
        ],
    };
    let german = Document {
        headline: format!("Kartenzahlungen schlagen fehl, Nachricht {number}"),
        sections: vec![section("what_happened", "", "Etwa jede fünfte Kartenzahlung ist langsam oder schlägt fehl.")],
    };
    PublicUpdate {
        number,
        status,
        step,
        at: at(published),
        promised_before: promised.map(at),
        documents: BTreeMap::from([("en".to_owned(), english), ("de".to_owned(), german)]),
    }
}

/// The view of the sketches: one open incident with three updates, one being watched, one over.
pub(super) fn sample() -> PublicView {
    let incident = |id, status, severity| PublicIncident {
        id,
        kind: Kind::Incident,
        title: format!("Incident {id}"),
        status,
        severity,
        gravest: severity,
        started_at: at("10:10"),
        planned_until: None,
        resolved_at: None,
        components: vec![1],
        updates: Vec::new(),
        next_update_at: None,
    };
    let component = |id, name: &str, status| PublicComponent {
        id,
        name: name.to_owned(),
        description: String::new(),
        group: None,
        status,
        position: id,
        created_at: "2026-06-01T09:00:00Z".parse().unwrap(),
        updated_at: at("10:14"),
    };
    PublicView {
        organisation: "Acme".to_owned(),
        status_url: "https://status.acme.example/".to_owned(),
        default_locale: "en".to_owned(),
        locales: vec!["en".to_owned(), "de".to_owned()],
        time_zone: "Europe/London".to_owned(),
        copies: vec!["https://copy.acme.example/".to_owned()],
        subscribe: Some(Subscribe {
            channels: vec![Channel::Email, Channel::Sms],
            url: "https://status.acme.example/subscribe".to_owned(),
        }),
        generated_at: at("10:56"),
        banner: Some(Banner {
            id: 7,
            severity: Severity::Warning,
            texts: BTreeMap::from([
                ("en".to_owned(), banner_text("Card payments are failing.", "Bank transfer works.", "Details")),
                ("de".to_owned(), banner_text("Kartenzahlungen schlagen fehl.", "Überweisen geht.", "")),
            ]),
            link: Some("https://status.acme.example/status/incidents/7".to_owned()),
            next_update_at: Some(at("11:30")),
            updated_at: at("10:53"),
            sequence: 3,
        }),
        incidents: vec![
            PublicIncident {
                updates: vec![
                    update(1, Status::Investigating, Step::First, "10:14", None),
                    update(3, Status::Identified, Step::Progress, "10:53", Some("11:00")),
                    update(2, Status::Investigating, Step::Setback, "10:34", Some("10:30")),
                ],
                next_update_at: Some(at("11:30")),
                ..incident(7, Status::Identified, Severity::Warning)
            },
            PublicIncident {
                title: "Search returns old results".to_owned(),
                next_update_at: Some(at("12:00")),
                ..incident(6, Status::Monitoring, Severity::Info)
            },
            PublicIncident {
                title: "Signing in was slow".to_owned(),
                resolved_at: Some(at("10:40")),
                ..incident(5, Status::Resolved, Severity::Warning)
            },
        ],
        components: vec![
            component(2, "Search", ComponentStatus::Operational),
            component(1, "Payments", ComponentStatus::DegradedPerformance),
        ],
        routes: vec![
            ContactRoute {
                id: 1,
                need: texts("Urgent payments", "Eilige Zahlungen"),
                how: "+44 20 7946 0000".to_owned(),
                hours: texts("8–20 h", "8–20 Uhr"),
                overloaded_wording: texts("Many are calling", "Viele rufen an"),
                overloaded: true,
                ..ContactRoute::default()
            },
            ContactRoute {
                id: 2,
                need: texts("Questions", "Fragen"),
                how: "https://acme.example/chat".to_owned(),
                label: texts("Chat", "Chat"),
                position: 1,
                ..ContactRoute::default()
            },
        ],
    }
}

fn banner_text(headline: &str, text: &str, link_label: &str) -> BannerText {
    BannerText { headline: headline.to_owned(), text: text.to_owned(), link_label: link_label.to_owned() }
}

fn site(view: PublicView) -> Router {
    router(PublicState::new(view, Signer::new(b"a key of the installation"), 9))
}

async fn get(site: &Router, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn text(site: &Router, path: &str) -> String {
    let response = get(site, path, &[]).await;
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

const PAGES: [&str; 5] = ["/", "/status", "/status/incidents/7", "/status/history", "/status/incidents/99"];

#[tokio::test]
async fn the_first_page_says_what_is_open_and_what_was_promised() {
    let page = text(&site(sample()), "/status").await;
    let in_order = [
        "Card payments are failing, word 3</h1>",
        "Next update by 11:30 London time, 17 November",
        "We found the cause",
        "promised for 11:00, on time",
        "It got worse",
        "promised for 10:30, 4 min late",
        "First word",
        "4 min after it began",
        "Also open: Search returns old results",
        "<a href=\"tel:+442079460000\">+44 20 7946 0000</a>",
        "Many are calling",
        "<a href=\"https://acme.example/chat\">Chat</a>",
        "Payments</span> <span class=\"badge warn\">Slow or unreliable",
        "Search</span> <span class=\"badge ok\">Working",
        "Signing in was slow",
        "Over: 17 November 2026, 10:10 to 10:40",
    ];
    let mut rest = page.as_str();
    for words in in_order {
        let (_, after) = rest.split_once(words).unwrap_or_else(|| panic!("{words:?} is missing or too early:\n{page}"));
        rest = after;
    }
    assert!(
        page.contains(
            "<strong>What you can do: </strong>Pay by bank transfer: <a href=\"https://acme.example/transfer\""
        )
    );
}

#[tokio::test]
async fn the_reader_gets_the_language_asked_for() {
    let site = site(sample());
    let german = get(&site, "/status", &[("accept-language", "de-AT,en;q=0.3")]).await;
    assert_eq!(german.headers()["vary"], "accept-language");
    let german = String::from_utf8(to_bytes(german.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    assert!(
        german.contains("<html lang=\"de\">") && german.contains("Kartenzahlungen schlagen fehl, Nachricht 3</h1>")
    );
    assert!(german.contains("Nächste Nachricht bis 11:30 Uhr (London), 17. November"));
    assert!(text(&site, "/status?lang=de").await == german);
    assert!(text(&site, "/status?lang=xx&lang=%FF").await.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn a_missing_translation_is_shown_in_the_default_language_and_marked() {
    let mut view = sample();
    view.incidents[0].updates[1].documents.remove("de");
    let page = text(&site(view), "/status?lang=de").await;
    assert!(page.contains("<div lang=\"en\">\n<h1>Card payments are failing, word 3</h1>"), "{page}");
}

#[tokio::test]
async fn nothing_open_never_hides_a_broken_component() {
    let mut view = sample();
    view.incidents.clear();
    assert!(text(&site(view.clone()), "/").await.contains("<h1>Not everything is working</h1>"));
    view.components.clear();
    let page = text(&site(view), "/").await;
    assert!(page.contains("<h1>Everything is working</h1>") && page.contains("Nothing has been reported so far"));
}

#[tokio::test]
async fn an_unknown_incident_leads_back() {
    let site = site(sample());
    for path in ["/status/incidents/99", "/status/incidents/x%3Cscript%3E"] {
        assert_eq!(get(&site, path, &[]).await.status(), StatusCode::NOT_FOUND);
        let page = text(&site, path).await;
        assert!(page.contains("href=\"/status?lang&#x3D;en\"") && !page.contains("<script>"));
    }
}

#[tokio::test]
async fn every_answer_carries_a_strict_policy() {
    let site = site(sample());
    for path in PAGES
        .into_iter()
        .chain(["/banner.js", "/banner.json", "/status.css", "/status.js", "/status.svg"])
        .chain(["/feed.atom", "/feed.rss", "/api/v2/summary.json", "/api/v2/incidents/unresolved.json"])
    {
        let response = get(&site, path, &[]).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("data:"), "{path}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        let for_all = path.starts_with("/banner") || path.starts_with("/feed") || path.starts_with("/api/v2/");
        let expected = if for_all { "cross-origin" } else { "same-origin" };
        assert_eq!(response.headers()["cross-origin-resource-policy"], expected, "{path}");
        assert_eq!(response.headers().contains_key("access-control-allow-origin"), for_all, "{path}");
        assert!(!response.headers().contains_key("access-control-allow-credentials"), "{path}");
        assert!(!response.headers().contains_key("set-cookie"), "{path}");
    }
}

#[tokio::test]
async fn pages_work_under_their_own_policy() {
    let site = site(sample());
    for path in PAGES {
        let page = text(&site, path).await;
        for refused in [" style=", "<style", " onclick", " onload", "<script>", "javascript:", "http-equiv"] {
            assert!(!page.contains(refused), "{path} has {refused}");
        }
    }
}

#[tokio::test]
async fn a_body_that_the_reader_has_is_not_sent_again_until_it_changes() {
    let state = PublicState::new(sample(), Signer::new(b"a key of the installation"), 9);
    let site = router(state.clone());
    for path in PAGES[..4].iter().chain(&[
        "/banner.json",
        "/banner.js",
        "/status.css",
        "/feed.atom",
        "/feed.rss",
        "/api/v2/summary.json",
    ]) {
        let first = get(&site, path, &[]).await;
        let etag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert!(etag.starts_with('"') && first.headers()["cache-control"].to_str().unwrap().contains("max-age="));
        let again = get(&site, path, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(again.headers()["etag"], etag.as_str());
        assert!(to_bytes(again.into_body(), 1).await.unwrap().is_empty());
    }
    let etag = get(&site, "/banner.json", &[]).await.headers()["etag"].to_str().unwrap().to_owned();
    let mut changed = sample();
    changed.generated_at = at("10:58");
    state.publish(changed.clone());
    let same = get(&site, "/banner.json", &[("if-none-match", &etag)]).await;
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED, "a rebuilt view that says the same is the same");
    changed.banner.as_mut().unwrap().sequence = 4;
    state.publish(changed);
    assert_eq!(get(&site, "/banner.json", &[("if-none-match", &etag)]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_banner_speaks_the_readers_language_and_falls_back() {
    let site = site(sample());
    for (locale, lang, headline, link_label) in [
        ("en", "en", "Card payments are failing.", "Details"),
        ("de-CH", "de", "Kartenzahlungen schlagen fehl.", "Mehr dazu"),
        ("fr", "en", "Card payments are failing.", "Details"),
        ("%00%22", "en", "Card payments are failing.", "Details"),
    ] {
        let body: Value = serde_json::from_str(&text(&site, &format!("/banner.json?locale={locale}")).await).unwrap();
        let banner = &body["banner"];
        assert_eq!(body["version"], 1);
        assert_eq!((&banner["lang"], &banner["headline"]), (&lang.into(), &headline.into()), "{locale}");
        assert_eq!((&banner["link_label"], &banner["sequence"]), (&link_label.into(), &3.into()), "{locale}");
        assert_eq!(banner["next_update_at"], "2026-11-17T11:30:00Z");
    }
}

#[tokio::test]
async fn no_banner_is_said_and_not_an_error() {
    let mut view = sample();
    view.banner = None;
    let body: Value = serde_json::from_str(&text(&site(view), "/banner.json").await).unwrap();
    assert_eq!(body, serde_json::json!({"version": 1, "banner": null}));
}

/// Puts a text in every place where a person or an integration can write one.
fn poisoned(poison: &str) -> PublicView {
    let mut value = serde_json::to_value(sample()).unwrap();
    poison_texts(&mut value, poison);
    serde_json::from_value(value).unwrap()
}

/// Replaces every free text; times, numbers, locales and the closed sets of words stay.
fn poison_texts(value: &mut Value, poison: &str) {
    let free = [
        "organisation",
        "status_url",
        "headline",
        "text",
        "link",
        "link_label",
        "title",
        "name",
        "group",
        "label",
        "how",
        "key",
        "time_zone",
    ];
    let by_locale = ["need", "label", "hours", "overloaded_wording"];
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if by_locale.contains(&key.as_str()) && value.is_object() {
                    value.as_object_mut().unwrap().values_mut().for_each(|text| *text = poison.into());
                } else if free.contains(&key.as_str()) && (value.is_string() || value.is_null()) {
                    *value = poison.into();
                } else {
                    poison_texts(value, poison);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| poison_texts(value, poison)),
        _ => {}
    }
}

#[tokio::test]
async fn no_text_leaves_its_place() {
    let clean: Vec<String> = tags_of_all(&site(sample())).await;
    let payloads = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></main><svg/onload=alert(1)>",
        "{{organisation}}{{{this}}}",
        "`${alert(1)}` onfocus=alert(1) x=",
        "<!--",
    ];
    for payload in payloads {
        let site = site(poisoned(payload));
        for tag in tags_of_all(&site).await {
            assert!(clean.contains(&tag), "{payload:?} made the tag {tag:?}");
        }
        let page = text(&site, "/status").await;
        assert!(page.contains("&lt;") || !payload.contains('<'), "{payload:?} is shown as text");
        let body: Value = serde_json::from_str(&text(&site, "/banner.json").await).unwrap();
        assert_eq!(body["banner"]["headline"], payload, "the banner's text goes whole into textContent");
        assert_eq!(body["banner"]["link"], Value::Null);
    }
}

/// Every tag of every page, its attributes' values cut away: `<a href= rel=>`.
async fn tags_of_all(site: &Router) -> Vec<String> {
    let mut tags = Vec::new();
    for path in PAGES.into_iter().chain(["/status?lang=de"]) {
        let page = text(site, path).await;
        for tag in page.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').unwrap_or((tag, ""));
            let bare = tag.split('"').step_by(2).collect::<String>();
            tags.push(bare);
        }
    }
    tags
}

#[tokio::test]
async fn only_pages_numbers_and_mail_addresses_become_links() {
    let payloads =
        ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "\tjavascript:alert(1)", "//evil.example"];
    for payload in payloads {
        let site = site(poisoned(payload));
        for path in PAGES {
            let page = text(&site, path).await;
            for address in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let ours = (address.starts_with('/') && !address.starts_with("//")) || address == "#main";
                assert!(ours, "{path} links to {address}");
            }
        }
        let body: Value = serde_json::from_str(&text(&site, "/banner.json").await).unwrap();
        assert_eq!(body["banner"]["link"], Value::Null);
    }
}

#[test]
fn the_banner_script_keeps_its_promises() {
    let script = assets::BANNER_JS;
    for refused in
        ["innerHTML", "insertAdjacentHTML", "document.write", "eval(", "cookie =", "localStorage", "window.onevoice"]
    {
        assert!(!script.contains(refused), "banner.js uses {refused}");
    }
}

#[tokio::test]
async fn each_component_shows_ninety_days_and_says_them_without_a_picture() {
    let mut view = sample();
    view.incidents[2].started_at = "2026-11-10T09:00:00Z".parse().unwrap();
    view.incidents[2].resolved_at = Some("2026-11-12T09:00:00Z".parse().unwrap());
    view.incidents[2].gravest = Severity::Critical;
    view.incidents[2].severity = Severity::Info;
    view.components[0].created_at = "2026-11-16T09:00:00Z".parse().unwrap();
    let page = text(&site(view), "/status").await;
    let payments = page.split("Payments</span>").nth(1).unwrap().split("</svg>").next().unwrap();
    assert!(payments.contains("aria-label=\"Trouble on 4 of the last 90 days\""), "{payments}");
    assert_eq!((payments.matches("<rect").count(), payments.matches("class=\"bad\"").count()), (90, 3), "{payments}");
    assert!(
        payments.trim_end().ends_with("<rect class=\"warn\" x=\"356\" width=\"3\" height=\"24\"/>"),
        "today is last"
    );
    // Nobody knows how it did before it was here.
    let search = page.split("Search</span>").nth(1).unwrap().split("</svg>").next().unwrap();
    assert!(search.contains("aria-label=\"No trouble since 16 November 2026\""), "{search}");
    assert_eq!((search.matches("class=\"none\"").count(), search.matches("class=\"ok\"").count()), (88, 2), "{search}");
}

#[tokio::test]
async fn a_shared_link_says_what_is_the_matter() {
    let page = text(&site(sample()), "/status/incidents/7").await;
    assert!(
        page.contains("property=\"og:title\" content=\"Card payments are failing, word 3 · Acme status\""),
        "{page}"
    );
    assert!(page.contains("property=\"og:url\" content=\"https://status.acme.example/status/incidents/7\""));
    assert!(page.contains("property=\"og:description\" content=\"About one card payment in five is slow or fails.\""));
}
