//! When a promise falls due: what goes out by itself, where, how often, and what never does.

use super::*;
use crate::{
    render::{MessageKind, Rendering},
    schedule::promise::Why,
    store::promises::Due,
    track::steer,
};

/// The channels that a broadcast goes to.
async fn channels(house: &House, id: i64) -> Vec<Channel> {
    house.app.store.progress(id).await.unwrap().into_keys().collect()
}

#[tokio::test]
async fn a_promise_left_alone_is_kept_twice_and_then_people_are_called() {
    let house = House::new().await;
    house.on_duty(2).await;
    let incident = house.incident(false).await;
    let mut content = house.content(60, Status::Investigating);
    content.channels.extend([Channel::Email, Channel::Sms]);
    let sent = house.submitted(incident, content).await.unwrap();
    house.approve(&sent).await;
    house.pass(24 * 60).await;

    let held = house.holdings(incident).await;
    assert_eq!(
        held.iter().map(|one| (one.turn, one.source_id)).collect::<Vec<_>>(),
        [(0, Some(sent.id)), (1, Some(sent.id))]
    );
    let texts = house.app.store.renderings(sent.id).await.unwrap();
    let promises = house.promises(incident).await;
    for (place, one) in held.iter().enumerate() {
        assert_eq!(channels(&house, one.id).await, [Channel::Mastodon, Channel::Banner, Channel::StatusPage]);
        assert_eq!((one.people, one.digest.as_str(), one.state), (0, sent.digest.as_str(), State::Running));
        // What it says and what is kept in the ledger are one time.
        let mine = texts.iter().filter(|text| text.message == MessageKind::Holding && usize::from(text.turn) == place);
        let mut said = 0;
        for text in mine {
            let text: Rendering = serde_json::from_str(&text.document).unwrap();
            assert_eq!(text.promises, Some(promises[place + 1].due_at));
            let zone = house.app.config.organisation.zone();
            let clock = promises[place + 1].due_at.to_zoned(zone).strftime("%H:%M").to_string();
            assert!(text.plain_text().contains(&clock), "{clock}: {}", text.plain_text());
            said += 1;
        }
        assert_eq!(said, 6, "three places in two languages");
        assert_eq!((promises[place].kept_by, promises[place + 1].owner_id), (Some(one.id), Some(1)));
    }
    assert!(house.app.store.broadcast(sent.id).await.unwrap().state == State::Running, "it superseded no news");
    assert_eq!(house.standings(incident).await, [Standing::Holding, Standing::Holding, Standing::Missed]);
    let last = &promises[2];
    assert_eq!(last.escalated_why, Some(Why::Enough));
    assert_eq!(last.escalated_at, Some(last.due_at), "at once, and once");
    assert_eq!(house.called(last.id, "escalate").await, ["ana", "ben"], "the owner, and who is on duty");
    assert_eq!(house.called(last.id, "approvers").await, ["ben", "dana"]);
    // An update of its own is late, and begins a new row.
    house.told(incident, 60).await;
    assert_eq!(house.standings(incident).await[2..], [Standing::Missed, Standing::Open]);
    house.pass(61).await;
    assert_eq!(house.holdings(incident).await.last().map(|one| one.turn), Some(0), "from the start again");
}

#[tokio::test]
async fn where_somebody_writes_in_time_nothing_goes_by_itself() {
    let house = House::new().await;
    let incident = house.incident(false).await;
    house.told(incident, 60).await;
    house.pass(55).await;
    house.told(incident, 60).await;
    house.pass(20).await;
    assert_eq!(house.standings(incident).await, [Standing::Kept, Standing::Open]);
    // Being over keeps what was promised.
    let last = house.submitted(incident, house.content(0, Status::Resolved)).await.unwrap();
    house.approve(&last).await;
    house.pass(24 * 60).await;
    assert_eq!(house.standings(incident).await, [Standing::Kept, Standing::Kept]);
    assert!(house.holdings(incident).await.is_empty());
}

#[tokio::test]
async fn what_waits_for_a_yes_holds_it_back_for_minutes_only() {
    let house = House::new().await;
    let incident = house.incident(false).await;
    house.told(incident, 60).await;
    house.pass(58).await;
    let next = house.submitted(incident, house.content(60, Status::Identified)).await.unwrap();
    house.pass(6).await;
    assert!(house.holdings(incident).await.is_empty(), "there is news, and somebody is about to say yes to it");
    house.pass(1).await;
    assert_eq!(house.holdings(incident).await.len(), 1, "the promise matters more");
    assert_eq!(house.standings(incident).await, [Standing::Late, Standing::Open]);
    house.approve(&next).await;
    house.look().await;
    assert_eq!(
        house.standings(incident).await,
        [Standing::Late, Standing::Kept, Standing::Open],
        "the update itself goes out"
    );
}

#[tokio::test]
async fn what_was_approved_for_a_time_is_waited_for_if_that_is_near() {
    for (starts, sent) in [(64, 0), (66, 1)] {
        let house = House::new().await;
        let incident = house.incident(false).await;
        house.told(incident, 60).await;
        let mut content = house.content(180, Status::Identified);
        let at = house.now() + minutes(starts);
        content.start_at = Some(crate::compose::content::StartAt { at, zone: "Europe/London".to_owned() });
        let next = house.submitted(incident, content).await.unwrap();
        house.approve(&next).await;
        house.pass(70).await;
        assert_eq!(house.holdings(incident).await.len(), sent, "it starts {starts} minutes after the last");
        assert!(house.broadcast(next.id).await.started_at.is_some());
    }
}

#[tokio::test]
async fn after_a_long_stop_nothing_stale_is_sent_without_a_person() {
    for (off, why) in [(10, None), (20, Some(Why::TooLate))] {
        let house = House::new().await;
        house.on_duty(3).await;
        let incident = house.incident(false).await;
        house.told(incident, 60).await;
        let house = house.restarted().await;
        house.clock.set(house.now() + minutes(60 + off));
        house.look().await;
        let first = &house.promises(incident).await[0];
        assert_eq!((first.escalated_why, house.holdings(incident).await.len()), (why, usize::from(why.is_none())));
        let called = house.called(first.id, "escalate").await;
        assert_eq!(called.is_empty(), why.is_none(), "{called:?}");
        let late = house.entries(incident).await[0].late_seconds;
        assert_eq!(late, Some(off * 60), "it says how late");
    }
}

#[tokio::test]
async fn a_clock_set_forwards_and_back_sends_nothing_twice() {
    let house = House::new().await;
    house.on_duty(2).await;
    let incident = house.incident(false).await;
    house.told(incident, 60).await;
    house.pass(61).await;
    assert_eq!(house.holdings(incident).await.len(), 1);
    let now = house.now();
    for step in [-120, 3, -50, 1] {
        house.clock.set(now + minutes(step));
        house.look().await;
    }
    assert_eq!(house.holdings(incident).await.len(), 1, "the one before is kept, whatever the clock says");
    house.clock.set(now + minutes(300));
    house.look().await;
    assert_eq!(house.holdings(incident).await.len(), 1, "hours ahead at once: people are called");
    assert_eq!(house.promises(incident).await[1].escalated_why, Some(Why::TooLate));
}

#[tokio::test]
async fn what_is_stored_has_to_be_what_was_approved() {
    let house = House::new().await;
    house.on_duty(2).await;
    let incident = house.incident(false).await;
    let sent = house.told(incident, 60).await;
    house.clock.set(house.now() + minutes(60));
    tick(&house.app, house.now()).await.unwrap();
    let begun = house.promises(incident).await[0].holding_id.unwrap();
    assert_eq!(house.broadcast(begun).await.state, State::Scheduled);
    house.app.store.tamper_holding(sent.id).await;
    house.look().await;
    assert_eq!(house.broadcast(begun).await.state, State::Paused, "invariant 1, at the last moment");
    house.pass(1).await;
    let first = &house.promises(incident).await[0];
    assert_eq!((first.escalated_why, first.kept_at), (Some(Why::Stopped), None));
}

#[tokio::test]
async fn whoever_stopped_takes_it_from_there() {
    let house = House::new().await;
    let incident = house.incident(false).await;
    let sent = house.told(incident, 60).await;
    steer::retract(&house.app, &house.ana, sent.id).await.unwrap();
    house.pass(61).await;
    assert_eq!(house.promises(incident).await[0].escalated_why, Some(Why::Stopped), "its update was taken down");

    let other = house.incident(false).await;
    house.told(other, 60).await;
    house.clock.set(house.now() + minutes(60));
    tick(&house.app, house.now()).await.unwrap();
    steer::stop_everything(&house.app, &house.ana).await.unwrap();
    house.pass(600).await;
    let begun = house.promises(other).await[0].holding_id.unwrap();
    assert_eq!(house.broadcast(begun).await.state, State::Paused);
    assert_eq!(house.promises(other).await[0].escalated_at, None, "a stop stops this too");
    steer::start_again(&house.app, &house.ana, "checked", &[begun]).await.unwrap();
    house.look().await;
    assert_eq!(house.broadcast(begun).await.state, State::Retracted, "ten hours late it says nothing that is right");
    house.pass(1).await;
    assert_eq!(house.promises(other).await[0].escalated_why, Some(Why::Stopped));
}

#[tokio::test]
async fn where_it_has_nowhere_to_go_people_are_called() {
    let house = House::new().await;
    house.on_duty(2).await;
    let incident = house.incident(false).await;
    let mut content = house.content(60, Status::Investigating);
    content.channels = vec![Channel::Email];
    let sent = house.submitted(incident, content).await.unwrap();
    house.approve(&sent).await;
    house.pass(61).await;
    assert_eq!(house.promises(incident).await[0].escalated_why, Some(Why::NothingApproved));

    let never = House::with(|config| config.promises.at_most = 0).await;
    let incident = never.incident(false).await;
    never.told(incident, 60).await;
    never.pass(61).await;
    assert_eq!(never.promises(incident).await[0].escalated_why, Some(Why::NothingApproved));
}

#[tokio::test]
async fn practice_walks_the_whole_path_and_is_in_no_sum() {
    let house = House::new().await;
    house.on_duty(2).await;
    let incident = house.incident(true).await;
    house.told(incident, 60).await;
    house.pass(24 * 60).await;
    assert_eq!(house.holdings(incident).await.len(), 2);
    assert!(house.holdings(incident).await.iter().all(|one| one.exercise));
    for promise in house.promises(incident).await {
        for step in ["remind:900", "remind:300", "escalate", "approvers"] {
            assert!(house.called(promise.id, step).await.is_empty(), "practice reaches no provider");
        }
    }
    let all = house.app.store.promises_due(&Due::default(), 0, 10).await.unwrap();
    assert!(all.is_empty(), "the ledger has none of it: {all:?}");
    assert!(house.app.store.promises_since(Timestamp::UNIX_EPOCH).await.unwrap().is_empty());
    let practice = Due { exercise: true, ..Due::default() };
    assert_eq!(house.app.store.promises_due(&practice, 0, 10).await.unwrap().len(), 3);
}
