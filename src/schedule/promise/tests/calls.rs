//! Who is called when: before a promise falls due, when it changes hands, and about other deadlines.

use super::*;
use crate::{
    schedule::{
        deadline::{self, New},
        promise::owner,
    },
    store::reminders::Noun,
};

#[tokio::test]
async fn the_owner_and_who_is_on_duty_are_reminded_once_at_each_lead() {
    let house = House::new().await;
    house.on_duty(2).await;
    let incident = house.incident(false).await;
    house.told(incident, 60).await;
    let promise = house.promises(incident).await[0].id;
    house.pass(44).await;
    assert!(house.called(promise, "remind:900").await.is_empty());
    house.pass(1).await;
    assert_eq!(house.called(promise, "remind:900").await, ["ana", "ben"]);
    for channel in [Channel::Email, Channel::Sms] {
        assert!(house.app.store.take_reminder_call(channel, house.now()).await.unwrap().is_none(), "they were made");
    }
    let house = house.restarted().await;
    // Somebody else comes on duty, and the clock is set back: what was said is not said again.
    house.on_duty(3).await;
    house.clock.set(house.now() - minutes(10));
    house.pass(11).await;
    assert_eq!(house.called(promise, "remind:900").await, ["ana", "ben"]);
    house.pass(9).await;
    assert_eq!(house.called(promise, "remind:300").await, ["ana", "ben", "dana"]);
}

#[tokio::test]
async fn a_provider_that_never_answers_keeps_no_message_from_going_out() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let house = House::with(|config| {
        let mut providers = config.provider.iter_mut();
        let mail = providers.find(|entry| entry.settings.channel() == Channel::Email).unwrap();
        let settings = serde_json::json!({ "kind": "smtp", "host": "127.0.0.1", "port": port, "tls": "none" });
        mail.settings = serde_json::from_value(settings).unwrap();
    })
    .await;
    house.on_duty(2).await;
    let incident = house.incident(false).await;
    house.told(incident, 60).await;
    let promise = house.promises(incident).await.remove(0);
    let running = tokio::spawn(super::super::run(house.app.clone()));
    house.clock.set(promise.due_at - minutes(15));
    house.until(async || !house.app.store.reminder_calls(promise.id).await.is_empty()).await;
    house.clock.set(promise.due_at);
    house.until(async || house.promises(incident).await[0].holding_id.is_some()).await;
    assert_eq!(house.app.store.reminder_calls(promise.id).await.len(), 1, "the first mail is on its way still");
    running.abort();
}

#[tokio::test]
async fn whoever_comes_back_after_two_leads_hears_it_once() {
    let house = House::new().await;
    let incident = house.incident(false).await;
    house.told(incident, 60).await;
    let promise = house.promises(incident).await[0].id;
    house.clock.set(house.now() + minutes(57));
    house.look().await;
    assert_eq!(house.called(promise, "remind:900").await, ["ana"]);
    assert!(house.called(promise, "remind:300").await.is_empty());
    let steps = house.app.store.reminders(Noun::Promise, promise).await.unwrap();
    assert_eq!(steps, ["remind:300", "remind:900"]);
}

#[tokio::test]
async fn a_promise_changes_hands_and_who_gets_it_is_told() {
    let house = House::new().await;
    let incident = house.incident(false).await;
    house.told(incident, 60).await;
    let promise = house.promises(incident).await[0].id;
    let handed = owner::hand_over(&house.app, &house.ana, promise, 2).await.unwrap();
    assert_eq!(handed.owner_id, Some(2));
    let step = format!("handed:{}", house.now().as_millisecond());
    assert_eq!(house.called(promise, &step).await, ["ben"]);
    house.pass(45).await;
    assert_eq!(house.called(promise, "remind:900").await, ["ben"], "and nobody else any more");
    for (to, status) in [(4, 422), (99, 422)] {
        assert_eq!(owner::hand_over(&house.app, &house.ana, promise, to).await.unwrap_err().status, status);
    }
    let vera = Actor::Person(house.app.store.person(4).await.unwrap());
    assert_eq!(owner::hand_over(&house.app, &vera, promise, 1).await.unwrap_err().status, 403);
    house.told(incident, 60).await;
    assert_eq!(owner::hand_over(&house.app, &house.ana, promise, 1).await.unwrap_err().status, 409, "it was kept");
}

#[tokio::test]
async fn whoever_takes_it_over_spares_the_others_the_call() {
    for taken in [true, false] {
        let house = House::with(|config| config.promises.at_most = 0).await;
        house.on_duty(2).await;
        let incident = house.incident(false).await;
        house.told(incident, 60).await;
        house.pass(62).await;
        let promise = house.promises(incident).await[0].id;
        if taken {
            owner::hand_over(&house.app, &house.ben, promise, 2).await.unwrap();
        }
        house.pass(30).await;
        assert_eq!(house.called(promise, "approvers").await.is_empty(), taken);
    }
}

#[tokio::test]
async fn where_nobody_can_be_called_first_every_approver_is() {
    let house = House::with(|config| config.promises.at_most = 0).await;
    let incident = house.incident(false).await;
    house.told(incident, 60).await;
    let entry = house.app.entry("test", "person.set", "", serde_json::json!({}));
    let gone = crate::store::people::Change { active: Some(false), ..Default::default() };
    house.app.store.change_person(1, &gone, &entry).await.unwrap();
    house.pass(61).await;
    let promise = house.promises(incident).await[0].id;
    assert_eq!(house.called(promise, "escalate").await, ["ben", "dana"], "the owner is gone, and nobody is on duty");
    house.pass(60).await;
    assert!(house.called(promise, "approvers").await.is_empty(), "they were called already");
}

#[tokio::test]
async fn a_deadline_reminds_until_it_is_done_and_nothing_else() {
    let house = House::new().await;
    house.on_duty(2).await;
    let incident = house.incident(false).await;
    let due_at = house.now() + SignedDuration::from_hours(30);
    let new = |title: &str, due_at| New { title: title.to_owned(), due_at, owner_id: None };
    let made = deadline::add(&house.app, &house.ana, incident, &new(" Tell the regulator ", due_at)).await.unwrap();
    assert_eq!((made.title.as_str(), made.owner_id, made.due_at), ("Tell the regulator", Some(1), due_at));
    for wrong in [new("  ", due_at), new("a\nb", due_at), new(&"x".repeat(121), due_at), new("a", house.now())] {
        assert_eq!(deadline::add(&house.app, &house.ana, incident, &wrong).await.unwrap_err().status, 422, "{wrong:?}");
    }
    let nobody = New { owner_id: Some(99), ..new("a", due_at) };
    assert_eq!(deadline::add(&house.app, &house.ana, incident, &nobody).await.unwrap_err().status, 422);
    let steps = async |house: &House| house.app.store.reminders(Noun::Deadline, made.id).await.unwrap();
    house.pass(5 * 60).await;
    assert!(steps(&house).await.is_empty());
    house.clock.set(house.now() + SignedDuration::from_hours(2));
    house.look().await;
    assert_eq!(steps(&house).await, ["remind:86400"]);
    assert_eq!(house.app.store.called(Noun::Deadline, made.id, "remind:86400").await.unwrap(), [1, 2]);
    house.clock.set(due_at + minutes(90));
    house.look().await;
    house.look().await;
    assert_eq!(steps(&house).await, ["remind:0", "remind:3600", "remind:86400"], "one call for both that were missed");
    assert!(house.app.store.called(Noun::Deadline, made.id, "remind:0").await.unwrap().is_empty());
    assert_eq!(house.app.store.deadlines(None).await.unwrap().len(), 1);
    let done = deadline::mark(&house.app, &house.ben, made.id, true).await.unwrap();
    assert_eq!((done.done_at, done.done_by), (Some(house.now()), Some(2)));
    assert!(house.app.store.deadlines(None).await.unwrap().is_empty());
    assert_eq!(deadline::mark(&house.app, &house.ben, made.id, false).await.unwrap().done_at, None);
    assert!(house.holdings(incident).await.is_empty() && house.promises(incident).await.is_empty());
}
