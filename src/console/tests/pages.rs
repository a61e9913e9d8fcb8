//! Every page for every role; and what a page does that has no file of its own here.

use super::*;

const PAGES: [&str; 31] = [
    "/console",
    "/console?exercise=1",
    "/console/exercises",
    "/console/outbox?exercise=1",
    "/console/new",
    "/console/new?exercise=1",
    "/console/approvals",
    "/console/incidents",
    "/console/people?q=c",
    "/console/people/new",
    "/console/people/import",
    "/console/held",
    "/console/segments",
    "/console/channels",
    "/console/channels/live",
    "/console/webhooks",
    "/console/routes",
    "/console/routes/new",
    "/console/routes/1",
    "/console/components",
    "/console/components/new",
    "/console/schedule",
    "/console/schedule?exercises=1",
    "/console/replies",
    "/console/report",
    "/console/report?month=2020-02&exercises=1",
    "/console/outbox",
    "/console/settings",
    "/console/settings/factor",
    "/console/settings/own",
    "/console/stop",
];

/// Every page, of an update of this number.
pub(super) fn every(id: i64) -> Vec<String> {
    let mut pages: Vec<String> = PAGES.map(str::to_owned).to_vec();
    pages.extend([
        format!("/console/updates/{id}"),
        format!("/console/updates/{id}/approve"),
        "/console/incidents/1".to_owned(),
        "/console/incidents/1/replies".to_owned(),
        "/console/people/1".to_owned(),
        "/console/people/1/edit".to_owned(),
        format!("/console/updates/{id}/mail/0/en"),
        format!("/console/updates/{id}/versions"),
        format!("/console/updates/{id}/groups"),
        format!("/console/updates/{id}/list"),
        format!("/console/updates/{id}/here?version=1"),
    ]);
    pages
}

#[tokio::test]
async fn every_page_shows_for_every_role_and_asks_everybody_else_to_sign_in() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let id = submitted(&site, &ana).await;
    let entry = site.app.entry("operator", "segment.save", "", serde_json::json!({}));
    let segment = site.app.store.put_segment(None, "English", "locale = \"en\"", &entry).await.unwrap();
    let mut pages = every(id);
    pages.push(format!("/console/segments/{segment}"));
    for name in ["vera", "ana", "ben", "ada"] {
        let browser = site.sign_in(name).await;
        for place in &pages {
            let page = site.get(Some(&browser), place).await;
            assert_eq!(page.status, StatusCode::OK, "{name} at {place}: {}", page.text);
        }
    }
    for place in &pages {
        let page = site.get(None, place).await;
        assert!(
            page.status == StatusCode::SEE_OTHER && page.place.starts_with("/console/sign-in?next=%2Fconsole"),
            "{place}"
        );
    }
}

#[tokio::test]
async fn stopping_takes_one_click_and_starting_again_a_reason() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    assert_eq!(site.send(&ana, "/console/stop", &[]).await.place, "/console/stop");
    assert!(site.get(Some(&ana), "/console").await.text.contains("Nothing is sent:"));
    assert_eq!(site.send(&ana, "/console/start", &[("reason", " ")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        site.send(&ana, "/console/start", &[("reason", "It was a false alarm")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(!site.get(Some(&ana), "/console").await.text.contains("Nothing is sent:"));
    let vera = site.sign_in("vera").await;
    assert_eq!(site.send(&vera, "/console/stop", &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn only_administrators_manage_people() {
    let site = Site::new().await;
    let (ana, ada) = (site.sign_in("ana").await, site.sign_in("ada").await);
    let new = [
        ("action", "add"),
        ("name", "Dana"),
        ("email", "dana@acme.example"),
        ("role", "approver"),
        ("password", PASSWORD),
    ];
    assert_eq!(site.send(&ana, "/console/settings", &new).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ada, "/console/settings", &new).await.status, StatusCode::SEE_OTHER);
    site.sign_in("dana").await;
    assert_eq!(
        site.send(&ada, "/console/settings", &[("action", "deactivate"), ("id", "1")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        site.get(Some(&ana), "/console").await.status,
        StatusCode::SEE_OTHER,
        "access that is taken away ends at once"
    );
}
