//! What people wrote back, at the desk.

use onevoice_channels::contract;

use super::*;
use crate::{people::Actor, store::recipients::Recipient, track};

/// Somebody with this number writes.
async fn writes(site: &Site, from: &str, text: &str) {
    let reply =
        contract::Reply { id: None, from: from.to_owned(), to: "12345".to_owned(), text: text.to_owned(), at: None };
    track::replies::keep(&site.app, "sms", &reply).await.unwrap();
}

#[tokio::test]
async fn what_nobody_saw_to_stands_first_until_somebody_did() {
    let site = Site::with(|config| config.replies.forward_to = Some("help@acme.example".to_owned())).await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let empty = site.get(Some(&ana), "/console/replies").await;
    assert!(empty.text.contains("Nobody has written back yet"), "{}", empty.text);
    let maria: Recipient = serde_json::from_value(serde_json::json!({
        "customer_id": "c-1", "name": "Maria Jensen", "locale": "en",
        "addresses": [{ "channel": "sms", "value": "+447700900001" }], "attributes": {}, "tags": [], "components": [],
    }))
    .unwrap();
    site.app.store.put_recipients(&[maria], 1, site.app.world.clock.now()).await.unwrap();
    writes(&site, "+447700900001", "Is <b>my money</b> gone?\nPlease call").await;
    writes(&site, "+447700900002", "STOP").await;
    let page = site.get(Some(&ana), "/console/replies").await;
    for part in [
        "1 to see to",
        "href=\"/console/people/1\"",
        "Maria Jensen",
        "Is &lt;b&gt;my money&lt;/b&gt; gone?\nPlease call",
        "On its way to help@acme.example.",
        "They asked for no more messages, and get none.",
        "had got no message of ours",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let seen = site.get(Some(&vera), "/console/replies").await;
    assert!(seen.text.contains("my money") && !seen.text.contains("value=\"handled\""), "who reads decides nothing");
    let handled = [("action", "handled")];
    assert_eq!(site.send(&vera, "/console/replies/1", &handled).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ana, "/console/replies/9", &handled).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.send(&ana, "/console/replies/1", &[("action", "eat")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.send(&ana, "/console/replies/1", &handled).await.place, "/console/replies");
    let page = site.get(Some(&ana), "/console/replies").await;
    assert!(page.text.contains("Nothing to see to") && page.text.contains("Seen to by ana, "), "{}", page.text);
    site.send(&ana, "/console/replies/1", &[("action", "open")]).await;
    assert!(site.get(Some(&ana), "/console/replies").await.text.contains("1 to see to"));
    let audit: Vec<String> =
        site.app.store.audit_of("reply:1").await.unwrap().into_iter().map(|(_, action)| action).collect();
    assert_eq!(audit, ["reply.handle", "reply.open"]);
}

#[tokio::test]
async fn a_person_sees_to_replies_and_no_program() {
    let site = Site::new().await;
    writes(&site, "+447700900001", "hello").await;
    assert_eq!(track::inbox::handle(&site.app, &Actor::Operator, 1, true).await.unwrap_err().status, 403);
}

#[tokio::test]
async fn replies_are_forgotten_after_their_days() {
    let site = Site::with(|config| config.replies.forget_after_days = 2).await;
    writes(&site, "+447700900001", "hello").await;
    track::inbox::forget(&site.app).await.unwrap();
    assert_eq!(site.app.store.replies(None, 0, 10).await.unwrap().len(), 1);
    let clock = Arc::new(Still(site.app.world.clock.now() + jiff::SignedDuration::from_hours(49)));
    let world = World { clock, ..site.app.world.clone() };
    let later = App::build((*site.app.config).clone(), site.app.store.clone(), world).unwrap();
    track::inbox::forget(&later).await.unwrap();
    assert!(site.app.store.replies(None, 0, 10).await.unwrap().is_empty());
}
