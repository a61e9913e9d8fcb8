//! Schedule and Report: what is due by time, and what was told by month. Exercises are in neither unless asked for.

use jiff::SignedDuration;

use super::*;
use crate::compose::content::PlannedTime;
use crate::compose::status::{Kind, Status};
use crate::store::components::Component;

/// An update of a live incident, or of practice, about a component with a name that a spreadsheet would run.
async fn told(site: &Site, exercise: bool) -> i64 {
    told_as(site, exercise, None).await
}

/// The same of planned work.
async fn told_as(site: &Site, exercise: bool, window: Option<PlannedTime>) -> i64 {
    let store = &site.app.store;
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    let now = site.app.world.clock.now();
    let component = Component {
        id: 0,
        name: "=Payments".to_owned(),
        description: String::new(),
        group: String::new(),
        status: crate::compose::status::ComponentStatus::Operational,
        position: 0,
        created_at: now,
        updated_at: now,
    };
    let id = match store.components().await.unwrap().first() {
        Some(known) => known.id,
        None => store.put_component(&component, &entry).await.unwrap(),
    };
    with_audience(site).await;
    let ana = crate::people::Actor::Person(store.person(1).await.unwrap());
    let (kind, status) = match window {
        Some(_) => (Kind::Maintenance, Status::Scheduled),
        None => (Kind::Incident, Status::Investigating),
    };
    let title = if exercise { "Practised" } else { "Card payments fail" }.to_owned();
    let new = crate::compose::write::NewIncident { kind, title, exercise, restricted: false };
    let incident = crate::compose::write::open_incident(&site.app, &ana, &new).await.unwrap();
    let mut content = crate::demo::once::updates().remove(0);
    content.components = [(id, crate::compose::status::ComponentStatus::PartialOutage)].into();
    (content.status, content.window) = (status, window);
    content.contact_routes.clear();
    content.next_update_at = Some(site.app.world.clock.now() + SignedDuration::from_mins(45));
    for variant in &mut content.variants {
        variant.segment = None;
    }
    content.variants.truncate(1);
    let update = crate::compose::write::begin_update(&site.app, &ana, incident.id, Some(content)).await.unwrap();
    let broadcast = crate::path::prepare(&site.app, &ana, update.id).await.unwrap();
    store.approve_broadcast(broadcast.id, &broadcast.digest, 2, broadcast.people, &entry).await.unwrap();
    let effects = crate::store::broadcasts::StartEffects {
        status,
        components: Vec::new(),
        next_update_at: Some(site.app.world.clock.now() + SignedDuration::from_mins(45)),
    };
    store.start_broadcast(broadcast.id, Some(&effects), &entry).await.unwrap();
    incident.id
}

#[tokio::test]
async fn the_schedule_names_whose_promise_it_is_and_leads_to_the_next_step() {
    let site = Site::new().await;
    let (ana, vera, ada) = (site.sign_in("ana").await, site.sign_in("vera").await, site.sign_in("ada").await);
    let empty = site.get(Some(&ada), "/console/schedule").await;
    assert!(empty.text.contains("Nothing is due") && empty.text.contains("Put somebody on duty"), "{}", empty.text);
    let live = told(&site, false).await;
    told(&site, true).await;
    let page = site.get(Some(&ana), "/console/schedule").await;
    for part in ["Next update promised", "Card payments fail", ">you<", "Write it, or hand it over"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(page.text.contains(&format!("href=\"/console/incidents/{live}\"")) && !page.text.contains("Practised"));
    let page = site.get(Some(&vera), "/console/schedule").await;
    assert!(page.text.contains(">ana<") && page.text.contains("Read its story") && !page.text.contains("hand it over"));
    let practice = site.get(Some(&ana), "/console/schedule?exercises=1").await;
    assert!(practice.text.contains("Practised") && !practice.text.contains(">Card payments fail"), "{}", practice.text);
}

#[tokio::test]
async fn planned_work_is_due_when_it_begins() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let from = site.app.world.clock.now() + SignedDuration::from_hours(30);
    told_as(&site, false, Some(PlannedTime { from, until: from + SignedDuration::from_hours(2) })).await;
    let page = site.get(Some(&ana), "/console/schedule").await;
    let at = super::super::time::Times::of(&site.app).near(from);
    assert!(page.text.contains("Planned work") && page.text.contains(&at), "{at}: {}", page.text);
    assert!(!page.text.contains("its times stand in its text"));
}

#[tokio::test]
async fn the_times_of_planned_work_are_written_with_it() {
    let site = Site::new().await;
    with_audience(&site).await;
    let author = site.sign_in("ana").await;
    let ana = crate::people::Actor::Person(site.app.store.person(1).await.unwrap());
    let title = "New card terminals".to_owned();
    let kind = Kind::Maintenance;
    let new = crate::compose::write::NewIncident { kind, title, exercise: false, restricted: false };
    let incident = crate::compose::write::open_incident(&site.app, &ana, &new).await.unwrap();
    let update = crate::compose::write::begin_update(&site.app, &ana, incident.id, None).await.unwrap();
    let place = format!("/console/updates/{}", update.id);
    let save = async |from: &'static str, until: &'static str| {
        let version = value(&site.get(Some(&author), &place).await, "version");
        let words = first_word("");
        let words = words.iter().map(|(name, text)| (*name, text.as_str())).filter(|(name, _)| *name != "status");
        let times = [("status", "scheduled"), ("window_from", from), ("window_until", until)];
        let pairs: Vec<_> = words.chain(times).chain([("version", version.as_str()), ("action", "save")]).collect();
        site.send(&author, &place, &pairs).await
    };
    let half = save("2031-01-07T22:00", "").await;
    assert!(half.text.contains("give both times of the planned work"), "{}", half.text);
    let turned = save("2031-01-07T22:00", "2031-01-07T21:00").await;
    assert!(turned.text.contains("cannot end at"), "{}", turned.text);
    assert_eq!(save("2031-01-07T22:00", "2031-01-07T23:30").await.status, StatusCode::SEE_OTHER);
    let page = site.get(Some(&author), &place).await;
    assert!(page.text.contains("value=\"2031-01-07T22:00\"") && page.text.contains("value=\"2031-01-07T23:30\""));
    let incident_page = site.get(Some(&author), &open(&site, &author, "Card payments fail").await).await;
    assert!(!incident_page.text.contains("window_from"), "an incident is not planned");
}

#[tokio::test]
async fn the_report_counts_a_month_by_component_and_its_file_runs_no_formula() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    assert!(site.get(Some(&ana), "/console/report").await.text.contains("Nothing was told in"));
    told(&site, false).await;
    told(&site, true).await;
    let report = crate::report::of(&site.app, "", false).await.unwrap();
    assert_eq!((report.whole.incidents, report.whole.updates, report.components.len()), (1, 1, 1), "{report:?}");
    assert!(report.whole.messages > 0 && report.whole.first_update_seconds.is_some());
    assert_eq!(crate::report::of(&site.app, "2020-02", false).await.unwrap().components.len(), 0);
    let page = site.get(Some(&vera), "/console/report").await;
    assert!(page.text.contains("&#x3D;Payments") && !page.text.contains("Download as CSV"), "{}", page.text);
    assert_eq!(site.get(Some(&vera), "/console/report.csv").await.status, StatusCode::FORBIDDEN);
    let file = site.get(Some(&ana), "/console/report.csv").await;
    assert!(file.text.lines().any(|line| line.contains(",'=Payments,1,1,0,")), "{}", file.text);
    assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment; filename=\"report-"));
    let practice = site.get(Some(&ana), "/console/report?exercises=1").await;
    assert!(practice.text.contains("Exercises only"), "{}", practice.text);
    let wrong = site.get(Some(&ana), "/console/report?month=soon").await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("written like 2026-11"));

    // What only named people may see is in no report.
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    let kind = crate::compose::status::Kind::Incident;
    site.app.store.add_incident(kind, "Secret", false, true, Some(1), &entry).await.unwrap();
    assert_eq!(crate::report::of(&site.app, "", false).await.unwrap().whole.incidents, 1);
}
