//! What tools read: the status API in Statuspage's shape, and the feeds.

use super::*;
use crate::public::{feeds, statuspage};

async fn api(view: &PublicView, path: &str) -> Value {
    serde_json::from_str(&text(&site(view.clone()), path).await).unwrap()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// The sample with announced work, work under way and a notice.
fn busy() -> PublicView {
    let mut view = sample();
    let of = |id, kind, status| PublicIncident {
        id,
        kind,
        status,
        updates: vec![update(1, status, Step::First, "10:20", None)],
        ..view.incidents[0].clone()
    };
    let more = [
        of(8, Kind::Maintenance, Status::Scheduled),
        of(9, Kind::Maintenance, Status::InProgress),
        of(10, Kind::Notice, Status::Published),
    ];
    view.incidents.extend(more);
    view.components[0].group = Some("Website".to_owned());
    view
}

#[tokio::test]
async fn each_list_has_what_its_name_says() {
    let view = busy();
    let (incidents, maintenances) = ("incidents", "scheduled_maintenances");
    for (path, list, expected) in [
        ("/api/v2/incidents.json", incidents, vec!["7", "6", "5"]),
        ("/api/v2/incidents/unresolved.json", incidents, vec!["7", "6"]),
        ("/api/v2/summary.json", incidents, vec!["7", "6"]),
        ("/api/v2/summary.json", maintenances, vec!["9", "8"]),
        ("/api/v2/scheduled-maintenances.json", maintenances, vec!["9", "8"]),
        ("/api/v2/scheduled-maintenances/upcoming.json", maintenances, vec!["8"]),
        ("/api/v2/scheduled-maintenances/active.json", maintenances, vec!["9"]),
    ] {
        assert_eq!(ids(&api(&view, path).await[list]), expected, "{path}");
    }
    let components = api(&view, "/api/v2/components.json").await["components"].clone();
    let group = components.as_array().unwrap().iter().find(|one| one["group"] == true).unwrap();
    assert_eq!((&group["name"], &group["components"]), (&"Website".into(), &serde_json::json!(["2"])));
    let member = components.as_array().unwrap().iter().find(|one| one["id"] == "2").unwrap();
    assert_eq!(member["group_id"], group["id"]);
}

#[tokio::test]
async fn planned_work_says_when_it_begins_and_ends() {
    let mut view = busy();
    let planned = view.incidents.iter_mut().find(|incident| incident.id == 8).unwrap();
    planned.planned_until = Some("2026-11-18T23:30:00Z".parse().unwrap());
    planned.started_at = "2026-11-18T22:00:00Z".parse().unwrap();
    let body = api(&view, "/api/v2/scheduled-maintenances/upcoming.json").await;
    let planned = &body["scheduled_maintenances"][0];
    assert_eq!(planned["scheduled_for"], "2026-11-18T22:00:00Z");
    assert_eq!(planned["scheduled_until"], "2026-11-18T23:30:00Z");
    for (language, words) in [("en", "18 November, 22:00 to 23:30"), ("de", "18. November, 22:00 Uhr bis 23:30")] {
        let page = text(&site(view.clone()), &format!("/?lang={language}")).await;
        assert!(page.contains(words), "{page}");
    }
}

#[tokio::test]
async fn an_incident_is_told_whole() {
    let body = api(&busy(), "/api/v2/incidents.json").await;
    let incident = &body["incidents"][0];
    assert_eq!(incident["name"], "Card payments are failing, word 3");
    assert_eq!((&incident["status"], &incident["impact"]), (&"identified".into(), &"minor".into()));
    assert_eq!(incident["shortlink"], "https://status.acme.example/status/incidents/7");
    assert_eq!(incident["updated_at"], "2026-11-17T10:53:00Z");
    assert_eq!(ids(&incident["incident_updates"]), ["7-3", "7-2", "7-1"]);
    let said = incident["incident_updates"][0]["body"].as_str().unwrap();
    assert!(said.contains("What you can do: Pay by bank transfer"), "{said}");
    assert_eq!(ids(&incident["components"]), ["1"]);
    assert_eq!(body["incidents"][2]["resolved_at"], "2026-11-17T10:40:00Z");
    assert_eq!(body["page"]["updated_at"], "2026-11-17T10:53:00Z");
}

#[tokio::test]
async fn the_one_word_for_all_is_the_worst() {
    let mut calm = sample();
    calm.incidents.clear();
    for (status, indicator) in
        ComponentStatus::ALL.into_iter().zip(["none", "minor", "major", "critical", "maintenance"])
    {
        calm.components.iter_mut().for_each(|component| component.status = status);
        assert_eq!(api(&calm, "/api/v2/status.json").await["status"]["indicator"], indicator, "{status:?}");
    }
    let mut open = sample();
    open.components.clear();
    for (severity, indicator) in
        [(Severity::Info, "none"), (Severity::Warning, "minor"), (Severity::Critical, "critical")]
    {
        open.incidents.truncate(1);
        open.incidents[0].severity = severity;
        assert_eq!(api(&open, "/api/v2/status.json").await["status"]["indicator"], indicator, "{severity:?}");
    }
}

#[tokio::test]
async fn a_feed_has_one_entry_an_incident_and_keeps_its_time() {
    let view = busy();
    let site = site(view.clone());
    let atom = text(&site, "/feed.atom").await;
    assert_eq!(atom.matches("<entry>").count(), 4, "an incident with no word has no entry: {atom}");
    assert!(atom.contains("<id>https://status.acme.example/status/incidents/7</id>"));
    assert!(atom.contains("<updated>2026-11-17T10:53:00Z</updated>"));
    let rss = text(&site, "/feed.rss").await;
    assert!(rss.contains("<pubDate>Tue, 17 Nov 2026 10:14:00 +0000</pubDate>"), "{rss}");
    assert!(text(&site, "/feed.atom?lang=de").await.contains("Kartenzahlungen schlagen fehl, Nachricht 3</title>"));
    let mut later = view;
    later.generated_at = at("12:00");
    assert_eq!(text(&super::site(later), "/feed.atom").await, atom, "nothing changed, so nothing is new");
}

#[tokio::test]
async fn no_text_leaves_its_place_in_a_feed() {
    let clean = text(&site(sample()), "/feed.atom").await.matches('<').count();
    for payload in ["</content><script>alert(1)</script>", "]]>", "\u{0}\u{8}\u{ffff}x", "&amp;<!DOCTYPE x>"] {
        for (path, _) in feeds::Format::ALL {
            let body = text(&site(poisoned(payload)), path).await;
            assert!(!body.contains("<script") && !body.contains("<!") && !body.contains('\u{8}'), "{path}: {body}");
            assert!(path != "/feed.atom" || body.matches('<').count() == clean, "{payload:?} made a tag: {body}");
        }
        for (path, _) in statuspage::Resource::ALL {
            assert!(serde_json::from_str::<Value>(&text(&site(poisoned(payload)), path).await).is_ok(), "{path}");
        }
    }
}
