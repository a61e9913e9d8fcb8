//! Contact routes and components: the two-person rule, and "overloaded now".

use jiff::SignedDuration;
use onevoice_channels::contract::{Channel, DeliveryId};
use tower::ServiceExt as _;

use super::*;
use crate::{
    approve::summon,
    compose::status::ComponentStatus,
    send::Event,
    store::{
        deliveries::{Record, Verdict},
        proposals::RouteChangeKind,
    },
    track::DeliveryState,
};

const CHAT: [(&str, &str); 6] = [
    ("need.en", "Everything else"),
    ("need.de", "Alles andere"),
    ("how", "https://acme.example/chat"),
    ("hours.en", "8–20 h"),
    ("wording.en", "Many are writing; please call"),
    ("place", "0"),
];

async fn act(site: &Site, who: &Browser, id: i64, action: &str) -> Page {
    site.send(who, &format!("/console/proposals/{id}"), &[("action", action)]).await
}

#[tokio::test]
async fn a_contact_route_counts_once_somebody_else_who_approves_has_read_it() {
    let site = Site::new().await;
    with_audience(&site).await;
    let (ana, ben, vera) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("vera").await);
    assert_eq!(site.send(&vera, "/console/routes/new", &CHAT).await.status, StatusCode::FORBIDDEN);
    let page = site.send(&ana, "/console/routes/new", &CHAT).await;
    assert_eq!((page.status, page.place.as_str()), (StatusCode::SEE_OTHER, "/console/routes#proposal-1"));
    assert_eq!(site.app.store.routes().await.unwrap().len(), 1, "one person alone changes nothing");
    for place in ["/console", "/console/approvals", "/console/routes"] {
        let page = site.get(Some(&ben), place).await;
        assert!(page.text.contains("New: contact route “Everything else”"), "{place}: {}", page.text);
    }
    assert!(site.get(Some(&ben), "/console").await.text.contains("Approvals <b>1</b>"));
    for who in [&ana, &vera] {
        assert_eq!(act(&site, who, 1, "accept").await.status, StatusCode::FORBIDDEN);
    }
    assert!(!site.get(Some(&ana), "/console/approvals").await.text.contains("value=\"accept\""));
    assert_eq!(act(&site, &ben, 1, "accept").await.status, StatusCode::SEE_OTHER);
    let routes = site.app.store.routes().await.unwrap();
    let order: Vec<(&str, i64)> = routes.iter().map(|route| (route.how.as_str(), route.position)).collect();
    assert_eq!(order, [("https://acme.example/chat", 0), ("+44 20 7946 0000", 1)], "the others make room");
    assert_eq!(routes[0].need["de"], "Alles andere");
    assert_eq!(act(&site, &ben, 1, "accept").await.status, StatusCode::CONFLICT, "once");
    let audit: Vec<(String, String)> = site.app.store.audit_of("proposal:1").await.unwrap();
    assert_eq!(
        audit,
        [("person:1", "proposal.make"), ("person:2", "proposal.accept")]
            .map(|(who, what)| (who.to_owned(), what.to_owned()))
    );
}

#[tokio::test]
async fn what_was_typed_stays_and_a_change_made_meanwhile_is_not_undone_unseen() {
    let site = Site::new().await;
    with_audience(&site).await;
    let (ana, ben, ada) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("ada").await);
    let mut wrong = CHAT;
    wrong[2].1 = "ask Dana";
    let page = site.send(&ana, "/console/routes/new", &wrong).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("give a phone number"));
    for (_, typed) in &wrong[..5] {
        assert!(page.text.contains(&format!("value=\"{typed}\"")), "{typed} is lost: {}", page.text);
    }
    let change =
        |how: &'static str| [("need.en", "Urgent payments"), ("need.de", "Eilig"), ("how", how), ("place", "0")];
    let same = site.send(&ana, "/console/routes/1", &change("+44 20 7946 0000")).await;
    assert!(same.status == StatusCode::CONFLICT && same.text.contains("nothing would change"));
    for (who, how) in [(&ana, "+44 20 7946 0001"), (&ben, "+44 20 7946 0002"), (&ana, "+44 20 7946 0003")] {
        assert_eq!(site.send(who, "/console/routes/1", &change(how)).await.status, StatusCode::SEE_OTHER);
    }
    let page = site.get(Some(&ada), "/console/approvals").await;
    assert!(page.text.contains("<del>0000</del>") && page.text.contains("<ins>0001</ins>"), "{}", page.text);
    assert_eq!(act(&site, &ben, 1, "accept").await.status, StatusCode::SEE_OTHER);
    let stale = act(&site, &ada, 2, "accept").await;
    assert!(stale.status == StatusCode::CONFLICT && stale.text.contains("changed after this was proposed"));
    assert_eq!(site.app.store.routes().await.unwrap()[0].how, "+44 20 7946 0001");
    assert_eq!(act(&site, &ana, 2, "decline").await.status, StatusCode::FORBIDDEN, "an author declines nobody else's");
    assert_eq!(act(&site, &ada, 2, "decline").await.status, StatusCode::SEE_OTHER);
    assert_eq!(act(&site, &ana, 3, "decline").await.status, StatusCode::SEE_OTHER, "one's own is taken back");
    for (id, ending) in [(1, "accepted"), (2, "declined"), (3, "withdrawn")] {
        assert_eq!(site.app.store.proposal(id).await.unwrap().outcome.unwrap().as_str(), ending);
    }
    site.send(&ana, "/console/routes/1", &[("action", "remove")]).await;
    assert_eq!(act(&site, &ben, 4, "accept").await.status, StatusCode::SEE_OTHER);
    assert!(site.app.store.routes().await.unwrap().is_empty());
}

#[tokio::test]
async fn how_a_component_does_is_said_by_updates_alone() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let new = [("name", "Payments"), ("description", "Cards"), ("place", "0")];
    site.send(&ana, "/console/components/new", &new).await;
    assert!(site.app.store.components().await.unwrap().is_empty());
    act(&site, &ben, 1, "accept").await;
    let component = site.app.store.components().await.unwrap().remove(0);
    assert_eq!((component.name.as_str(), component.status), ("Payments", ComponentStatus::Operational));
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    let down = crate::store::components::Component { status: ComponentStatus::MajorOutage, ..component };
    site.app.store.put_component(&down, &entry).await.unwrap();
    site.send(&ana, "/console/components/1", &[("name", "Card payments"), ("status", "operational"), ("place", "0")])
        .await;
    act(&site, &ben, 2, "accept").await;
    let component = site.app.store.components().await.unwrap().remove(0);
    assert_eq!((component.name.as_str(), component.status), ("Card payments", ComponentStatus::MajorOutage));
    let taken = site.send(&ana, "/console/components/new", &[("name", "Card payments")]).await;
    assert!(taken.status == StatusCode::CONFLICT && taken.text.contains("already a component with this name"));
}

/// Approves what waits and starts it, and puts its banner out.
async fn shown(site: &Site, update: i64) -> i64 {
    let store = &site.app.store;
    let broadcast = store.broadcasts_of(update).await.unwrap().pop().unwrap();
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    store.approve_broadcast(broadcast.id, &broadcast.digest, 2, broadcast.people, &entry).await.unwrap();
    store.start_broadcast(broadcast.id, None, &entry).await.unwrap();
    for channel in [Channel::Banner, Channel::StatusPage] {
        let record = Record {
            claim: 0,
            id: DeliveryId { broadcast: broadcast.id, channel, ordinal: 0 },
            attempts: 0,
            provider: "banner".to_owned(),
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
    broadcast.id
}

async fn public(site: &Site, place: &str) -> String {
    crate::feed::publish(&site.app).await.unwrap();
    let router = crate::public::router(site.app.public.clone());
    let response = router.oneshot(Request::get(place).body(Body::empty()).unwrap()).await.unwrap();
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

const WORDING: &str = "Many are calling; the chat is faster";

/// Words for while the one route is overloaded, as if two people had approved them.
async fn with_wording(site: &Site) {
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    let mut route = site.app.store.routes().await.unwrap().remove(0);
    route.overloaded_wording.insert("en".to_owned(), WORDING.to_owned());
    site.app.store.put_route(&route, &entry).await.unwrap();
}

async fn overload(site: &Site, who: &Browser, overloaded: &str) -> Page {
    site.send(who, "/console/routes", &[("id", "1"), ("overloaded", overloaded)]).await
}

#[tokio::test]
async fn overloaded_now_shows_on_the_banner_and_the_status_page_at_once_and_one_click_takes_it_back() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let update = submitted(&site, &ana).await;
    let unworded = overload(&site, &ana, "1").await;
    assert!(unworded.status == StatusCode::CONFLICT && unworded.text.contains("no words are approved"));
    with_wording(&site).await;
    shown(&site, update).await;
    assert!(!public(&site, "/banner.json").await.contains(WORDING));
    assert_eq!(overload(&site, &vera, "1").await.status, StatusCode::FORBIDDEN);
    let mut events = site.app.engine.listen();
    assert_eq!(overload(&site, &ana, "1").await.status, StatusCode::SEE_OTHER);
    assert_eq!(events.try_recv().unwrap(), Event::Public, "the public side is told by it");
    for place in ["/banner.json", "/status"] {
        assert!(public(&site, place).await.contains(WORDING), "{place}");
    }
    overload(&site, &ana, "0").await;
    for place in ["/banner.json", "/status"] {
        assert!(!public(&site, place).await.contains(WORDING), "{place}");
    }
}

#[tokio::test]
async fn overloaded_now_changes_later_drafts_and_nothing_that_was_submitted_or_goes_out() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let first = submitted(&site, &ana).await;
    with_wording(&site).await;
    let texts = async |update: i64| {
        let broadcast = site.app.store.broadcasts_of(update).await.unwrap().pop().unwrap();
        let renderings = site.app.store.renderings(broadcast.id).await.unwrap();
        (broadcast.digest, renderings.into_iter().map(|rendering| rendering.document).collect::<Vec<_>>())
    };
    let waiting = texts(first).await;
    overload(&site, &ana, "1").await;
    assert_eq!(texts(first).await, waiting, "what waits for an approval is what was submitted");
    shown(&site, first).await;
    overload(&site, &ana, "0").await;
    overload(&site, &ana, "1").await;
    assert_eq!(texts(first).await, waiting, "what goes out is what was approved");
    assert!(!waiting.1.iter().any(|text| text.contains(WORDING)));

    let page = site.send(&ana, "/console/incidents/1/updates", &[]).await;
    let draft: i64 = page.place.rsplit('/').next().unwrap().parse().unwrap();
    let preview = crate::preview::preview(&site.app, draft, None).await.unwrap();
    let says = |text: &crate::preview::Text| text.text.contains(WORDING);
    assert!(preview.texts.iter().any(says), "a draft says it");
}

#[tokio::test]
async fn the_approvers_of_what_waits_are_told_of_a_route_that_changes() {
    let site = Site::new().await;
    let (ana, ben, ada) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("ada").await);
    let now = site.app.world.clock.now();
    let duty = crate::people::duty::Turn {
        person_id: 2,
        place: 1,
        from_at: now - SignedDuration::from_hours(1),
        until_at: now + SignedDuration::from_hours(9),
    };
    let administrator = crate::people::Actor::Person(site.app.store.person(4).await.unwrap());
    crate::people::duty::add(&site.app, &administrator, &duty).await.unwrap();
    let update = submitted(&site, &ana).await;
    with_wording(&site).await;
    summon::tick(&site.app, now).await.unwrap();
    overload(&site, &ana, "1").await;
    let place = format!("/console/updates/{update}/approve");
    let page = site.get(Some(&ada), &place).await;
    assert!(page.text.contains("the contact route “Urgent payments” is overloaded now"), "{}", page.text);
    // Ben was called, and Ada has opened it: both are told by mail. The writer is not.
    overload(&site, &ana, "0").await;
    let mut told = Vec::new();
    while let Some(call) = site.app.store.take_route_call(now).await.unwrap() {
        told.push((call.person_id, call.channel, call.change.what));
    }
    let free = RouteChangeKind::Free;
    assert_eq!(told, [(2, Channel::Email, free), (4, Channel::Email, free)], "the newest word, once to each");
    overload(&site, &ana, "1").await;
    summon::tick(&site.app, now).await.unwrap();
    assert_eq!(site.app.store.take_route_call(now).await.unwrap(), None, "the calls are made with the others");

    // Another number for it is told, too, once it counts.
    let change = [("need.en", "Urgent payments"), ("how", "+44 20 7946 0009"), ("wording.en", WORDING), ("place", "0")];
    site.send(&ana, "/console/routes/1", &change).await;
    act(&site, &ben, 1, "accept").await;
    let page = site.get(Some(&ada), &place).await;
    assert!(page.text.contains("the contact route “Urgent payments” was changed"), "{}", page.text);
    assert!(site.app.store.routes().await.unwrap()[0].overloaded, "a change of its words leaves that as it is");
}
