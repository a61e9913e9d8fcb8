//! Going out and stopping: what is decided there, and by whom.

use onevoice_channels::contract::{Channel, DeliveryId};

use super::*;
use crate::{
    approve::State,
    store::deliveries::{Record, Verdict},
    track::DeliveryState,
};

/// An update that goes out; none of it was sent yet. Nothing carries it out here.
async fn running(site: &Site, author: &Browser) -> i64 {
    let update = submitted(site, author).await;
    started(site, update).await
}

/// The same, with a promise to customers that is due in twelve minutes.
pub(super) async fn running_with_promise(site: &Site, author: &Browser) -> i64 {
    let update = submitted(site, author).await;
    let effects = crate::store::broadcasts::StartEffects {
        status: crate::compose::status::Status::Investigating,
        components: Vec::new(),
        next_update_at: Some(site.app.world.clock.now() + jiff::SignedDuration::from_mins(12)),
    };
    begun(site, update, Some(&effects)).await
}

pub(super) async fn started(site: &Site, update: i64) -> i64 {
    begun(site, update, None).await
}

async fn begun(site: &Site, update: i64, effects: Option<&crate::store::broadcasts::StartEffects>) -> i64 {
    let store = &site.app.store;
    let broadcast = store.broadcasts_of(update).await.unwrap().pop().unwrap();
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    store.approve_broadcast(broadcast.id, &broadcast.digest, 2, broadcast.people, &entry).await.unwrap();
    store.start_broadcast(broadcast.id, effects, &entry).await.unwrap();
    broadcast.id
}

async fn outcome(site: &Site, broadcast: i64, state: DeliveryState) {
    let record = Record {
        claim: 0,
        id: DeliveryId { broadcast, channel: Channel::Email, ordinal: 0 },
        attempts: 0,
        provider: "mails".to_owned(),
        at: site.app.world.clock.now(),
        verdict: Verdict::End { state, reason: None, reference: None, parts: 1 },
        attempt: None,
        referable: false,
        ends_claim: false,
        suppress: None,
        pinned: false,
    };
    site.app.store.record(&[record]).await.unwrap();
}

#[tokio::test]
async fn what_may_have_arrived_waits_for_a_decision_and_no_longer_once_it_was_left() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let id = running(&site, &ana).await;
    outcome(&site, id, DeliveryState::InDoubt).await;
    let place = format!("/console/broadcasts/{id}");
    let page = site.get(Some(&ana), &place).await;
    assert!(page.text.contains("need a decision: <a href=\"#wrong\">see them</a>"), "{}", page.text);
    assert!(page.text.contains("Send again (some may get it twice)") && page.text.contains("value=\"leave\""));
    let leave = [("action", "leave"), ("channel", "email")];
    assert_eq!(site.send(&vera, &place, &leave).await.status, StatusCode::FORBIDDEN);
    assert!(!site.get(Some(&vera), &place).await.text.contains("value=\"leave\""));
    assert_eq!(site.send(&ana, &place, &leave).await.status, StatusCode::SEE_OTHER);
    let page = site.get(Some(&ana), &place).await;
    assert!(page.text.contains("left as it is") && !page.text.contains("see them"), "{}", page.text);
    assert!(page.text.contains("Send again (some may get it twice)"), "the choice stays");
    let again = site.send(&ana, &place, &leave).await;
    assert!(again.status == StatusCode::CONFLICT && again.text.contains("decided already"), "{}", again.text);
    let audit = site.app.store.audit_of(&format!("broadcast:{id}")).await.unwrap();
    assert!(audit.contains(&("person:1".to_owned(), "broadcast.leave_in_doubt".to_owned())), "{audit:?}");
}

#[tokio::test]
async fn the_curve_has_a_table_beside_it_and_its_drawing_no_style() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let recipients: Vec<crate::store::recipients::Recipient> = (2..5)
        .map(|n| serde_json::from_value(serde_json::json!({ "customer_id": format!("c-{n}"), "addresses": [{ "channel": "email", "value": format!("c{n}@example.org") }] })).unwrap())
        .collect();
    site.app.store.put_recipients(&recipients, 1, site.app.world.clock.now()).await.unwrap();
    let id = running(&site, &ana).await;
    outcome(&site, id, DeliveryState::Accepted).await;
    let page = site.get(Some(&ana), &format!("/console/broadcasts/{id}/progress")).await;
    for part in ["<svg class=\"chart\"", "Email: 1 of 4 handed over", "The same as a table", "class=\"line forecast\""]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[tokio::test]
async fn a_correction_is_asked_about_with_whom_it_reaches_and_how_long_it_takes() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let id = running(&site, &ana).await;
    outcome(&site, id, DeliveryState::Accepted).await;
    let page = site.send(&ana, &format!("/console/broadcasts/{id}"), &[("action", "correct")]).await;
    assert!(page.text.contains("goes to 1 who have the text") && page.text.contains("the last one has it after about"));
    assert_eq!(site.app.store.broadcast(id).await.unwrap().state, State::Running, "nothing happened yet");
}

#[tokio::test]
async fn after_a_stop_each_button_starts_what_it_says_and_nothing_else() {
    let site = Site::new().await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let first = running(&site, &ana).await;
    let second = running(&site, &ana).await;
    let third = running(&site, &ana).await;
    site.send(&ana, "/console/stop", &[]).await;
    let states = async || {
        let mut states = Vec::new();
        for id in [first, second, third] {
            states.push(site.app.store.broadcast(id).await.unwrap().state);
        }
        states
    };
    assert_eq!(states().await, [State::Paused; 3]);
    let page = site.get(Some(&ana), "/console/stop").await;
    assert!(page.text.contains("Send on this one, to") && page.text.contains("Start everything again: all 3"));
    assert!(!site.get(Some(&vera), "/console/stop").await.text.contains("/console/start"));

    let one = format!("one:{second}");
    let why = "The text is right after all";
    let refused = site.send(&vera, "/console/start", &[("action", &one), ("reason", why)]).await;
    assert_eq!((refused.status, states().await[1]), (StatusCode::FORBIDDEN, State::Paused));
    let unsaid = site.send(&ana, "/console/start", &[("action", &one), ("reason", " ")]).await;
    assert!(unsaid.status == StatusCode::UNPROCESSABLE_ENTITY && unsaid.text.contains("say why it is right"));
    let alone = site.send(&ana, "/console/start", &[("action", &one), ("reason", why)]).await;
    assert_eq!(alone.place, format!("/console/broadcasts/{second}"));
    assert_eq!(states().await, [State::Paused, State::Running, State::Paused]);

    site.send(&ana, "/console/stop", &[]).await;
    let (one, two, three) = (first.to_string(), second.to_string(), third.to_string());
    let all = [("action", "all"), ("reason", why), ("stopped", &*one), ("stopped", &*two), ("stopped", &*three)];
    // Somebody took one down meanwhile: nothing starts before the list was read again, and the reason stays typed.
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    site.app.store.step_broadcast(third, State::Retracted, &entry).await.unwrap();
    let stale = site.send(&ana, "/console/start", &all).await;
    assert!(stale.status == StatusCode::CONFLICT && stale.text.contains(why), "{}", stale.text);
    assert_eq!(states().await, [State::Paused, State::Paused, State::Retracted]);
    assert_eq!(site.send(&ana, "/console/start", &all[..4]).await.place, "/console");
    assert_eq!(states().await, [State::Running, State::Running, State::Retracted]);
}

#[tokio::test]
async fn pages_that_are_open_are_told_that_everything_was_stopped() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let page = site.get(Some(&ana), "/console/people").await;
    assert!(
        page.text.contains("data-parts-events=\"/console/held/events\"") && page.text.contains("data-part=\"stop\"")
    );
    let mut events = site.app.engine.listen();
    site.send(&ana, "/console/stop", &[]).await;
    assert_eq!(events.recv().await.unwrap(), crate::send::Event::Desk);
    let parts = site.get(Some(&ana), "/console/held").await;
    assert!(parts.text.contains("role=\"alert\"") && parts.text.contains("Stopped: start again"), "{}", parts.text);
    assert!(site.get(None, "/console/held").await.status == StatusCode::SEE_OTHER);
}
