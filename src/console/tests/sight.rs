//! Who may see what: every address of the console, asked by people who are not named for a restricted incident.

use onevoice_channels::contract::{Channel, DeliveryId};

use super::*;
use crate::{
    approve::summon,
    people::{Actor, Person, restrict, restrict::Change},
    store::{
        broadcasts::StartEffects,
        deliveries::{Record, Verdict},
    },
    track::DeliveryState,
};

/// What only the restricted incidents say.
const CANARIES: [&str; 3] = ["Zitronenfalter", "failing in Europe", "card payment in five"];

/// Every route of the console with its methods, from the router's own text.
pub(super) fn routes() -> Vec<(String, bool, bool)> {
    let text = include_str!("../mod.rs");
    let route = |rest: &str| {
        let place = rest.trim_start().strip_prefix('"')?.split('"').next()?.to_owned();
        let rest = rest.split("\n    let ").next()?.split(".layer(").next()?;
        Some((place, rest.contains("get("), rest.contains("post(")))
    };
    let found: Vec<_> = text.split(".route(").skip(1).filter_map(route).collect();
    assert!(found.len() > 40, "{found:?}");
    found
}

/// An address with numbers in it.
pub(super) fn numbered(place: &str, id: i64) -> String {
    let id = match place.contains("/outbox/") {
        true => format!("{id}-email-0"),
        false => id.to_string(),
    };
    place.replace("{id}", &id).replace("{variant}", "0").replace("{locale}", "en").replace("{file}", "found.txt")
}

/// The status, and the text where it is one: a stream has no end.
async fn asked(
    site: &Site,
    browser: &Browser,
    request: axum::http::request::Builder,
    sent: Body,
) -> (StatusCode, String) {
    let request = request
        .header(header::COOKIE, &browser.cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = site.router.clone().oneshot(request.body(sent).unwrap()).await.unwrap();
    let status = response.status();
    if response.headers().get(header::CONTENT_TYPE).is_some_and(|of| of == "text/event-stream") {
        return (status, String::new());
    }
    let place = response.headers().get(header::LOCATION).map(|place| place.to_str().unwrap().to_owned());
    let body = to_bytes(response.into_body(), 1 << 22).await.unwrap();
    (status, String::from_utf8_lossy(&body).into_owned() + &place.unwrap_or_default())
}

async fn person(site: &Site, id: i64) -> Actor {
    Actor::Person(site.app.store.person(id).await.unwrap())
}

async fn colleague(site: &Site, name: &str, role: Role) -> (Person, Browser) {
    let hash = site.app.store.password_hash(1).await.unwrap();
    let entry = site.app.entry("operator", "person.add", "", serde_json::json!({}));
    let id = site.app.store.add_person(&format!("{name}@acme.example"), name, role, &hash, &entry).await.unwrap();
    (site.app.store.person(id).await.unwrap(), site.sign_in(name).await)
}

/// Ana and Ben alone see three incidents: one goes out, one waits for a yes, one is being written.
async fn restricted(site: &Site, ana: &Browser) {
    let (first, second) = (submitted(site, ana).await, submitted(site, ana).await);
    let store = &site.app.store;
    let broadcast = store.broadcasts_of(first).await.unwrap().pop().unwrap();
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    store.approve_broadcast(broadcast.id, &broadcast.digest, 2, broadcast.people, &entry).await.unwrap();
    let content = store.update(first).await.unwrap().content;
    let effects =
        StartEffects { status: content.status, components: Vec::new(), next_update_at: content.next_update_at };
    store.start_broadcast(broadcast.id, Some(&effects), &entry).await.unwrap();
    let record = Record {
        claim: 0,
        id: DeliveryId { broadcast: broadcast.id, channel: Channel::Email, ordinal: 0 },
        attempts: 0,
        provider: "email".to_owned(),
        at: site.app.world.clock.now(),
        verdict: Verdict::End { state: DeliveryState::Accepted, reason: None, reference: None, parts: 1 },
        attempt: None,
        referable: false,
        ends_claim: false,
        suppress: None,
        pinned: false,
    };
    store.record(&[record]).await.unwrap();
    let born = [("kind", "incident"), ("title", "Zitronenfalter"), ("restricted", "1")];
    let opened = site.send(ana, "/console/new", &born).await;
    assert_eq!((opened.status, opened.place.as_str()), (StatusCode::SEE_OTHER, "/console/incidents/3#who"));
    let named = [("action", "name"), ("shown", "1"), ("person", "1"), ("person", "2")];
    assert_eq!(site.send(ana, "/console/incidents/3/named", &named).await.status, StatusCode::SEE_OTHER);
    for update in [first, second] {
        let incident = store.update(update).await.unwrap().incident_id;
        let place = format!("/console/incidents/{incident}/named");
        let done = site.send(ana, &place, &[("action", "restrict"), ("person", "2")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    }
}

#[tokio::test]
async fn no_address_of_the_console_betrays_a_restricted_incident() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    restricted(&site, &ana).await;
    let ben = site.sign_in("ben").await;
    let (_, olga) = colleague(&site, "olga", Role::Approver).await;
    let strangers = [("vera", site.sign_in("vera").await), ("ada", site.sign_in("ada").await), ("olga", olga)];
    let before = site.app.store.audit_verify().await.unwrap().0;
    let mut told = 0;
    for (place, gets, posts) in routes() {
        let about = [
            "/incidents/{id}",
            "/updates/{id}",
            "/broadcasts/{id}",
            "/promises/{id}",
            "/deadlines/{id}",
            "/outbox/{id}",
        ];
        let about = about.iter().any(|part| place.contains(part));
        let last = if place.contains("{id}") { 3 } else { 1 };
        for id in 1..=last {
            if gets {
                let at = numbered(&place, id);
                told += usize::from(holds(&asked(&site, &ben, Request::get(&at), Body::empty()).await.1));
                for (who, browser) in &strangers {
                    // There an administrator reads numbers, and nothing else (see below).
                    if *who == "ada" && place == "/console/settings" {
                        continue;
                    }
                    let (status, text) = asked(&site, browser, Request::get(&at), Body::empty()).await;
                    assert!(!holds(&text), "{who} reads it at {at}: {text}");
                    let never = asked(&site, browser, Request::get(numbered(&place, 999)), Body::empty()).await;
                    if about {
                        assert_eq!((status, told_apart(&text)), (never.0, told_apart(&never.1)), "{who} at {at}");
                    }
                }
            }
            if posts && about {
                for (who, browser) in &strangers {
                    // An administrator may name somebody for what they do not see.
                    if *who == "ada" && place.ends_with("/named") {
                        continue;
                    }
                    let pairs = [("csrf", browser.csrf.as_str()), ("action", "discard"), ("sure", "1"), ("to", "2")];
                    let (at, never) = (numbered(&place, id), numbered(&place, 999));
                    let (status, text) = asked(&site, browser, Request::post(&at), body(&pairs)).await;
                    let never = asked(&site, browser, Request::post(&never), body(&pairs)).await;
                    assert_eq!((status, told_apart(&text)), (never.0, told_apart(&never.1)), "{who} posts to {at}");
                    // Who may name nobody is told so whatever the number is.
                    assert!(status == StatusCode::NOT_FOUND || place.ends_with("/named"), "{who} posts to {at}");
                }
            }
        }
    }
    assert!(told > 20, "those who are named see them: {told}");
    assert_eq!(site.app.store.audit_verify().await.unwrap().0, before, "nothing was done");
}

fn holds(text: &str) -> bool {
    CANARIES.iter().any(|canary| text.contains(canary))
        || ["incidents", "updates", "broadcasts"].iter().any(|noun| text.contains(&format!("/console/{noun}/")))
}

/// A page without the time that it was made at.
fn told_apart(text: &str) -> String {
    match text.split_once("<meta name=\"now\" content=\"") {
        Some((before, after)) => format!("{before}{}", after.split_once('"').map_or("", |(_, rest)| rest)),
        None => text.to_owned(),
    }
}

#[tokio::test]
async fn who_sees_it_is_chosen_by_those_who_do_and_nobody_is_locked_out() {
    let site = Site::new().await;
    let (ana, ben, vera) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("vera").await);
    let born = [("kind", "incident"), ("title", "Zitronenfalter"), ("restricted", "1")];
    assert_eq!(site.send(&ana, "/console/new", &born).await.place, "/console/incidents/1#who");
    let (page, named) = ("/console/incidents/1", "/console/incidents/1/named");
    assert!(site.get(Some(&ana), page).await.text.contains("it takes a second person who approves"));
    assert_eq!(site.get(Some(&ben), page).await.status, StatusCode::NOT_FOUND);

    // Whoever is not there is not named, and nobody takes the last writer away.
    let nobody = site.send(&ana, named, &[("action", "name"), ("shown", "1"), ("person", "1"), ("person", "77")]).await;
    assert!(
        nobody.status == StatusCode::UNPROCESSABLE_ENTITY && nobody.text.contains("nobody who has access is number 77")
    );
    let alone = site.send(&ana, named, &[("action", "name"), ("shown", "1"), ("person", "3")]).await;
    assert!(
        alone.status == StatusCode::CONFLICT && alone.text.contains("nobody who writes would be left"),
        "{}",
        alone.text
    );
    assert_eq!(site.get(Some(&vera), page).await.status, StatusCode::NOT_FOUND, "nothing was changed");

    let both = [("action", "name"), ("shown", "1"), ("person", "1"), ("person", "2")];
    assert_eq!(site.send(&ana, named, &both).await.status, StatusCode::SEE_OTHER);
    let text = site.get(Some(&ben), page).await.text;
    assert!(text.contains("Zitronenfalter") && text.contains("named by ana") && !text.contains("a second person who"));
    // A page that knew of Ana alone says nothing about Ben.
    let late = [("action", "name"), ("shown", "1"), ("person", "1"), ("person", "3")];
    assert_eq!(site.send(&ana, named, &late).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get(Some(&ben), page).await.status, StatusCode::OK);
    assert_eq!(site.send(&vera, named, &both).await.status, StatusCode::FORBIDDEN, "who reads names nobody");
    // Showing it to everybody takes an approver.
    assert_eq!(site.send(&ana, named, &[("action", "open")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ben, named, &[("action", "open")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get(Some(&site.sign_in("ada").await), page).await.status, StatusCode::OK);
    let audit = site.app.store.audit_of("incident:1").await.unwrap();
    let actions: Vec<&str> = audit.iter().map(|(_, action)| action.as_str()).collect();
    assert_eq!(actions, ["incident.open", "incident.name", "incident.name", "incident.unrestrict"]);
}

#[tokio::test]
async fn an_administrator_names_somebody_without_seeing_it_and_that_is_read() {
    let site = Site::new().await;
    let (ana, ben, ada) = (site.sign_in("ana").await, site.sign_in("ben").await, site.sign_in("ada").await);
    let born = [("kind", "incident"), ("title", "Zitronenfalter"), ("restricted", "1")];
    site.send(&ana, "/console/new", &born).await;
    let settings = site.get(Some(&ada), "/console/settings").await.text;
    assert!(
        settings.contains("<b>Number 1</b>") && settings.contains("1 person sees it") && !settings.contains("Zitronen")
    );
    assert!(!site.get(Some(&ben), "/console/settings").await.text.contains("Number 1"));
    let (named, name) = ("/console/incidents/1/named", [("action", "name_unseen"), ("person", "2")]);
    assert_eq!(site.send(&ben, named, &name).await.status, StatusCode::NOT_FOUND);
    let removes = [("action", "name"), ("shown", "1"), ("person", "4")];
    assert_eq!(site.send(&ada, named, &removes).await.status, StatusCode::NOT_FOUND, "they take nobody away");
    assert_eq!(site.send(&ada, named, &[("action", "open")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.send(&ada, named, &name).await.place, "/console/settings#hidden");
    assert_eq!(site.get(Some(&ada), "/console/incidents/1").await.status, StatusCode::NOT_FOUND);
    assert!(site.get(Some(&ben), "/console/incidents/1").await.text.contains("named by ada"));
    let audit = site.app.store.audit_of("incident:1").await.unwrap();
    assert_eq!(audit.last().unwrap(), &("person:4".to_owned(), "incident.name_unseen".to_owned()));
}

#[tokio::test]
async fn nobody_is_called_asked_to_sign_or_given_a_promise_who_may_not_see_it() {
    let legal = crate::config::SignOff { name: "legal".to_owned(), kinds: Vec::new(), severities: Vec::new() };
    let site = Site::with(|config| config.approval.sign_off = vec![legal]).await;
    let ana = site.sign_in("ana").await;
    let (olga, _) = colleague(&site, "olga", Role::Approver).await;
    let (now, entry) = (site.app.world.clock.now(), site.app.entry("operator", "test", "", serde_json::json!({})));
    let change = crate::store::people::Change { signs: Some(&["legal".to_owned()]), ..Default::default() };
    site.app.store.change_person(olga.id, &change, &entry).await.unwrap();
    for person in [2, olga.id] {
        let turn = crate::store::duty::Duty {
            id: 0,
            person_id: person,
            place: 1,
            from_at: now - jiff::SignedDuration::from_hours(1),
            until_at: now + jiff::SignedDuration::from_hours(1),
        };
        site.app.store.add_duty(&turn, &entry).await.unwrap();
    }
    let update = submitted(&site, &ana).await;
    let restrict = Change { restricted: Some(true), add: vec![2], remove: Vec::new() };
    restrict::change(&site.app, &person(&site, 1).await, 1, &restrict).await.unwrap();
    summon::tick(&site.app, now).await.unwrap();
    let broadcast = crate::approve::decide::waiting(&site.app, update).await.unwrap();
    let calls = site.app.store.summons_of(broadcast.id).await.unwrap();
    assert!(!calls.is_empty() && calls.iter().all(|call| call.person_id == 2), "{calls:?}");
    let required = crate::approve::sign::required(&site.app, &broadcast).await.unwrap();
    assert!(required[0].people.is_empty(), "who holds it does not see it");
    let circle = restrict::read(&site.app, &person(&site, 1).await, 1).await.unwrap();
    assert_eq!(circle.missing.sign_offs, ["legal"]);
    assert!(!circle.missing.on_duty && !circle.missing.second_person, "{:?}", circle.missing);
    // Who was to be called and is no longer named is passed over.
    let away = Change { remove: vec![2], add: vec![olga.id], ..Change::default() };
    restrict::change(&site.app, &person(&site, 1).await, 1, &away).await.unwrap();
    summon::tick(&site.app, now + jiff::SignedDuration::from_mins(30)).await.unwrap();
    let later = site.app.store.summons_of(broadcast.id).await.unwrap();
    assert!(later.iter().filter(|call| call.sent_at > calls[0].sent_at).all(|call| call.failed), "{later:?}");
}

#[tokio::test]
async fn customer_ids_of_a_list_are_not_for_readers() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    with_audience(&site).await;
    let place = open(&site, &ana, "Card payments fail").await;
    let list = format!("{place}/list");
    site.send(&ana, &list, &[("action", "give"), ("ids", "c-1\nc-secret")]).await;
    for file in ["found.txt", "not-found.txt"] {
        assert_eq!(site.get(Some(&vera), &format!("{list}/{file}")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(site.get(Some(&ana), &format!("{list}/{file}")).await.status, StatusCode::OK);
    }
    let page = site.get(Some(&vera), &list).await.text;
    assert!(page.contains("1 customers found") && !page.contains("c-secret"), "{page}");
}

#[tokio::test]
async fn what_stands_before_a_file_is_bounded() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let long = "x".repeat(3 << 20);
    for field in ["csrf", "replace"] {
        let part = |name: &str, text: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        let sent =
            part("csrf", if field == "csrf" { &long } else { &ana.csrf }) + &part("replace", &long) + "--b--\r\n";
        let request = Request::post("/console/people/import")
            .header(header::COOKIE, &ana.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        let page = site.ask(request.body(Body::from(sent)).unwrap()).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{field}: {}", page.text);
    }
}

#[tokio::test]
async fn what_is_restricted_leaves_the_public_page_and_comes_back_with_it() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let update = submitted(&site, &ana).await;
    let broadcast = super::going_out::started(&site, update).await;
    let record = Record {
        claim: 0,
        id: DeliveryId { broadcast, channel: Channel::StatusPage, ordinal: 0 },
        attempts: 0,
        provider: "status-page".to_owned(),
        at: site.app.world.clock.now(),
        verdict: Verdict::End { state: DeliveryState::Delivered, reason: None, reference: None, parts: 1 },
        attempt: None,
        referable: false,
        ends_claim: false,
        suppress: None,
        pinned: false,
    };
    site.app.store.record(&[record]).await.unwrap();
    let mut events = site.app.engine.listen();
    let shown = async || site.app.store.shown(Channel::StatusPage, site.app.world.clock.now()).await.unwrap().len();
    assert_eq!(shown().await, 1);
    for (action, left) in [("restrict", 0), ("open", 1)] {
        let pairs = [("action", action), ("person", "1")];
        let done = site.send(&ben, "/console/incidents/1/named", &pairs).await;
        assert_eq!((done.status, shown().await), (StatusCode::SEE_OTHER, left), "{}", done.text);
        let told =
            std::iter::from_fn(|| events.try_recv().ok()).any(|event| matches!(event, crate::send::Event::Public));
        assert!(told, "the page is published anew after {action}");
    }
}
