//! Machines announce: what goes out alone, what waits, what is said once.

use jiff::SignedDuration;

use super::{super::keep, bench::Bench, *};
use crate::{approve::summon, compose::write::NewIncident, track::steer};

fn request(stage: Status, key: &str) -> Request {
    Request {
        playbook: "payments-fail".to_owned(),
        stage,
        values: BTreeMap::new(),
        components: Vec::new(),
        dedup_key: key.to_owned(),
        exercise: false,
        lenient: false,
        timed: None,
    }
}

fn first(key: &str) -> Request {
    request(Status::Investigating, key)
}

impl Bench {
    async fn say(&self, request: &Request) -> Result<Spoken, Problem> {
        announce(&self.app, &self.key, request).await
    }

    /// Announces what waits for a person, and is never started by itself.
    async fn waits(&self, request: &Request, bound: &str) -> Spoken {
        let spoken = self.say(request).await.unwrap();
        let broadcast = spoken.broadcast.as_ref().expect("it waits");
        let bounds: Vec<&str> = spoken.exceeded.iter().map(|one| one.bound.as_str()).collect();
        assert_eq!((spoken.outcome, bounds.as_slice()), (Outcome::Queued, &[bound][..]));
        assert_eq!(self.started(broadcast.id).await, State::Submitted, "{bound}");
        spoken
    }
}

#[tokio::test]
async fn within_the_bounds_it_goes_out_with_no_person_and_the_record_says_by_which_key() {
    let bench = Bench::new().await;
    let mut asked = first("pay");
    asked.values.insert("what".to_owned(), "Payments are slow".to_owned());
    let spoken = bench.say(&asked).await.unwrap();
    let broadcast = spoken.broadcast.unwrap();
    assert_eq!((spoken.outcome, broadcast.state, broadcast.approved_by), (Outcome::Sent, State::Scheduled, None));
    assert!(broadcast.people > 0 && spoken.exceeded.is_empty());
    assert_eq!(spoken.incident.unwrap().title, "Payments take longer than usual");
    let approval = bench.app.store.approval(broadcast.id, &broadcast.digest).await.unwrap().unwrap();
    let stored = bench.app.store.playbook(1).await.unwrap();
    assert_eq!(approval.playbook, Some((1, stored.version, stored.digest)), "a bounded approval");
    let instance = bench.app.store.instance(broadcast.update_id).await.unwrap().unwrap();
    assert_eq!((instance.machine.as_deref(), instance.sent_at.is_some()), (Some("key:1"), true));
    assert_eq!(bench.started(broadcast.id).await, State::Running, "covered at the start, too");
}

#[tokio::test]
async fn what_machines_may_not_send_is_covered_by_nothing_at_the_start() {
    let bench = Bench::new().await;
    bench.changed(1, |playbook| (playbook.bounds.person, playbook.bounds.machine) = (true, false)).await;
    let waiting = bench.waits(&first("pay"), "sender").await.broadcast.unwrap();
    let instance = bench.app.store.instance(waiting.update_id).await.unwrap().unwrap();
    let entry = bench.app.entry("test", "test", "test", serde_json::json!({}));
    let every = SignedDuration::from_mins(1);
    assert!(bench.app.store.approve_within(waiting.id, &waiting.digest, &instance, every, &entry).await.unwrap());
    assert_eq!(bench.started(waiting.id).await, State::Paused);
}

#[tokio::test]
async fn what_lies_outside_waits_and_the_approvers_are_told() {
    let bench = Bench::new().await;
    let mut asked = Request { playbook: "3".to_owned(), ..first("sign") };
    asked.values.insert("since".to_owned(), "2026-03-01T10:00:00Z".to_owned());
    let waiting = bench.waits(&asked, "value").await.broadcast.unwrap();
    let now = bench.app.world.clock.now();
    summon::tick(&bench.app, now).await.unwrap();
    assert!(!bench.app.store.summons_of(waiting.id).await.unwrap().is_empty(), "who is on duty is called");

    let mut asked = first("component");
    asked.components = vec!["Search".to_owned()];
    let spoken = bench.waits(&asked, "component").await;
    assert_eq!(spoken.update.unwrap().content.components.len(), 2, "it says so all the same");

    bench.changed(1, |playbook| playbook.bounds.largest_audience = 10).await;
    bench.waits(&first("audience"), "audience").await;
    bench.changed(1, |playbook| playbook.bounds.valid_until = now + SignedDuration::from_hours(1)).await;
    bench.clock.on(3_601);
    bench.waits(&first("expired"), "expired").await;
    bench.edited(1, |playbook| playbook.bounds.valid_until = now + SignedDuration::from_hours(24)).await;
    bench.waits(&first("voided"), "approval").await;
    bench.changed(1, |_| {}).await;
    steer::stop_everything(&bench.app, &bench.ana).await.unwrap();
    bench.waits(&first("stopped"), "stopped").await;
}

#[tokio::test]
async fn one_put_away_waits_and_one_sent_too_often_does() {
    let bench = Bench::new().await;
    let sent = bench.say(&first("one")).await.unwrap();
    assert_eq!(sent.outcome, Outcome::Sent);
    bench.waits(&first("two"), "rate").await;
    bench.clock.on(1_800);
    assert_eq!(bench.say(&first("three")).await.unwrap().outcome, Outcome::Sent);
    bench.clock.on(1_800);
    keep::retire(&bench.app, &bench.ana, 1).await.unwrap();
    bench.waits(&first("four"), "retired").await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_place_and_leaves_nothing() {
    let bench = Bench::new().await;
    let with = |change: &dyn Fn(&mut Request)| {
        let mut request = first("pay");
        change(&mut request);
        request
    };
    let mut refused = Vec::new();
    for request in [
        with(&|request| request.playbook = "payments".to_owned()),
        with(&|request| drop(request.values.insert("who".to_owned(), "x".to_owned()))),
        with(&|request| drop(request.values.insert("what".to_owned(), "x".to_owned()))),
        with(&|request| request.components = vec!["Teapots".to_owned()]),
        with(&|request| request.stage = Status::Scheduled),
        with(&|request| request.dedup_key = " ".to_owned()),
        with(&|request| request.dedup_key = "plan/1".to_owned()),
    ] {
        let problem = bench.say(&request).await.unwrap_err();
        let rehearsed = rehearse(&bench.app, &bench.key, &request).await.unwrap_err();
        assert_eq!((problem.status, &problem.detail), (422, &rehearsed.detail));
        refused.push(problem.pointer.unwrap());
    }
    assert_eq!(
        refused,
        ["/playbook", "/variables/who", "/variables/what", "/components/0", "/stage", "/dedup_key", "/dedup_key"]
    );
    let Actor::Key { id, owner, .. } = bench.key.clone() else { unreachable!() };
    let other = Actor::Key { id, owner, scopes: vec!["write".to_owned(), "submit".to_owned()] };
    for actor in [other, Actor::Operator] {
        assert_eq!(announce(&bench.app, &actor, &first("pay")).await.unwrap_err().status, 403);
    }
    assert_eq!(bench.incidents().await, 0);
}

#[tokio::test]
async fn a_value_that_monitoring_cannot_mend_waits_with_a_sample_in_its_place() {
    let bench = Bench::new().await;
    let mut asked = Request { lenient: true, ..first("pay") };
    asked.values.insert("what".to_owned(), "disk /dev/sda1 is full".to_owned());
    asked.values.insert("who".to_owned(), "nobody asked".to_owned());
    let spoken = bench.say(&asked).await.unwrap();
    assert_eq!((spoken.outcome, spoken.exceeded.len()), (Outcome::Queued, 2));
    assert_eq!(spoken.incident.unwrap().title, "Payments are failing");
}

#[tokio::test]
async fn a_playbook_is_found_by_the_names_that_it_has_and_had() {
    let bench = Bench::new().await;
    bench.changed(1, |playbook| playbook.name = "Cards fail".to_owned()).await;
    for name in ["cards-fail", "Cards fail", "payments-fail", "1"] {
        assert_eq!(named::find(&bench.app, name).await.unwrap().id, 1, "{name}");
    }
    bench.changed(2, |playbook| playbook.name = "Payments fail".to_owned()).await;
    assert_eq!(named::find(&bench.app, "payments-fail").await.unwrap().id, 2, "who has it now goes first");
    bench.changed(1, |playbook| playbook.name = "Payments: fail".to_owned()).await;
    let problem = named::find(&bench.app, "payments-fail").await.unwrap_err();
    assert!(problem.status == 422 && problem.detail.contains("1, 2"), "{problem}");
}

#[tokio::test]
async fn a_key_goes_on_with_one_incident_until_that_is_over() {
    let bench = Bench::new().await;
    let one = bench.say(&first("pay")).await.unwrap();
    bench.started(one.broadcast.as_ref().unwrap().id).await;
    let again = bench.say(&first("pay")).await.unwrap();
    assert_eq!((again.outcome, again.update, bench.incidents().await), (Outcome::Repeated, one.update.clone(), 1));
    let other = Request { playbook: "2".to_owned(), ..first("pay") };
    assert_eq!(bench.say(&other).await.unwrap_err().status, 409, "the key is another playbook's");

    let next = bench.say(&request(Status::Identified, "pay")).await.unwrap();
    assert_eq!((next.outcome, next.incident.unwrap().id), (Outcome::Sent, one.incident.unwrap().id));
    assert_eq!(next.update.unwrap().number, 2);
    bench.started(next.broadcast.unwrap().id).await;
    let over = bench.say(&request(Status::Resolved, "pay")).await.unwrap();
    assert_eq!(over.outcome, Outcome::Sent);
    // Before it is started, and after.
    assert_eq!(bench.say(&request(Status::Resolved, "pay")).await.unwrap().outcome, Outcome::Repeated);
    bench.started(over.broadcast.unwrap().id).await;
    assert!(bench.app.store.incident(1).await.unwrap().ended_at.is_some());
    assert_eq!(bench.say(&request(Status::Resolved, "pay")).await.unwrap().outcome, Outcome::Repeated);
    bench.clock.on(3_600);
    let new = bench.say(&first("pay")).await.unwrap();
    assert_eq!((new.outcome, new.incident.unwrap().id), (Outcome::Sent, 2), "then a new one begins");
    assert_eq!(bench.say(&request(Status::Resolved, "other")).await.unwrap().outcome, Outcome::Nothing);
    assert_eq!(bench.incidents().await, 2);
}

#[tokio::test]
async fn the_same_twice_at_once_is_one_incident() {
    let bench = Bench::new().await;
    let asked = first("pay");
    let (one, two) = tokio::join!(bench.say(&asked), bench.say(&asked));
    let mut outcomes = [one.unwrap().outcome, two.unwrap().outcome];
    outcomes.sort_by_key(|outcome| *outcome == Outcome::Repeated);
    assert_eq!((outcomes, bench.incidents().await), ([Outcome::Sent, Outcome::Repeated], 1));
    // And the store itself has one open by a key, whoever asks.
    let instance = bench.app.store.instance(1).await.unwrap().unwrap();
    let content = bench.app.store.update(1).await.unwrap().content;
    let words =
        Words { dedup_key: "pay", title: "Twice", content: &content, instance, exceeded: &[], occurrence: None };
    let entry = bench.app.entry("test", "announce", "", serde_json::json!({}));
    let refused = bench.app.store.announce(None, &words, &entry).await.unwrap_err();
    assert!(matches!(refused, StoreError::Taken(_)));
    assert_eq!(bench.incidents().await, 1, "and nothing of it is left");
}

#[tokio::test]
async fn what_is_over_before_anybody_was_told_is_dropped() {
    let bench = Bench::new().await;
    bench.edited(1, |playbook| playbook.bounds.every_minutes = 31).await;
    let waiting = bench.waits(&first("pay"), "approval").await;
    let over = bench.say(&request(Status::Resolved, "pay")).await.unwrap();
    assert_eq!(over.outcome, Outcome::Nothing);
    let update = bench.app.store.update(waiting.update.unwrap().id).await.unwrap();
    assert_eq!(update.state, State::Discarded, "nobody approves what is over");
    assert!(bench.app.store.incident(1).await.unwrap().ended_at.is_some());
    assert_eq!(bench.say(&request(Status::Resolved, "pay")).await.unwrap().outcome, Outcome::Nothing);
    let again = bench.waits(&first("pay"), "approval").await;
    assert_eq!(again.incident.unwrap().id, 2);
}

#[tokio::test]
async fn a_stage_that_waits_gives_way_to_the_next_and_to_the_one_before() {
    let bench = Bench::new().await;
    let one = bench.say(&first("pay")).await.unwrap();
    bench.started(one.broadcast.unwrap().id).await;
    bench.edited(1, |playbook| playbook.bounds.every_minutes = 31).await;
    let identified = bench.waits(&request(Status::Identified, "pay"), "approval").await;
    let over = bench.waits(&request(Status::Resolved, "pay"), "approval").await;
    let state = async |spoken: &Spoken| bench.app.store.update(spoken.update.as_ref().unwrap().id).await.unwrap().state;
    assert_eq!(state(&identified).await, State::Discarded, "it is old news");
    let back = bench.say(&first("pay")).await.unwrap();
    assert_eq!((back.outcome, state(&over).await), (Outcome::Repeated, State::Discarded), "it is not over");
    assert_eq!(back.update.unwrap().id, one.update.unwrap().id);
    bench.waits(&request(Status::Resolved, "pay"), "approval").await;
}

#[tokio::test]
async fn where_a_person_writes_nothing_is_dropped_or_sent() {
    let bench = Bench::new().await;
    let one = bench.say(&first("pay")).await.unwrap();
    bench.started(one.broadcast.unwrap().id).await;
    let theirs = write::begin_update(&bench.app, &bench.ana, 1, None).await.unwrap();
    let refused = bench.say(&request(Status::Resolved, "pay")).await.unwrap_err();
    assert!(refused.status == 409 && refused.detail.contains("a person is writing update 2"), "{refused}");
    assert_eq!(bench.app.store.update(theirs.id).await.unwrap().state, State::Draft);
    write::discard(&bench.app, &bench.ana, theirs.id).await.unwrap();
    assert_eq!(bench.say(&request(Status::Resolved, "pay")).await.unwrap().outcome, Outcome::Sent);
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let bench = Bench::new().await;
    let rehearsed = async |request: &Request| rehearse(&bench.app, &bench.key, request).await.unwrap();
    let would = rehearsed(&first("pay")).await;
    assert_eq!((would.outcome, bench.incidents().await), (Outcome::Sent, 0));
    assert!(would.preview.unwrap().numbers.count.people > 0);
    let sent = bench.say(&first("pay")).await.unwrap();
    bench.started(sent.broadcast.unwrap().id).await;
    assert_eq!(rehearsed(&first("pay")).await.outcome, Outcome::Repeated);
    assert_eq!(rehearsed(&request(Status::Resolved, "pay")).await.outcome, Outcome::Sent);
    assert_eq!(rehearsed(&request(Status::Resolved, "other")).await.outcome, Outcome::Nothing);
    let soon = rehearsed(&first("other")).await;
    assert_eq!((soon.outcome, soon.exceeded[0].bound.as_str()), (Outcome::Queued, "rate"));
    assert_eq!((bench.incidents().await, bench.app.store.updates(1).await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn what_was_written_down_when_the_daemon_ended_goes_out_at_the_next_start() {
    let bench = Bench::new().await;
    let stored = bench.app.store.playbook(1).await.unwrap();
    let looked = look(&bench.app, &first("pay"), &stored, None).await.unwrap();
    let instance = instance_of(&bench.app, &bench.key, &stored, &looked, false).unwrap();
    let content = looked.filled.content;
    let words =
        Words { dedup_key: "pay", title: "Payments", content: &content, instance, exceeded: &[], occurrence: None };
    let entry = bench.app.entry("key:1/person:1", "announce", "", serde_json::json!({}));
    let (known, _) = bench.app.store.announce(None, &words, &entry).await.unwrap();
    recover(&bench.app).await.unwrap();
    let broadcast = bench.app.store.broadcasts_of(known.update_id).await.unwrap().pop().unwrap();
    assert_eq!(bench.started(broadcast.id).await, State::Running);
    assert!(bench.app.store.unsettled().await.unwrap().is_empty());
    recover(&bench.app).await.unwrap();
    assert_eq!(bench.app.store.broadcasts_of(known.update_id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn practice_has_keys_of_its_own() {
    let bench = Bench::new().await;
    bench.say(&Request { exercise: true, ..first("pay") }).await.unwrap();
    let real = bench.say(&first("pay")).await.unwrap();
    assert_eq!((real.outcome, real.incident.unwrap().exercise, bench.incidents().await), (Outcome::Sent, false, 2));
    let new = NewIncident {
        kind: crate::compose::status::Kind::Incident,
        title: "x".into(),
        exercise: false,
        restricted: false,
    };
    assert_eq!(write::open_incident(&bench.app, &bench.key, &new).await.unwrap_err().status, 403, "and nothing else");
}
