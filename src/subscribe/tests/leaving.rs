//! What becomes of a subscription: changed, left, erased, and what an import or a new name does to it.

use super::*;

#[tokio::test]
async fn somebody_changes_and_leaves_by_their_own_link_and_may_come_back() {
    let site = Site::new().await;
    let own = site.subscribed(ANA, &["2"]).await;
    let page = site.get(&own).await;
    assert!(page.text.contains("a•••@acme.example") && !page.text.contains(ANA), "{}", page.text);
    let ticked: Vec<bool> =
        ["1", "2", "3"].map(|id| page.text.contains(&format!("name=\"component\" value=\"{id}\" checked"))).to_vec();
    assert_eq!(ticked, [false, true, false]);
    let page = site.post(&own, &[("component", "1"), ("component", "2")]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Saved."));
    assert_eq!(site.subscriber(ANA).await.unwrap().recipient.components, ["Payments", "Cards"]);
    let page = site.post(&own, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Tick at least one"));
    site.post(&own, &[("component", "1"), ("component", "2"), ("component", "3")]).await;
    let known = site.subscriber(ANA).await.unwrap();
    assert_eq!(known.recipient.components, ["*"], "all of them, those that come later too");
    assert!(known.consent.is_some(), "a change keeps what they agreed to");

    let mut forged = own.clone();
    forged.replace_range(forged.len() - 1.., if own.ends_with('0') { "1" } else { "0" });
    assert_eq!(site.post(&forged, &[("action", "leave")]).await.status, StatusCode::NOT_FOUND);
    let page = site.post(&own, &[("action", "leave")]).await;
    assert!(page.text.contains("You have left"), "{}", page.text);
    assert!(site.subscriber(ANA).await.is_none());
    assert_eq!(site.reasons(ANA).await, ["opted_out"]);
    assert_eq!(site.get(&own).await.status, StatusCode::NOT_FOUND);

    site.later(24 * HOUR);
    let own = site.subscribed(ANA, &[]).await;
    assert!(site.reasons(ANA).await.is_empty(), "whoever confirms takes back that they left");
    // What a mail program posts for one click (RFC 8058).
    site.post_from("none", &own, &[("List-Unsubscribe", "One-Click")]).await;
    assert!(site.subscriber(ANA).await.is_none());
}

#[tokio::test]
async fn every_other_way_to_opt_out_ends_the_subscription_too() {
    let site = Site::new().await;
    site.subscribed(ANA, &[]).await;
    site.asks("pending@acme.example").await;
    let pending = link(&site.sent("pending@acme.example").await[0].said.text);
    for address in [ANA, "pending@acme.example"] {
        site.suppress(address, "opted_out").await;
    }
    assert!(site.subscriber(ANA).await.is_none());
    assert_eq!(site.post(&pending, &[]).await.status, StatusCode::NOT_FOUND, "what was begun is ended too");
    // By STOP, in the transaction that keeps it.
    site.asks(PHONE).await;
    let text = site.sent(PHONE).await[0].said.text.clone();
    let code = text.split_whitespace().find(|word| word.parse::<u32>().is_ok()).unwrap();
    site.post("/subscribe/code", &[("to", PHONE), ("code", code)]).await;
    assert!(site.subscriber(PHONE).await.is_some());
    let reply = onevoice_channels::contract::Reply {
        id: None,
        from: PHONE.to_owned(),
        to: "12345".to_owned(),
        text: "Stop".to_owned(),
        at: None,
    };
    crate::track::replies::keep(&site.app, "sms", &reply).await.unwrap();
    assert!(site.subscriber(PHONE).await.is_none());
    assert_eq!(site.reasons(PHONE).await, ["opted_out"]);
    // What is no wish of theirs leaves it.
    site.subscribed("ben@acme.example", &[]).await;
    site.suppress("ben@acme.example", "mailbox_full").await;
    assert!(site.subscriber("ben@acme.example").await.is_some());
}

#[tokio::test]
async fn an_import_leaves_subscribers_as_they_are_and_cannot_take_their_names() {
    let site = Site::new().await;
    site.subscribed(ANA, &["1"]).await;
    let before = site.subscriber(ANA).await.unwrap();
    let import = site.app.store.begin_import("test", site.clock.now()).await.unwrap();
    site.app.store.put_recipients(&[customer("c-1", ANA)], import, site.clock.now()).await.unwrap();
    let removed = site.app.store.end_import(import, 1, 0, true, &site.entry()).await.unwrap();
    assert_eq!(removed, 0);
    assert_eq!(site.subscriber(ANA).await.unwrap(), before);
    let fault = crate::audience::recipient::normalise(customer(&before.recipient.customer_id, ANA), None).unwrap_err();
    assert_eq!(fault.pointer, "/customer_id");
    assert!(fault.detail.contains("subscribed by themselves"), "{}", fault.detail);
}

#[tokio::test]
async fn who_is_erased_as_a_customer_is_erased_as_a_subscriber() {
    let site = Site::new().await;
    site.subscribed(ANA, &["1"]).await;
    site.subscribed("ben@acme.example", &["1"]).await;
    site.app.store.put_recipients(&[customer("c-1", ANA)], 0, site.clock.now()).await.unwrap();
    site.app.store.delete_recipients(&["c-1".to_owned()], &site.entry()).await.unwrap();
    assert!(site.subscriber(ANA).await.is_none() && site.sent(ANA).await.is_empty());
    assert!(site.subscriber("ben@acme.example").await.is_some());
    let ben = site.subscriber("ben@acme.example").await.unwrap().recipient.customer_id;
    site.app.store.put_recipients(&[customer("c-2", "ben@acme.example")], 0, site.clock.now()).await.unwrap();
    site.app.store.delete_recipients(&[ben], &site.entry()).await.unwrap();
    assert!(site.subscriber("ben@acme.example").await.is_none());
    assert!(site.app.store.recipient("c-2").await.is_ok(), "who only subscribed no more stays a customer");
}

#[tokio::test]
async fn a_component_with_another_name_keeps_its_subscribers() {
    let site = Site::new().await;
    site.subscribed(ANA, &["1", "2"]).await;
    let mut listed = customer("c-1", "list@acme.example");
    listed.components = vec!["Payments".to_owned()];
    site.app.store.put_recipients(&[listed], 0, site.clock.now()).await.unwrap();
    site.component(1, "Payments and refunds", 0).await;
    assert_eq!(site.subscriber(ANA).await.unwrap().recipient.components, ["Payments and refunds", "Cards"]);
    let listed = site.app.store.recipient("c-1").await.unwrap().recipient.components;
    assert_eq!(listed, ["Payments"], "names in an import are the import's");
}
