//! Programs that are told, at the desk.

use onevoice_channels::secret::Secret;

use super::*;
use crate::{compose::status::Kind, config::webhooks::Endpoint, store::webhooks::Fate, webhooks::event::TYPES};

async fn site() -> Site {
    Site::with(|config| {
        config.webhooks.endpoint = vec![Endpoint {
            name: "tickets".to_owned(),
            url: Secret::new("https://hooks.example/hunter2hunter2"),
            secrets: vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
            events: Vec::new(),
            exercises: false,
            restricted: false,
            allow_networks: Vec::new(),
            timeout_seconds: 15,
            allow_cleartext: false,
        }];
    })
    .await
}

#[tokio::test]
async fn an_endpoint_that_was_switched_off_is_seen_and_switched_on_by_an_administrator() {
    let site = site().await;
    let (store, now) = (&site.app.store, site.app.world.clock.steady());
    let (vera, ada) = (site.sign_in("vera").await, site.sign_in("ada").await);
    store.put_endpoints(&["tickets"]).await.unwrap();
    let entry = site.app.entry("test", "test", "", serde_json::json!({}));
    store.add_incident(Kind::Incident, "t", false, false, None, &entry).await.unwrap();
    let wanted = crate::store::webhooks::Wanted {
        endpoint: "tickets",
        types: TYPES.to_vec(),
        exercises: false,
        restricted: false,
    };
    store.give_events(&wanted, now).await.unwrap();
    let page = site.get(Some(&vera), "/console/webhooks").await;
    for part in ["tickets", "Is told everything", "Has taken none yet · 1 waits", "incident.opened"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("hunter2") && !page.text.contains("value=\"test\""), "who reads decides nothing");
    assert!(!site.get(Some(&vera), "/console").await.text.contains("is told nothing any more"));

    let due = store.due_event(&wanted, now).await.unwrap().unwrap();
    let gone = Fate::Again {
        due_at: None,
        trouble: "the receiver answered 410".to_owned(),
        not_before: None,
        disable: Some("gone"),
    };
    store.event_tried("tickets", due.event.number, &gone, now, &entry).await.unwrap();
    assert!(site.get(Some(&vera), "/console").await.text.contains("is told nothing any more"));
    let page = site.get(Some(&ada), "/console/webhooks").await;
    for part in ["because it answered that it is gone", "the receiver answered 410", "value=\"enable\""] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let form = |action| [("name", "tickets"), ("action", action)];
    assert_eq!(site.send(&vera, "/console/webhooks", &form("enable")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ada, "/console/webhooks", &form("test")).await.status, StatusCode::CONFLICT);
    assert_eq!(site.send(&ada, "/console/webhooks", &form("enable")).await.place, "/console/webhooks#to-tickets");
    assert_eq!(site.send(&ada, "/console/webhooks", &form("test")).await.place, "/console/webhooks#to-tickets");
    assert!(site.get(Some(&ada), "/console/webhooks").await.text.contains("webhook.test"));
    let again = [("name", "tickets"), ("action", "again"), ("event", "evt_1_1")];
    assert_eq!(site.send(&ada, "/console/webhooks", &again).await.status, StatusCode::NOT_FOUND);
}
