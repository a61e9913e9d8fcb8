//! Sending again, and nothing but what was asked for: over the API, into the store, out of it again.

use std::collections::BTreeMap;

use onevoice_channels::contract::{Channel, DeliveryId, Reason};
use serde_json::{Value, json};

use super::{Answer, Api, PASSWORD};
use crate::{
    store::deliveries::{Claimed, Record, Verdict},
    track::DeliveryState,
};

/// The number of a broadcast whose every mail was answered: the first by a refusal, the second by nothing at all, the
/// rest by a yes. Texts all arrived. It ended.
async fn ended(api: &Api) -> (i64, String, String) {
    let (update, digest, people) = api.submitted("author").await;
    let yes = json!({ "digest": digest, "recipients": people, "password": PASSWORD });
    let approved = api.post("approver", &format!("/updates/{update}/approve"), yes).await;
    let id = approved.json["id"].as_i64().unwrap_or_else(|| panic!("{}", approved.text));
    let at = api.app.world.clock.now();
    api.app.store.start_broadcast(id, None, &api.app.entry("test", "test", "test", json!({}))).await.unwrap();
    let mut names = Vec::new();
    for (channel, provider) in senders(api) {
        while let Some(claim) = api.app.store.claim(channel, &provider, false, false, 500, at).await.unwrap() {
            let answers = |item: &Claimed| match (channel, item.id.ordinal) {
                (Channel::Email, 0) => (DeliveryState::Failed, Some(Reason::MailboxFull)),
                (Channel::Email, 1) => (DeliveryState::InDoubt, None),
                _ => (DeliveryState::Accepted, None),
            };
            names.extend(
                claim.items.iter().take(2).filter(|_| channel == Channel::Email).map(|item| item.address.clone()),
            );
            answer(api, &claim.items, answers).await;
        }
    }
    api.app.engine.close_if_done(id).await;
    (id, names[0].clone(), names[1].clone())
}

async fn answer(api: &Api, items: &[Claimed], answer: impl Fn(&Claimed) -> (DeliveryState, Option<Reason>)) {
    let at = api.app.world.clock.now();
    let told = |(place, item): (usize, &Claimed)| {
        let (state, reason) = answer(item);
        Record {
            claim: item.claim,
            id: item.id,
            attempts: item.attempts,
            provider: "test".to_owned(),
            at,
            verdict: Verdict::End { state, reason, reference: None, parts: 1 },
            attempt: None,
            referable: false,
            ends_claim: items[place + 1..].iter().all(|other| other.claim != item.claim),
            suppress: None,
            pinned: false,
        }
    };
    let records: Vec<Record> = items.iter().enumerate().map(told).collect();
    api.app.store.record(&records).await.unwrap();
}

async fn outcomes(api: &Api, id: i64) -> BTreeMap<String, i64> {
    let answer = api.get("viewer", &format!("/broadcasts/{id}")).await;
    serde_json::from_value(answer.json["progress"]["outcomes"].clone()).unwrap_or_else(|_| panic!("{}", answer.text))
}

async fn ask(api: &Api, who: &str, id: i64, body: Value) -> Answer {
    api.post(who, &format!("/broadcasts/{id}/retry"), body).await
}

/// Who asks for deliveries: any provider of a personal channel, and each account for its own.
fn senders(api: &Api) -> Vec<(Channel, String)> {
    let of_channel = |channel: &Channel| {
        let names = if channel.is_personal() { vec!["test".to_owned()] } else { api.app.outlets(*channel) };
        names.into_iter().map(|name| (*channel, name)).collect::<Vec<_>>()
    };
    Channel::ALL.iter().flat_map(of_channel).collect()
}

/// What a connection may send now, all of it.
async fn handed_out(api: &Api) -> Vec<Claimed> {
    let at = api.app.world.clock.now();
    let mut items = Vec::new();
    while let Some(claim) = api.app.store.claim(Channel::Email, "test", false, false, 500, at).await.unwrap() {
        items.extend(claim.items);
    }
    items
}

#[tokio::test]
async fn only_what_failed_is_sent_again_and_only_once_and_the_sums_are_right() {
    let api = Api::new().await;
    let (id, failed, in_doubt) = ended(&api).await;
    let total: i64 = outcomes(&api, id).await.values().sum();
    assert_eq!(api.get("viewer", &format!("/broadcasts/{id}")).await.json["state"], "partial");
    assert_eq!(ask(&api, "viewer", id, json!({})).await.status, 403);
    assert_eq!(ask(&api, "author", id, json!({ "channel": "sms" })).await.status, 409, "no text failed");

    assert_eq!(ask(&api, "author", id, json!({})).await.json["deliveries"], 1);
    let twice = ask(&api, "author", id, json!({})).await;
    assert_eq!(twice.status, 409, "asking twice sends once: {}", twice.text);
    let items = handed_out(&api).await;
    assert_eq!(items.iter().map(|item| item.address.as_str()).collect::<Vec<_>>(), [failed.as_str()]);
    answer(&api, &items, |_| (DeliveryState::Accepted, None)).await;
    api.app.engine.close_if_done(id).await;
    let after = outcomes(&api, id).await;
    assert_eq!((after.get("failed").copied().unwrap_or(0), after["in_doubt"], after.values().sum()), (0, 1, total));
    assert_eq!(api.get("viewer", &format!("/broadcasts/{id}")).await.json["state"], "partial", "one is in doubt still");

    // What is in doubt waits for a person, and goes when they say so.
    let again = ask(&api, "author", id, json!({ "in_doubt": true, "channel": "email" })).await;
    assert_eq!(again.json["deliveries"], 1, "{}", again.text);
    assert_eq!(ask(&api, "author", id, json!({ "in_doubt": true })).await.status, 409);
    let items = handed_out(&api).await;
    assert_eq!(items.iter().map(|item| item.address.as_str()).collect::<Vec<_>>(), [in_doubt.as_str()]);
    let other: DeliveryId = items[0].id;
    answer(&api, &items, |_| (DeliveryState::Accepted, None)).await;
    api.app.engine.close_if_done(id).await;
    let read = api.get("viewer", &format!("/broadcasts/{id}")).await;
    assert_eq!((read.json["state"].as_str(), outcomes(&api, id).await.values().sum()), (Some("completed"), total));

    // Who decided is on record, and the delivery says that somebody did.
    let lines = api.app.store.audit_of(&format!("broadcast:{id}")).await.unwrap();
    let sent_again: Vec<(&str, &str)> = lines
        .iter()
        .filter(|(_, action)| action.starts_with("broadcast.re"))
        .map(|(actor, action)| (actor.as_str(), action.as_str()))
        .collect();
    assert_eq!(
        sent_again.iter().map(|(_, action)| *action).collect::<Vec<_>>(),
        ["broadcast.retry", "broadcast.resend_in_doubt"]
    );
    assert!(sent_again.iter().all(|(actor, _)| actor.starts_with("person:")), "{sent_again:?}");
    let words: Vec<String> =
        api.app.store.attempts(other).await.unwrap().into_iter().map(|attempt| attempt.word).collect();
    assert_eq!(words, ["again"]);
}

#[tokio::test]
async fn nothing_is_sent_again_or_goes_on_while_everything_is_stopped() {
    let api = Api::new().await;
    let (id, _, _) = ended(&api).await;
    assert_eq!(api.post("author", "/stop", json!({})).await.status, 200);
    for (path, body) in [("retry", json!({})), ("retry", json!({ "in_doubt": true })), ("resume", json!({}))] {
        let refused = api.post("author", &format!("/broadcasts/{id}/{path}"), body).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        assert!(refused.json["detail"].as_str().unwrap().contains("start again"), "{}", refused.text);
    }
    assert!(handed_out(&api).await.is_empty());
    assert_eq!(api.post("author", "/start", json!({ "reason": "a false alarm" })).await.status, 204);
    assert_eq!(ask(&api, "author", id, json!({})).await.json["deliveries"], 1);
    assert_eq!(handed_out(&api).await.len(), 1);
}
