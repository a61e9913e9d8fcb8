//! Recurring notices and planned work: their forms, with the next times before anything is set up, and their rows.

use super::*;
use crate::{demo, store::firings::Of};

const PAGE: &str = "/console/schedule";

/// The demo's colleagues and prepared messages for timers, beside those of the tests.
async fn with_messages(site: &Site) {
    demo::sample::fill(&site.app).await.unwrap();
    let colleagues = ["ben@acme.example", "dana@acme.example"];
    let entry = site.app.entry("operator", "person.add", "", serde_json::json!({}));
    site.app.store.add_person(colleagues[1], "dana", Role::Approver, "hash", &entry).await.unwrap();
    demo::timed::prepare(&site.app, "ana@acme.example", colleagues).await.unwrap();
}

#[tokio::test]
async fn a_recurring_notice_shows_its_next_times_before_it_is_set_up_and_is_cancelled_by_a_button() {
    let site = Site::still().await;
    with_messages(&site).await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let mut form = vec![
        ("name", "Hours"),
        ("playbook", "1"),
        ("cron", "30 2 * * *"),
        ("zone", "Europe/Vienna"),
        ("until", ""),
        ("values", ""),
    ];
    form.push(("action", "look"));
    let looked = site.send(&ana, "/console/timers", &form).await;
    assert_eq!(looked.text.matches(", 02:30</li>").count(), 5, "{}", looked.text);
    assert!(looked.text.contains("value=\"Hours\"") && looked.text.contains("Nothing was set up yet"));
    assert!(site.app.store.timers(true).await.unwrap().is_empty());

    let wrong: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (*name, if *name == "cron" { "0 9 31 2 *" } else { value })).collect();
    let refused = site.send(&ana, "/console/timers", &wrong).await;
    assert!(refused.text.contains("never comes") && refused.text.contains("value=\"0 9 31 2 *\""), "{}", refused.text);

    form.pop();
    form.push(("action", "add"));
    assert_eq!(site.send(&vera, "/console/timers", &form).await.status, StatusCode::FORBIDDEN);
    let added = site.send(&ana, "/console/timers", &form).await;
    assert_eq!((added.status, added.place.as_str()), (StatusCode::SEE_OTHER, "/console/schedule#timers"));
    let page = site.get(Some(&ana), PAGE).await;
    for part in ["Hours", "30 2 * * * · Europe/Vienna", "Next on ", "Weekly hours", "Cancel Hours", "Recurring notice"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let read = site.get(Some(&vera), PAGE).await;
    assert!(read.text.contains("Next on ") && !read.text.contains("Cancel Hours"));
    assert!(!site.get(Some(&ana), "/console/schedule?exercises=1").await.text.contains("30 2 * * *"));
    assert_eq!(site.send(&vera, "/console/timers/1/cancel", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ana, "/console/timers/1/cancel", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!site.get(Some(&ana), PAGE).await.text.contains("30 2 * * *"));
}

#[tokio::test]
async fn planned_work_shows_what_would_happen_and_is_moved_and_cancelled_on_its_row() {
    let site = Site::still().await;
    with_messages(&site).await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let day = |days: i64| {
        let at = site.app.world.clock.now() + jiff::SignedDuration::from_hours(24 * days);
        at.strftime("%Y-%m-%d").to_string()
    };
    let (from, until) = (format!("{}T02:00", day(20)), format!("{}T04:00", day(20)));
    let mut form = vec![
        ("name", "New system"),
        ("playbook", "2"),
        ("from", from.as_str()),
        ("until", until.as_str()),
        ("zone", "UTC"),
        ("leads", "7d, 1h"),
        ("values", ""),
        ("components", ""),
    ];
    form.push(("action", "look"));
    let looked = site.send(&ana, "/console/plans", &form).await;
    for part in ["Announced when it was planned", "Announced ahead", "Begins", "Ends", "value=\"New system\""] {
        assert!(looked.text.contains(part), "{part}: {}", looked.text);
    }
    assert!(site.app.store.works(true).await.unwrap().is_empty());
    // What was chosen is still chosen: nobody is told at once by mistake.
    form.push(("later", "1"));
    let looked = site.send(&ana, "/console/plans", &form).await;
    assert!(looked.text.contains("name=\"later\" value=\"1\" checked"), "{}", looked.text);
    assert!(!looked.text.contains("Announced when it was planned"), "{}", looked.text);
    form.truncate(form.len() - 2);
    form.push(("action", "add"));
    assert_eq!(site.send(&vera, "/console/plans", &form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ana, "/console/plans", &form).await.place, "/console/schedule#plans");
    let page = site.get(Some(&ana), PAGE).await;
    for part in ["New system", "lies ahead", "Announced when it was planned", ": sent", "Next: Announced ahead"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let past = site
        .send(
            &ana,
            "/console/plans/1",
            &[("plan", "1"), ("action", "move"), ("from", "2020-01-01T02:00"), ("until", "")],
        )
        .await;
    assert!(
        past.text.contains("this time has passed") && past.text.contains("value=\"2020-01-01T02:00\""),
        "{}",
        past.text
    );
    let (later, end) = (format!("{}T02:00", day(30)), format!("{}T03:00", day(30)));
    let moved = site
        .send(&ana, "/console/plans/1", &[("plan", "1"), ("action", "move"), ("from", &later), ("until", &end)])
        .await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    assert_eq!(site.app.store.work(1).await.unwrap().from.to_string(), format!("{later}:00Z"));
    assert_eq!(site.send(&vera, "/console/plans/1", &[("action", "cancel")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ana, "/console/plans/1", &[("action", "cancel")]).await.status, StatusCode::SEE_OTHER);
    assert!(!site.get(Some(&ana), PAGE).await.text.contains("New system · "));
    assert_eq!(site.app.store.firings_of(Of::Work(1), 10).await.unwrap().len(), 3);
}
