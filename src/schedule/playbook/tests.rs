//! Playbooks as a whole: what may go alone, what is queued, what is refused, and what is caught at the start.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use onevoice_channels::contract::Channel;
use proptest::prelude::*;

use super::{
    Choice, Playbook, VariableKind,
    fill::{self, Asked},
    instance::{self, About, Sent},
    keep, rest,
};
use crate::{
    app::App,
    approve::{
        State,
        decide::{self, Yes},
    },
    compose::status::Status,
    config::Config,
    demo::{prepared, sample},
    people::Actor,
    problem::Problem,
    send::starter,
    store::{Store, broadcasts::Broadcast},
    world::World,
};

/// The demo's world, with its prepared messages.
struct House {
    app: App,
    ana: Actor,
    ben: Actor,
    password: String,
    _data: tempfile::TempDir,
}

impl House {
    async fn new() -> House {
        let data = tempfile::tempdir().unwrap();
        let config = Config::demo(data.path().to_owned(), ([127, 0, 0, 1], 8080).into());
        let world = World::system().unwrap();
        let store = Store::open(&data.path().join("onevoice.db"), world.random.as_ref()).await.unwrap();
        let app = App::build(config, store, world).unwrap();
        sample::fill(&app).await.unwrap();
        let [ana, ben] = sample::colleagues(&app).await.unwrap();
        let dana = prepared::colleague(&app).await.unwrap();
        prepared::fill(&app, ana.email, [dana.email, ben.email]).await.unwrap();
        let person = async |email| Actor::Person(app.store.person_by_email(email).await.unwrap().unwrap().0);
        let (ana, password, ben) = (person(ana.email).await, ben.password, person(ben.email).await);
        House { app, ana, ben, password, _data: data }
    }

    async fn send(&self, values: &[(&str, &str)]) -> Result<Sent, Problem> {
        instance::send(&self.app, &self.ana, 1, About::default(), &asked(Status::Investigating, values)).await
    }

    /// Writes the first playbook anew with a change, and has the other two approve it.
    async fn changed(&self, change: impl FnOnce(&mut Playbook)) {
        let stored = self.app.store.playbook(1).await.unwrap();
        let mut playbook = stored.playbook.clone();
        change(&mut playbook);
        let stored = keep::save(&self.app, &self.ana, Some((1, stored.version)), &playbook).await.unwrap();
        for person in [2, 3] {
            let entry = self.app.entry("test", "playbook.approve", "test", serde_json::json!({}));
            self.app.store.approve_playbook(1, &stored.digest, person, &entry).await.unwrap();
        }
    }

    /// What the starter makes of it.
    async fn started(&self, id: i64) -> State {
        starter::start_due(&self.app.engine).await.unwrap();
        self.app.store.broadcast(id).await.unwrap().state
    }

    /// Lets the engine carry out until the broadcast is closed, and publishes.
    async fn carried_out(&self, id: i64) {
        let mut events = self.app.engine.listen();
        let engine = self.app.engine.clone();
        let carrying = tokio::spawn(async move { crate::path::carry_out(&engine).await });
        while self.app.store.broadcast(id).await.unwrap().ended_at.is_none() {
            events.recv().await.unwrap();
        }
        self.app.engine.stop();
        carrying.await.unwrap().unwrap();
        crate::feed::publish(&self.app).await.unwrap();
    }

    async fn yes(&self, broadcast: &Broadcast) -> Result<Broadcast, Problem> {
        let yes = Yes {
            digest: broadcast.digest.clone(),
            recipients: broadcast.people,
            password: self.password.clone(),
            code: String::new(),
            quiet_hours: None,
            passkey: None,
        };
        decide::approve(&self.app, &self.ben, broadcast.update_id, &yes).await
    }
}

fn asked(stage: Status, values: &[(&str, &str)]) -> Asked {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Asked::new(stage, values)
}

#[tokio::test]
async fn within_its_bounds_one_person_puts_it_on_the_website() {
    let house = House::new().await;
    let sent = house.send(&[("what", "Payments are slow")]).await.unwrap();
    assert_eq!((sent.exceeded.as_slice(), sent.broadcast.state), (&[][..], State::Scheduled));
    assert_eq!(sent.incident.title, "Payments take longer than usual");
    assert_eq!((sent.broadcast.approved_by, sent.broadcast.people), (None, 0), "nobody approved this very one");
    let approval = house.app.store.approval(sent.broadcast.id, &sent.broadcast.digest).await.unwrap().unwrap();
    let stored = house.app.store.playbook(1).await.unwrap();
    assert_eq!(approval.playbook, Some((1, 1, stored.digest)), "it says on which version it rests");
    house.carried_out(sent.broadcast.id).await;
    let view = house.app.public.view();
    let banner = view.banner.as_ref().expect("a banner");
    assert_eq!(banner.texts["en"].headline, "Payments take longer than usual");
    assert!(banner.texts["de"].text.contains("Das tut uns leid"), "{:?}", banner.texts["de"]);
    assert_eq!(view.incidents[0].updates.len(), 1);
    let promises = house.app.store.promises_of(sent.incident.id).await.unwrap();
    assert_eq!((promises.len(), promises[0].owner_id), (1, Some(1)));
    // The same form, sent twice, is one message.
    let again = house.send(&[("what", "Payments are slow")]).await.unwrap();
    assert_eq!(again.broadcast.id, sent.broadcast.id);
}

#[tokio::test]
async fn who_is_no_signed_in_author_sends_nothing() {
    let house = House::new().await;
    let Actor::Person(mut person) = house.ana.clone() else { unreachable!() };
    let scopes = ["read", "write", "submit", "announce"].map(str::to_owned).to_vec();
    let key = Actor::Key { id: 1, owner: person.clone(), scopes };
    person.role = crate::people::Role::Viewer;
    for actor in [key, Actor::Person(person), Actor::Operator] {
        let refused = instance::send(&house.app, &actor, 1, About::default(), &asked(Status::Investigating, &[])).await;
        assert_eq!(refused.unwrap_err().status, 403);
    }
    assert!(house.app.store.incidents(false, 0, 10).await.unwrap().is_empty(), "nothing is left behind");
}

#[tokio::test]
async fn what_lies_outside_is_queued_and_says_which_bound() {
    let house = House::new().await;
    let since = |value| asked(Status::Investigating, &[("since", value)]);
    let long_ago = (house.app.world.clock.now() - SignedDuration::from_hours(9)).to_string();
    let sent = instance::send(&house.app, &house.ana, 3, About::default(), &since(&long_ago)).await.unwrap();
    assert_eq!(
        (sent.exceeded[0].bound.as_str(), sent.broadcast.state),
        ("value", State::Submitted),
        "{:?}",
        sent.exceeded
    );
    let unreadable = instance::send(&house.app, &house.ana, 3, About::default(), &since("soon")).await.unwrap_err();
    assert_eq!((unreadable.status, unreadable.pointer.as_deref()), (422, Some("/values/since")));
    let unknown = house.send(&[("what", "All is well")]).await.unwrap_err();
    assert!(unknown.status == 422 && unknown.detail.contains("Payments are slow"), "{unknown}");

    house.send(&[]).await.unwrap();
    let soon = house.send(&[("do", "Wait")]).await.unwrap();
    assert_eq!((soon.exceeded[0].bound.as_str(), soon.broadcast.state), ("rate", State::Submitted));
    assert_eq!(house.started(soon.broadcast.id).await, State::Submitted, "what is queued waits for a person");

    house
        .changed(|playbook| {
            playbook.bounds.channels.push(Channel::Email);
            playbook.bounds.largest_audience = 10;
        })
        .await;
    let about = About { incident: None, exercise: true };
    let many = instance::send(&house.app, &house.ana, 1, about, &asked(Status::Investigating, &[])).await.unwrap();
    assert_eq!((many.exceeded[0].bound.as_str(), many.broadcast.state), ("audience", State::Submitted));
    house.changed(|playbook| (playbook.bounds.person, playbook.bounds.machine) = (false, true)).await;
    let sent = instance::send(&house.app, &house.ana, 1, about, &asked(Status::Identified, &[])).await.unwrap();
    assert_eq!((sent.exceeded[0].bound.as_str(), sent.broadcast.state), ("sender", State::Submitted));
}

#[tokio::test]
async fn texts_that_cost_more_than_was_approved_wait_for_an_approval() {
    let house = House::new().await;
    let bounded = async |most: Option<f64>| {
        let texts = |playbook: &mut Playbook| {
            playbook.bounds.channels = vec![Channel::Sms];
            (playbook.bounds.largest_audience, playbook.bounds.largest_cost) = (100_000, most);
        };
        house.changed(texts).await;
    };
    let send = async |stage| {
        let about = About { incident: None, exercise: true };
        instance::send(&house.app, &house.ana, 1, about, &asked(stage, &[])).await.unwrap()
    };
    bounded(Some(0.5)).await;
    let dear = send(Status::Investigating).await;
    assert_eq!((dear.exceeded[0].bound.as_str(), dear.broadcast.state), ("cost", State::Submitted));
    assert!(dear.exceeded[0].detail.ends_with(" EUR; 0.50 are approved."), "{:?}", dear.exceeded);
    bounded(Some(1e6)).await;
    let cheap = send(Status::Identified).await;
    assert!(cheap.exceeded.is_empty() && cheap.broadcast.state == State::Scheduled, "{:?}", cheap.exceeded);

    // What was approved before there was such a bound has the digest that was approved.
    let mut playbook = house.app.store.playbook(1).await.unwrap().playbook;
    playbook.bounds.largest_cost = None;
    assert!(!serde_json::to_string(&playbook).unwrap().contains("largest_cost"));
    // Where a price is missing, what it costs is not known.
    let mut unpriced = cheap.broadcast.clone();
    playbook.bounds.largest_cost = Some(1e9);
    assert_eq!(playbook.bounds.too_costly(&unpriced), None);
    unpriced.plan["texts"]["without_price"] = 3.into();
    assert!(playbook.bounds.too_costly(&unpriced).is_some_and(|why| why.contains("3 of its texts")));
    unpriced.plan["texts"] = serde_json::Value::Null;
    assert!(playbook.bounds.too_costly(&unpriced).is_some(), "no prices at all");
}

#[tokio::test]
async fn two_others_approve_it_and_an_edit_voids_both() {
    let house = House::new().await;
    let stored = house.app.store.playbook(1).await.unwrap();
    let mut playbook = stored.playbook.clone();
    playbook.name = "Payments do not work".to_owned();
    let stored = keep::save(&house.app, &house.ana, Some((1, 1)), &playbook).await.unwrap();
    assert!(!stored.is_approved() && stored.approvals.is_empty() && stored.writers == [1]);
    let refused = house.send(&[]).await.unwrap_err();
    assert!(refused.status == 409 && refused.detail.contains("2 colleagues have to approve it"), "{refused}");
    let stale = keep::save(&house.app, &house.ana, Some((1, 1)), &stored.playbook).await.unwrap_err();
    assert_eq!(stale.status, 409, "nobody overwrites what they did not read");

    let yes = |digest: &str, password: &str| Yes {
        digest: digest.to_owned(),
        recipients: 0,
        password: password.to_owned(),
        code: String::new(),
        quiet_hours: None,
        passkey: None,
    };
    let writer = keep::approve(&house.app, &house.ana, 1, &yes(&stored.digest, "")).await.unwrap_err();
    assert_eq!(writer.status, 403);
    let other = keep::approve(&house.app, &house.ben, 1, &yes("another", &house.password)).await.unwrap_err();
    assert_eq!(other.pointer.as_deref(), Some("/digest"));
    let wrong = keep::approve(&house.app, &house.ben, 1, &yes(&stored.digest, "not the password")).await.unwrap_err();
    assert_eq!(wrong.status, 403);
    let one = keep::approve(&house.app, &house.ben, 1, &yes(&stored.digest, &house.password)).await.unwrap();
    assert!(!one.is_approved(), "one is not two");
    assert!(house.send(&[]).await.unwrap_err().detail.contains("one more colleague"));
    let twice = keep::approve(&house.app, &house.ben, 1, &yes(&stored.digest, &house.password)).await.unwrap_err();
    assert_eq!(twice.status, 409, "and nobody counts twice");

    // Who changes a word of it afterwards wrote it, too.
    playbook.name = "Payments are broken".to_owned();
    let theirs = keep::save(&house.app, &house.ben, Some((1, 2)), &playbook).await.unwrap();
    assert_eq!(theirs.writers, [1, 2]);
    let refused = keep::approve(&house.app, &house.ben, 1, &yes(&theirs.digest, &house.password)).await.unwrap_err();
    assert_eq!(refused.status, 403);
    for person in [2, 3] {
        let entry = house.app.entry("test", "playbook.approve", "test", serde_json::json!({}));
        house.app.store.approve_playbook(1, &theirs.digest, person, &entry).await.unwrap();
    }
    assert!(
        !house.app.store.playbook(1).await.unwrap().is_approved(),
        "a writer's yes does not count, however it got there"
    );
    assert_eq!(house.send(&[]).await.unwrap_err().status, 409);
}

#[tokio::test]
async fn who_wrote_a_prepared_message_approves_nothing_that_comes_of_it_until_two_others_did() {
    let house = House::new().await;
    let mut playbook = house.app.store.playbook(1).await.unwrap().playbook;
    playbook.name = "Payments are broken".to_owned();
    keep::save(&house.app, &house.ben, Some((1, 1)), &playbook).await.unwrap();
    let about = About { incident: None, exercise: true };
    let asked = asked(Status::Investigating, &[]);
    let waiting = instance::ask(&house.app, &house.ana, 1, about, &asked).await.unwrap();
    let refused = house.yes(&waiting).await.unwrap_err();
    assert!(refused.status == 403 && refused.detail.contains("you wrote a part"), "{refused}");
    // Of another one, which two approved, he may: he wrote no word of it since.
    let waiting = instance::ask(&house.app, &house.ana, 2, about, &asked).await.unwrap();
    assert_eq!(house.yes(&waiting).await.unwrap().state, State::Scheduled);
}

#[tokio::test]
async fn what_is_over_or_put_away_or_stopped_is_refused() {
    let house = House::new().await;
    house.app.store.tamper("DROP TRIGGER playbook_version_is_frozen").await;
    let stored = house.app.store.playbook(1).await.unwrap();
    let mut playbook = stored.playbook.clone();
    playbook.bounds.valid_until = house.app.world.clock.now() - SignedDuration::from_secs(1);
    let refused = keep::save(&house.app, &house.ana, Some((1, 1)), &playbook).await.unwrap_err();
    assert_eq!(refused.pointer.as_deref(), Some("/bounds/valid_until"));
    house.app.store.tamper("UPDATE playbook_version SET document = json_set(document, '$.bounds.valid_until', '2020-01-01T00:00:00Z') WHERE playbook_id = 1").await;
    let over = house.send(&[]).await.unwrap_err();
    assert!(over.status == 409 && over.detail.contains("its time was over on"), "{over}");
    // A person's exact approval still carries its words.
    let waiting =
        instance::ask(&house.app, &house.ana, 1, About::default(), &asked(Status::Investigating, &[])).await.unwrap();
    assert_eq!((waiting.state, waiting.people > 0), (State::Submitted, true));

    keep::retire(&house.app, &house.ana, 2).await.unwrap();
    let away = instance::send(&house.app, &house.ana, 2, About::default(), &asked(Status::Investigating, &[]))
        .await
        .unwrap_err();
    assert!(away.status == 409 && away.detail.contains("put away"), "{away}");
    crate::track::steer::stop_everything(&house.app, &house.ana).await.unwrap();
    let since = asked(Status::Investigating, &[("since", "12:00")]);
    let stopped = instance::send(&house.app, &house.ana, 3, About::default(), &since).await.unwrap_err();
    assert!(stopped.status == 409 && stopped.detail.contains("everything was stopped"), "{stopped}");
}

#[tokio::test]
async fn what_was_changed_in_the_store_does_not_start() {
    let changes = [
        "UPDATE playbook_instance SET asked = json_set(asked, '$.values.what', 'Some payments twice')",
        "UPDATE playbook_version SET document = json_set(document, '$.stages.investigating.facts.en.doing', 'All is lost.') WHERE playbook_id = 1",
        "UPDATE playbook_version SET digest = 'another' WHERE playbook_id = 1",
        "DELETE FROM playbook_approval WHERE playbook_id = 1 AND person_id = 2",
        "UPDATE playbook_approval SET person_id = 1 WHERE playbook_id = 1 AND person_id = 2",
        "UPDATE playbook SET retired_at = 1 WHERE id = 1",
        "UPDATE approval SET playbook_id = NULL, playbook_version = NULL, playbook_digest = NULL",
        "UPDATE approval SET playbook_digest = 'another'",
        "UPDATE approval SET playbook_id = 2",
        "UPDATE broadcast SET people = 1",
        "DELETE FROM playbook_instance",
    ];
    for change in changes {
        let house = House::new().await;
        let sent = house.send(&[]).await.unwrap();
        house.app.store.tamper("DROP TRIGGER playbook_version_is_frozen").await;
        house.app.store.tamper(change).await;
        assert_eq!(house.started(sent.broadcast.id).await, State::Paused, "{change}");
    }
    let house = House::new().await;
    let sent = house.send(&[]).await.unwrap();
    assert_eq!(house.started(sent.broadcast.id).await, State::Running, "unchanged, it starts");
}

#[tokio::test]
async fn the_rest_waits_for_a_person_and_posts_nothing_twice() {
    let house = House::new().await;
    let sent = house.send(&[]).await.unwrap();
    let key = Actor::Key { id: 1, owner: house.ana.person().unwrap().clone(), scopes: Vec::new() };
    assert_eq!(rest::ask(&house.app, &key, sent.update.id).await.unwrap_err().status, 403);
    assert_eq!(house.started(sent.broadcast.id).await, State::Running);
    let waiting = rest::ask(&house.app, &house.ana, sent.update.id).await.unwrap();
    let (first, second) = (
        house.app.store.update(sent.update.id).await.unwrap(),
        house.app.store.update(waiting.update_id).await.unwrap(),
    );
    assert_eq!(first.content.variants, second.content.variants, "the same words");
    assert_eq!(first.content.next_update_at, second.content.next_update_at, "the same promise");
    assert!(
        first.content.channels.iter().all(|channel| !second.content.channels.contains(channel)),
        "no channel twice"
    );
    assert!(waiting.people > 0 && waiting.state == State::Submitted);
    assert_eq!(rest::ask(&house.app, &house.ana, sent.update.id).await.unwrap_err().status, 409, "asked once");
    let approved = house.yes(&waiting).await.unwrap();
    assert_eq!(house.started(approved.id).await, State::Running);
    let promises = house.app.store.promises_of(sent.incident.id).await.unwrap();
    assert!(
        promises.len() == 1 && promises[0].kept_at.is_none(),
        "one promise, not kept by being made again: {promises:?}"
    );
}

#[tokio::test]
async fn the_next_stage_goes_on_with_the_incident_and_drops_what_waits_of_the_last() {
    let house = House::new().await;
    let sent = house.send(&[]).await.unwrap();
    house.started(sent.broadcast.id).await;
    let waiting = rest::ask(&house.app, &house.ana, sent.update.id).await.unwrap();
    let about = About { incident: Some(sent.incident.id), exercise: false };
    let next = instance::send(&house.app, &house.ana, 1, about, &asked(Status::Identified, &[])).await.unwrap();
    assert_eq!(
        (next.incident.id, next.exceeded.len()),
        (sent.incident.id, 0),
        "another stage is not bound by the first one's rate"
    );
    assert_eq!(
        house.app.store.update(waiting.update_id).await.unwrap().state,
        State::Discarded,
        "nobody approves what is old"
    );
    house.started(next.broadcast.id).await;
    let over = instance::send(&house.app, &house.ana, 1, about, &asked(Status::Resolved, &[])).await.unwrap();
    house.carried_out(over.broadcast.id).await;
    assert!(house.app.store.incident(sent.incident.id).await.unwrap().ended_at.is_some());
    let first =
        instance::send(&house.app, &house.ana, 1, About::default(), &asked(Status::Resolved, &[])).await.unwrap_err();
    assert_eq!((first.status, first.pointer.as_deref()), (422, Some("/status")), "a last word is no first one");
}

#[tokio::test]
async fn nothing_stops_the_samples_prepared_messages() {
    let house = House::new().await;
    for playbook in prepared::playbooks() {
        let read = keep::read(&house.app, &playbook).await.unwrap();
        let stopped: Vec<String> =
            keep::stopped(&read).iter().map(|finding| format!("{} {:?}", finding.title, finding.words)).collect();
        assert!(stopped.is_empty(), "{}: {stopped:?}", playbook.name);
        let asks: Vec<String> = read
            .iter()
            .flat_map(|read| &read.preview.findings)
            .filter(|finding| finding.locale.is_some())
            .map(|finding| format!("{} {:?} {:?}", finding.rule, finding.field, finding.words))
            .collect();
        let mut asks: Vec<String> = asks.into_iter().collect();
        asks.sort();
        asks.dedup();
        println!("{}: {asks:#?}", playbook.name);
    }
}

fn kind() -> impl Strategy<Value = (VariableKind, String, String)> {
    let choice = ("[A-Za-z ]{1,12}", "\\PC{1,20}").prop_map(|(label, text)| {
        let label = format!("x{}", label.trim());
        let text_of = BTreeMap::from([("en".to_owned(), text.clone())]);
        let options = vec![
            Choice { label: "other".to_owned(), text: text_of.clone() },
            Choice { label: label.clone(), text: text_of },
        ];
        (VariableKind::Choice { options }, label, text)
    });
    let number = (-50_i64..50).prop_map(|n| (VariableKind::Number { min: -50, max: 50 }, n.to_string(), n.to_string()));
    // A value that looks like a place stays what it is.
    let text = "[a-z{}_]{1,12}".prop_map(|text: String| {
        (VariableKind::Text { pattern: "[a-z{}_]+".to_owned(), max_length: 12 }, text.clone(), text)
    });
    prop_oneof![choice, number, text]
}

proptest! {
    #[test]
    fn a_text_is_approved_words_and_checked_values_and_nothing_else(
        kinds in proptest::collection::vec(kind(), 1..5),
        runs in proptest::collection::vec("[^{}]{0,20}", 6),
        order in proptest::collection::vec(0_usize..5, 5),
    ) {
        let house: Vec<_> = kinds.iter().enumerate().map(|(n, (kind, value, text))| (format!("v{n}"), kind.clone(), value.clone(), text.clone())).collect();
        let mut playbook: Playbook = prepared::playbooks().remove(0);
        playbook.variables = house.iter().map(|(name, kind, ..)| super::Variable { name: name.clone(), question: "?".to_owned(), kind: kind.clone() }).collect();
        let (mut written, mut read) = (runs[0].clone(), runs[0].clone());
        for (place, run) in order.iter().zip(&runs[1..]) {
            let (name, _, _, text) = &house[place % house.len()];
            written.push_str(&format!("{{{name}}}{run}"));
            read.push_str(&format!("{text}{run}"));
        }
        let stage = playbook.stages.get_mut(&Status::Investigating).unwrap();
        stage.facts.values_mut().for_each(|facts| fill::each(facts, &mut |text| written.clone_into(text)));
        let values: BTreeMap<String, String> = house.iter().map(|(name, _, value, _)| (name.clone(), value.clone())).collect();
        let asked = Asked::new(Status::Investigating, values);
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let filled = fill::fill(&playbook, &asked, at, &TimeZone::UTC).unwrap();
        prop_assert!(filled.exceeded.is_empty());
        for facts in filled.content.variants[0].facts.values() {
            fill::each(&mut facts.clone(), &mut |text| assert_eq!(*text, read));
        }
        // Filled again from what is kept, it is the same: that is what the start looks at.
        let again = fill::fill(&playbook, &filled.asked, at, &TimeZone::UTC).unwrap();
        prop_assert_eq!(again.content, filled.content);
    }
}

#[test]
fn a_time_of_day_is_the_nearest_one_and_a_value_never_brings_an_address() {
    let mut playbook = prepared::playbooks().remove(2);
    let at: Timestamp = "2026-11-21T00:10:00Z".parse().unwrap();
    let filled = |playbook: &Playbook, value: &str| {
        fill::fill(playbook, &asked(Status::Investigating, &[("since", value)]), at, &TimeZone::UTC)
    };
    let late = filled(&playbook, "23:50").unwrap();
    assert_eq!(late.asked.values["since"], "2026-11-20T23:50:00Z", "twenty minutes ago, and not tonight");
    assert!(late.exceeded.is_empty() && late.content.variants[0].facts["en"].what_happened.ends_with("since 23:50."));
    assert_eq!(late.content.next_update_at, Some("2026-11-21T00:40:00Z".parse().unwrap()));
    assert_eq!(filled(&playbook, "12:00").unwrap().exceeded.len(), 1);
    playbook.variables[1].kind = VariableKind::Text { pattern: ".*".to_owned(), max_length: 40 };
    for value in ["see https://evil.example", "WWW.evil.example", "maria@example.org", "a\u{202e}b", "two\nlines", ""] {
        assert_eq!(filled(&playbook, value).unwrap_err().status, 422, "{value:?}");
    }
    playbook.variables[1].kind = VariableKind::Text { pattern: "[a-z]+".to_owned(), max_length: 3 };
    assert!(filled(&playbook, "abc").unwrap().exceeded.is_empty());
    assert_eq!(
        (filled(&playbook, "abcd").unwrap().exceeded.len(), filled(&playbook, "ab1").unwrap().exceeded.len()),
        (1, 1)
    );
}
