//! Exercises: nobody takes one for the real thing, nothing of it is real, and it ends with a score.

use onevoice_channels::contract::{Channel, DeliveryId};

use super::{going_out, *};
use crate::{
    approve::State,
    compose::status::{ComponentStatus, Status},
    store::{
        broadcasts::StartEffects,
        components::Component,
        deliveries::{Record, Verdict},
    },
    track::DeliveryState,
};

/// Practises up to the submit; answers the update's number.
async fn practised(site: &Site, author: &Browser) -> i64 {
    with_audience(site).await;
    let pairs = [("kind", "incident"), ("title", "Cards fail, we pretend"), ("exercise", "1")];
    let page = site.send(author, "/console/new", &pairs).await;
    // Blame is stopped, and kept with a reason.
    written(site, author, &page.place, "Our supplier broke a connection, and we are repairing it.").await
}

/// Practises until every outbox took it: the banner and the status page, too.
async fn over(site: &Site, update: i64) -> i64 {
    let store = &site.app.store;
    let broadcast = store.broadcasts_of(update).await.unwrap().pop().unwrap();
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    store.approve_broadcast(broadcast.id, &broadcast.digest, 2, broadcast.people, &entry).await.unwrap();
    let component = Component {
        id: 0,
        name: "Cards".to_owned(),
        description: String::new(),
        group: String::new(),
        status: ComponentStatus::Operational,
        position: 0,
        created_at: entry.at,
        updated_at: entry.at,
    };
    let component = store.put_component(&component, &entry).await.unwrap();
    let effects = StartEffects {
        status: Status::Investigating,
        components: vec![(component, ComponentStatus::MajorOutage.as_str())],
        next_update_at: Some(entry.at + jiff::SignedDuration::from_mins(12)),
    };
    store.start_broadcast(broadcast.id, Some(&effects), &entry).await.unwrap();
    for (channel, progress) in store.progress(broadcast.id).await.unwrap() {
        for ordinal in 0..progress.total {
            let record = Record {
                claim: 0,
                id: DeliveryId { broadcast: broadcast.id, channel, ordinal },
                attempts: 0,
                provider: format!("exercise-{channel}"),
                at: site.app.world.clock.now(),
                verdict: Verdict::End { state: DeliveryState::Accepted, reason: None, reference: None, parts: 1 },
                attempt: None,
                referable: false,
                ends_claim: false,
                suppress: None,
                pinned: false,
            };
            store.record(&[record]).await.unwrap();
        }
    }
    broadcast.id
}

#[tokio::test]
async fn every_page_that_shows_something_of_an_exercise_says_so_and_the_others_do_not() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let update = practised(&site, &ana).await;
    let mut places = vec![
        format!("/console/updates/{update}"),
        format!("/console/updates/{update}/approve"),
        format!("/console/updates/{update}/versions"),
    ];
    let before = site.get(Some(&ben), &places[1]).await;
    assert!(before.text.contains("Practise: send to 1") && !before.text.contains("badge live"), "{}", before.text);
    let broadcast = over(&site, update).await;
    places.truncate(1);
    places.extend([
        format!("/console/broadcasts/{broadcast}"),
        "/console/incidents/1".to_owned(),
        "/console/exercises/1".to_owned(),
        "/console?exercise=1".to_owned(),
        "/console/outbox?exercise=1".to_owned(),
        "/console/new?exercise=1".to_owned(),
    ]);
    for place in &places {
        let page = site.get(Some(&ben), place).await;
        let page = if page.status == StatusCode::SEE_OTHER { site.get(Some(&ben), &page.place).await } else { page };
        assert!(page.text.contains("<body class=\"exercise\">"), "{place}: {}", page.text);
        assert!(page.text.contains("EXERCISE · nothing here reaches a customer · <a"), "{place}: no live promise");
    }
    let practice = site.get(Some(&ben), "/console?exercise=1").await;
    for words in
        ["Practise telling customers", "Practise: write update 2", "End the exercise", "Cards fail, we pretend"]
    {
        assert!(practice.text.contains(words), "{words}: {}", practice.text);
    }
    let live = site.get(Some(&ben), "/console").await;
    assert!(!live.text.contains("Cards fail, we pretend") && !live.text.contains("<body class=\"exercise\">"));
    assert!(live.text.contains("An exercise goes on."));

    // What was promised to customers stays in sight while people practise.
    let real = going_out::running_with_promise(&site, &ana).await;
    let bar = "1 live promise is due in 11 min: <a href=\"/console/incidents/2\">go to it</a>";
    let page = site.get(Some(&ben), "/console?exercise=1").await;
    assert!(page.text.contains(bar), "{}", page.text);
    let sends = site.get(Some(&ana), &format!("/console/broadcasts/{real}")).await;
    assert!(sends.text.contains("badge live"), "LIVE stands beside what sends: {}", sends.text);
}

/// Where the public looks.
const PUBLIC: [&str; 9] = [
    "/",
    "/status/history",
    "/banner.json?locale=en",
    "/feed.atom",
    "/feed.rss",
    "/api/v2/summary.json",
    "/api/v2/incidents.json",
    "/api/v2/incidents/unresolved.json",
    "/api/v2/components.json",
];

#[tokio::test]
async fn nothing_of_an_exercise_reaches_the_public_or_the_promises() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let update = practised(&site, &ana).await;
    let broadcast = over(&site, update).await;
    let (store, now) = (&site.app.store, site.app.world.clock.now());
    let since = now - jiff::SignedDuration::from_hours(1);
    for channel in [Channel::Banner, Channel::StatusPage] {
        assert!(store.progress(broadcast).await.unwrap()[&channel].total > 0, "{channel} was practised");
        assert!(store.shown(channel, since).await.unwrap().is_empty(), "{channel} shows none of it");
    }
    crate::feed::publish(&site.app).await.unwrap();
    let public = crate::public::router(site.app.public.clone());
    for place in PUBLIC {
        let request = Request::get(place).body(Body::empty()).unwrap();
        let answer = public.clone().oneshot(request).await.unwrap();
        let text = String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
        assert!(!text.contains("Card payments are failing") && !text.contains("pretend"), "{place}: {text}");
    }
    assert_eq!(store.components().await.unwrap()[0].status, ComponentStatus::Operational);
    assert!(store.open_promises(false).await.unwrap().is_empty());
    assert_eq!(store.open_promises(true).await.unwrap().len(), 1);
    // No real account or relay may claim what is practised, whatever waits there.
    for route in site.app.engine.routes() {
        let manifest = route.provider.manifest();
        let work = store.has_work(manifest.channel, &manifest.name, route.exercise, now).await.unwrap();
        assert!(!work, "{}", manifest.name);
    }
}

#[tokio::test]
async fn an_exercise_ends_once_with_a_score_beside_the_last_ones() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let first = practised(&site, &ana).await;
    over(&site, first).await;
    let draft = site.send(&ana, "/console/incidents/1/updates", &[]).await.place;
    assert!(draft.starts_with("/console/updates/"));
    let place = "/console/exercises/1";
    assert_eq!(site.send(&vera, place, &[]).await.status, StatusCode::FORBIDDEN);
    assert!(!site.get(Some(&vera), place).await.text.contains("<button class=\"button main\">End the exercise"));
    // Nothing blocks a first word that says nothing: an empty one is stopped, and that counts.
    let version = value(&site.get(Some(&ana), &draft).await, "version");
    let words = [
        ("version", version.as_str()),
        ("status", "investigating"),
        ("severity", "warning"),
        ("v0.name", "everyone"),
        ("v0.segment", ""),
        ("v0.en.headline", ""),
        ("next", ""),
        ("action", "submit"),
    ];
    assert_ne!(site.send(&ana, &draft, &words).await.status, StatusCode::SEE_OTHER);

    assert_eq!(site.send(&ana, place, &[]).await.place, place);
    let score = site.app.store.exercise_score(1).await.unwrap().unwrap();
    assert!(score.first_draft.is_some() && score.approval.is_some() && score.first_message.is_some(), "{score:?}");
    assert!(score.last_message.is_none(), "it was cut short: {score:?}");
    assert!(score.kept > 0 && score.blocked > 0, "{score:?}");
    assert_eq!(site.app.store.broadcasts_of(first).await.unwrap()[0].state, State::Retracted);
    assert_eq!(site.send(&ana, place, &[]).await.status, StatusCode::CONFLICT, "once");
    let again = site.send(&ana, "/console/incidents/1/updates", &[]).await;
    assert!(again.status == StatusCode::CONFLICT && again.text.contains("this exercise is over"), "{}", again.text);
    assert!(!site.get(Some(&ana), "/console?exercise=1").await.text.contains("we pretend"));
    let history = site.get(Some(&ana), "/console/incidents").await;
    assert!(history.text.contains("href=\"/console/exercises/1\">first reader after"), "{}", history.text);
    let audit = site.app.store.audit_of("incident:1").await.unwrap();
    assert!(audit.contains(&("person:1".to_owned(), "exercise.end".to_owned())), "{audit:?}");

    practised(&site, &ana).await;
    assert_eq!(site.send(&ana, "/console/exercises/2", &[]).await.status, StatusCode::SEE_OTHER);
    let page = site.get(Some(&ana), "/console/exercises/2").await;
    assert!(page.text.contains("Beside the ones before") && page.text.contains("href=\"/console/exercises/1\""));
    assert!(site.get(Some(&vera), "/console/exercises").await.text.matches("Cards fail, we pretend").count() == 2);

    open(&site, &ana, "This is real").await;
    let real = site.send(&ana, "/console/exercises/3", &[]).await;
    assert_eq!(real.status, StatusCode::NOT_FOUND, "what is live is not ended like this");
    assert!(site.app.store.incident(3).await.unwrap().ended_at.is_none());
}
