//! Others' clients read the status API and the feeds as they read Statuspage's and everybody's.

use serde_json::{Value, json};

use super::{HEADLINE, people, site, told};
use crate::parts::{feeds, http, ready, statuspage};

#[tokio::test]
async fn others_read_the_api_and_the_feeds() {
    let site = site("").await;
    let daemon = site.start().await;
    let (author, approver) = people(&daemon).await;
    let incident = told(&author, &approver, None, "identified", HEADLINE).await;
    ready::answering(&format!("{}/feed.atom", daemon.base), |text| text.contains(HEADLINE)).await;

    let said = statuspage::asked(&daemon.base).await;
    for name in ["incidents", "unresolved", "summary"] {
        assert_eq!(said[name]["incidents"][0]["name"], HEADLINE, "{name}: {said}");
        assert_eq!(said[name]["incidents"][0]["id"], json!(incident.to_string()), "{name}");
    }
    assert_eq!(said["status"]["status"]["indicator"], "minor");
    for name in ["maintenances", "upcoming", "active"] {
        assert_eq!(said[name]["scheduled_maintenances"], json!([]), "{name}");
    }
    assert!(said["components"]["components"].is_array());

    let metrics = feeds::metrics(&format!("{}/api/v2/summary.json", daemon.base)).await;
    let found = metrics.lines().find(|line| line.starts_with("statuspage_incident_info{"));
    assert!(found.is_some_and(|line| line.contains(HEADLINE)), "{metrics}");
    assert!(metrics.contains("statuspage_service_status{"), "{metrics}");

    for (path, version) in [("/feed.atom", "atom10"), ("/feed.rss", "rss20")] {
        let feed = feeds::parsed(&format!("{}{path}", daemon.base)).await;
        assert_eq!((&feed["bozo"], &feed["version"]), (&json!(""), &json!(version)), "{path}");
        assert_eq!(feed["entries"][0]["title"], HEADLINE, "{path}");
        assert!(
            feed["entries"][0]["link"].as_str().is_some_and(|link| link.ends_with("/status/incidents/1")),
            "{feed}"
        );
    }
    required_by_rfc_4287(&feeds::parsed(&format!("{}/feed.atom", daemon.base)).await);

    let answer = http::client().get(format!("{}/api/v2/status.json", daemon.base)).send().await.unwrap();
    let etag = answer.headers()["etag"].clone();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    let again = http::client().get(format!("{}/api/v2/status.json", daemon.base)).header("if-none-match", etag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    assert!(daemon.stop().await.success());
}

/// feedparser says only whether it is well formed: sections 4.1.1 and 4.1.2 say what has to be there.
fn required_by_rfc_4287(feed: &Value) {
    let entries = feed["entries"].as_array().expect("entries");
    for (what, keys) in [(&feed["feed"], &["id", "title", "updated", "author", "link"][..])]
        .into_iter()
        .chain(entries.iter().map(|entry| (entry, &["id", "title", "updated", "link", "summary"][..])))
    {
        for key in keys {
            assert!(what[key].as_str().is_some_and(|text| !text.is_empty()), "{key} is missing in {what}");
        }
    }
}
