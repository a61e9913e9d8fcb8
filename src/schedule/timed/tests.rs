//! Timers as a whole, by a clock that the tests turn: what goes alone, what waits, what is said once.

mod plans;
mod weeks;

use jiff::{SignedDuration, Timestamp};

use super::{Outcome, Step, tick, timer};
use crate::{
    approve::{State, summon},
    compose::status::{Kind, Status},
    demo::timed as demo,
    people::Actor,
    problem::Problem,
    schedule::playbook::{
        announce::{self, bench::Bench},
        named,
    },
    send::starter,
    store::{
        firings::{Firing, Of},
        incidents::Incident,
        reminders::Noun,
    },
    track::steer,
};

impl Bench {
    /// The demo's world with its prepared messages for timers: "Weekly hours" (4) and "Planned work: payments" (5).
    async fn timed() -> Bench {
        let bench = Bench::new().await;
        demo::prepare(&bench.app, "ana@acme.example", ["dana@acme.example", "ben@acme.example"]).await.unwrap();
        bench
    }

    fn now(&self) -> Timestamp {
        self.app.world.clock.now()
    }

    /// What the daemon does in a second: it looks at timers, and starts what may start.
    async fn look(&self) {
        tick(&self.app).await.unwrap();
        starter::start_due(&self.app.engine).await.unwrap();
    }

    /// Lets time pass until a moment, without a look in between.
    async fn at(&self, moment: &str) {
        let moment: Timestamp = moment.parse().unwrap();
        self.clock.on(moment.duration_since(self.now()).as_secs());
        self.look().await;
    }

    async fn timer(&self, change: impl FnOnce(&mut timer::New)) -> Result<timer::Seen, Problem> {
        let mut new = timer::New {
            name: "Hours".to_owned(),
            playbook: "weekly-hours".to_owned(),
            cron: "0 9 * * 1".to_owned(),
            zone: Some("Europe/Vienna".to_owned()),
            ..Default::default()
        };
        change(&mut new);
        timer::add(&self.app, &self.ana, &new).await
    }

    async fn fired(&self, of: Of) -> Vec<Firing> {
        let mut fired = self.app.store.firings_of(of, 1_000).await.unwrap();
        fired.reverse();
        fired
    }

    async fn last(&self, of: Of) -> Firing {
        self.fired(of).await.pop().expect("its time came")
    }

    async fn start_again(&self) {
        let stopped = self.app.store.broadcasts_in(&[State::Paused]).await.unwrap();
        let stopped: Vec<i64> = stopped.into_iter().map(|broadcast| broadcast.id).collect();
        steer::start_again(&self.app, &self.ana, "it was a test", &stopped).await.unwrap();
    }

    async fn all_incidents(&self) -> Vec<Incident> {
        let mut incidents = self.app.store.incidents(false, 0, 1_000).await.unwrap();
        incidents.reverse();
        incidents
    }

    /// The states of an incident's broadcasts, in order.
    async fn states(&self, incident: i64) -> Vec<State> {
        let all = self.app.store.broadcasts_of_incident(incident).await.unwrap();
        all.into_iter().map(|broadcast| broadcast.state).collect()
    }
}

#[tokio::test]
async fn each_time_is_an_incident_of_its_own_whose_audience_is_taken_then() {
    let bench = Bench::timed().await;
    let seen = bench.timer(|_| {}).await.unwrap();
    assert_eq!(seen.next.len(), 5);
    assert_eq!(seen.next[..2], ["2026-03-09T09:00:00+01:00", "2026-03-16T09:00:00+01:00"]);
    assert_eq!(seen.next[3], "2026-03-30T09:00:00+02:00", "at the same hour after the clocks changed");
    bench.at("2026-03-09T07:59:59Z").await;
    assert!(bench.fired(Of::Timer(1)).await.is_empty());
    bench.at("2026-03-09T08:00:00Z").await;
    bench.look().await;
    let first = bench.last(Of::Timer(1)).await;
    assert_eq!((first.outcome, first.late_seconds, first.missed), (Some(Outcome::Sent), 0, 0));
    let people = bench.app.store.broadcasts_of_incident(1).await.unwrap()[0].people;
    let gone = bench.app.store.recipients(0, 50).await.unwrap();
    let gone: Vec<String> = gone.into_iter().map(|known| known.recipient.customer_id).collect();
    let entry = bench.app.entry("test", "recipient.delete", "", serde_json::json!({}));
    bench.app.store.delete_recipients(&gone, &entry).await.unwrap();
    bench.at("2026-03-16T08:00:01Z").await;
    let incidents = bench.all_incidents().await;
    assert_eq!(
        incidents.iter().map(|it| (it.kind, it.status)).collect::<Vec<_>>(),
        [(Kind::Notice, Some(Status::Published)); 2]
    );
    assert_eq!(bench.states(2).await, [State::Running]);
    assert!(bench.app.store.broadcasts_of_incident(2).await.unwrap()[0].people < people, "who is there then");
    assert_eq!(bench.last(Of::Timer(1)).await.late_seconds, 1);
    let seen = timer::seen(&bench.app, &bench.ana, bench.app.store.timer(1).await.unwrap()).await.unwrap();
    assert_eq!((seen.last.unwrap().incident_id, seen.next[0].as_str()), (Some(2), "2026-03-23T09:00:00+01:00"));
    let instance = bench.app.store.instances_of(2).await.unwrap().remove(0);
    assert_eq!((instance.machine.as_deref(), instance.person_id), (Some("timer:1"), Some(1)));
}

#[tokio::test]
async fn what_lies_outside_its_bounds_waits_for_an_approval_and_is_never_sent() {
    let bench = Bench::timed().await;
    bench.timer(|new| new.cron = "0 9 * * *".to_owned()).await.unwrap();
    let timers_only = |playbook: &mut crate::schedule::playbook::Playbook| {
        playbook.bounds.machine = false;
        playbook.bounds.valid_until = "2026-03-06T00:00:00Z".parse().unwrap();
    };
    for (at, said) in [
        ("2026-03-03T08:00:00Z", "people; 3 are approved"),
        ("2026-03-04T08:00:00Z", "was not approved for a timer"),
        ("2026-03-05T08:00:00Z", "2 more have to approve"),
        ("2026-03-06T08:00:00Z", "time of this prepared message is over"),
    ] {
        match at {
            "2026-03-03T08:00:00Z" => bench.changed(4, |playbook| playbook.bounds.largest_audience = 3).await,
            "2026-03-04T08:00:00Z" => bench.changed(4, |playbook| playbook.bounds.timer = false).await,
            "2026-03-05T08:00:00Z" => drop(bench.edited(4, |playbook| playbook.bounds.timer = true).await),
            _ => bench.changed(4, timers_only).await,
        }
        bench.at(at).await;
        let fired = bench.last(Of::Timer(1)).await;
        let problem = fired.problem.unwrap();
        assert_eq!((fired.outcome, problem.contains(said)), (Some(Outcome::Waits), true), "{problem}");
        let waiting = bench.app.store.broadcasts_of(fired.update_id.unwrap()).await.unwrap().remove(0);
        assert_eq!(waiting.state, State::Submitted);
        summon::tick(&bench.app, bench.now()).await.unwrap();
        assert!(!bench.app.store.summons_of(waiting.id).await.unwrap().is_empty(), "who is on duty is called");
    }
}

#[tokio::test]
async fn after_a_long_stop_only_the_newest_waits_and_says_how_late_it_is() {
    let bench = Bench::timed().await;
    bench.timer(|new| new.cron = "0 9 * * *".to_owned()).await.unwrap();
    bench.at("2026-03-03T08:09:59Z").await;
    let late = bench.last(Of::Timer(1)).await;
    assert_eq!((late.outcome, late.late_seconds), (Some(Outcome::Sent), 599), "a little late goes, and says so");
    bench.at("2026-03-08T11:00:00Z").await;
    let fired = bench.fired(Of::Timer(1)).await;
    assert_eq!(fired.len(), 2, "of several only the newest");
    assert_eq!((fired[1].occurrence.as_str(), fired[1].missed), ("2026-03-08T08:00:00Z", 4));
    assert_eq!((fired[1].outcome, fired[1].late_seconds), (Some(Outcome::Waits), 3 * 3_600));
    assert!(fired[1].problem.as_ref().unwrap().contains("180 min late"), "{fired:?}");
    let noted = bench.app.store.noted_firings().await.pop().unwrap();
    assert!(noted.contains("\"late_seconds\":10800") && noted.contains("\"missed\":4"), "in the record: {noted}");
}

#[tokio::test]
async fn a_general_stop_holds_timers_and_what_it_made_late_waits() {
    let bench = Bench::timed().await;
    bench.timer(|new| new.cron = "0 9 * * *".to_owned()).await.unwrap();
    steer::stop_everything(&bench.app, &bench.ana).await.unwrap();
    bench.at("2026-03-03T08:00:00Z").await;
    assert!(bench.fired(Of::Timer(1)).await.is_empty());
    bench.start_again().await;
    bench.at("2026-03-03T08:05:00Z").await;
    assert_eq!(bench.last(Of::Timer(1)).await.outcome, Some(Outcome::Sent));
    steer::stop_everything(&bench.app, &bench.ana).await.unwrap();
    bench.at("2026-03-04T08:00:00Z").await;
    bench.at("2026-03-04T08:30:00Z").await;
    bench.start_again().await;
    bench.look().await;
    assert_eq!(bench.last(Of::Timer(1)).await.outcome, Some(Outcome::Waits));
}

#[tokio::test]
async fn a_clock_that_is_set_back_repeats_nothing_and_one_set_forward_loses_nothing_that_comes() {
    let bench = Bench::timed().await;
    bench.timer(|new| new.cron = "0 9 * * *".to_owned()).await.unwrap();
    bench.at("2026-03-03T08:00:00Z").await;
    bench.clock.set(-3 * 3_600);
    bench.look().await;
    bench.at("2026-03-03T08:00:30Z").await;
    assert_eq!(bench.fired(Of::Timer(1)).await.len(), 1, "once");
    // Ten days ahead by mistake, and back.
    bench.clock.set(10 * 24 * 3_600);
    bench.look().await;
    assert_eq!(bench.last(Of::Timer(1)).await.occurrence, "2026-03-13T08:00:00Z");
    bench.clock.set(-10 * 24 * 3_600);
    bench.look().await;
    for day in 4..15 {
        bench.at(&format!("2026-03-{day:02}T08:00:00Z")).await;
    }
    let mut times: Vec<String> = bench.fired(Of::Timer(1)).await.into_iter().map(|fired| fired.occurrence).collect();
    times.sort();
    let each: Vec<String> = (3..15).map(|day| format!("2026-03-{day:02}T08:00:00Z")).collect();
    assert_eq!(times, each);
    assert_eq!(bench.incidents().await, each.len());
}

#[tokio::test]
async fn a_crash_at_any_place_is_made_good_and_repeats_nothing() {
    let bench = Bench::timed().await;
    bench.timer(|_| {}).await.unwrap();
    bench.clock.on(7 * 24 * 3_600 - 2 * 3_600);
    // It ended after the time was noted, and before anything was said.
    timer::look(&bench.app, &bench.app.store.timer(1).await.unwrap()).await.unwrap();
    assert_eq!((bench.fired(Of::Timer(1)).await[0].outcome, bench.incidents().await), (None, 0));
    bench.look().await;
    assert_eq!(bench.last(Of::Timer(1)).await.outcome, Some(Outcome::Sent));
    // It ended after that was said, and before it was noted; meanwhile a person took it down.
    for _ in 0..2 {
        bench.app.store.tamper("UPDATE firing SET outcome = NULL").await;
        bench.look().await;
        assert_eq!(bench.last(Of::Timer(1)).await.outcome, Some(Outcome::Sent));
        let update = bench.app.store.updates(1).await.unwrap().remove(0);
        assert_eq!((bench.incidents().await, update.state), (1, State::Approved));
    }
}

#[tokio::test]
async fn what_cannot_be_set_up_says_why_and_leaves_nothing() {
    let bench = Bench::timed().await;
    type Change = fn(&mut timer::New);
    let cases: [(Change, &str, &str); 13] = [
        (|new| new.name = " ".to_owned(), "/name", "line"),
        (|new| new.playbook = "nothing".to_owned(), "/playbook", "there are:"),
        (|new| new.playbook = "1".to_owned(), "/playbook", "not approved for a timer"),
        (|new| new.playbook = "5".to_owned(), "/playbook", "plan it instead"),
        (|new| new.stage = Some(Status::Withdrawn), "/stage", "begins anew"),
        (|new| new.stage = Some(Status::Identified), "/stage", "its stages are published"),
        (|new| drop(new.variables.insert("x".to_owned(), "y".to_owned())), "/variables/x", "no variable"),
        (|new| new.cron = "0 9 31 2 *".to_owned(), "/cron", "never comes"),
        (|new| new.cron = "0 9 * *".to_owned(), "/cron", "give five"),
        (|new| new.cron = "*/20 * * * *".to_owned(), "/cron", "20 min after each other"),
        (|new| new.zone = Some("Mars/Phobos".to_owned()), "/zone", "no IANA time zone"),
        (|new| new.until = Some("2026-03-01T00:00".to_owned()), "/until", "has passed"),
        (|new| new.until = Some("2026-03-29T02:30".to_owned()), "/until", "does not exist in Europe/Vienna"),
    ];
    for (change, pointer, said) in cases {
        let problem = bench.timer(change).await.unwrap_err();
        assert_eq!(problem.pointer.as_deref(), Some(pointer), "{problem:?}");
        assert!(problem.detail.contains(said), "{problem:?}");
    }
    let ends = |new: &mut timer::New| new.until = Some("2026-03-08T00:00".to_owned());
    assert!(bench.timer(ends).await.unwrap_err().detail.contains("after `until`"));
    bench.edited(4, |_| {}).await;
    assert_eq!(bench.timer(|_| {}).await.unwrap_err().status, 409, "not approved");
    let reader = Actor::Person(crate::people::Person {
        role: crate::people::Role::Viewer,
        ..bench.ana.person().unwrap().clone()
    });
    assert_eq!(timer::cancel(&bench.app, &reader, 1).await.unwrap_err().status, 403);
    assert_eq!(timer::cancel(&bench.app, &bench.ana, 1).await.unwrap_err().status, 404);
    assert!(bench.app.store.timers(true).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_that_ends_or_is_cancelled_comes_no_more_and_practice_stays_practice() {
    let bench = Bench::timed().await;
    bench.timer(|new| new.until = Some("2026-03-16T09:00".to_owned())).await.unwrap();
    bench.timer(|new| (new.exercise, new.cron) = (true, "30 9 * * 1".to_owned())).await.unwrap();
    for day in ["09", "16", "23"] {
        bench.at(&format!("2026-03-{day}T08:00:00Z")).await;
        bench.at(&format!("2026-03-{day}T08:30:00Z")).await;
        if day == "09" {
            timer::cancel(&bench.app, &bench.ana, 2).await.unwrap();
        }
    }
    assert_eq!((bench.fired(Of::Timer(1)).await.len(), bench.fired(Of::Timer(2)).await.len()), (2, 1));
    let practice: Vec<bool> = bench.all_incidents().await.iter().map(|incident| incident.exercise).collect();
    assert_eq!(practice, [false, true, false]);
    assert_eq!(timer::cancel(&bench.app, &bench.ana, 2).await.unwrap_err().status, 409);
    let over = bench.app.store.timer(1).await.unwrap();
    assert_eq!((over.next_at, over.ended_at), (None, None));
}

#[tokio::test]
async fn what_could_not_be_said_is_told_to_people() {
    let bench = Bench::timed().await;
    bench.timer(|_| {}).await.unwrap();
    bench.app.store.tamper("UPDATE timer SET stage = 'identified'").await;
    bench.at("2026-03-09T08:00:00Z").await;
    let fired = bench.last(Of::Timer(1)).await;
    assert_eq!((fired.outcome, fired.problem.is_some(), fired.step), (Some(Outcome::Refused), true, Step::Send));
    assert_eq!(bench.app.store.called(Noun::Firing, fired.id, "waits").await.unwrap(), [1, 2], "Ana, and Ben on duty");
    let (_, message) = super::tell::message(&bench.app, fired.id, bench.now()).await.unwrap();
    assert!(message.body.contains("What the timer “Hours” had to say at"), "{}", message.body);
    assert!(named::find(&bench.app, "weekly-hours").await.is_ok());
    assert_eq!(SignedDuration::from_secs(fired.late_seconds), SignedDuration::ZERO);
}

#[tokio::test]
async fn what_an_author_left_behind_waits_for_a_person() {
    let no_writer = ("UPDATE person SET role = 'viewer' WHERE id = 1", "may not write");
    for (change, why) in [no_writer, ("UPDATE person SET active = 0 WHERE id = 1", "no access")] {
        let bench = Bench::timed().await;
        bench.timer(|_| {}).await.unwrap();
        bench.app.store.tamper(change).await;
        bench.at("2026-03-09T08:00:00Z").await;
        let fired = bench.last(Of::Timer(1)).await;
        assert_eq!(fired.outcome, Some(Outcome::Waits), "{fired:?}");
        assert!(fired.problem.is_some_and(|problem| problem.contains(why)), "{why}");
        assert_eq!(bench.states(1).await, [], "nothing goes out");
    }
}

#[tokio::test]
async fn what_could_not_be_submitted_in_its_time_waits_for_a_person() {
    let bench = Bench::timed().await;
    bench.timer(|_| {}).await.unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON broadcast BEGIN SELECT RAISE(ABORT, 'full'); END";
    bench.app.store.tamper(full).await;
    bench.at("2026-03-09T08:00:00Z").await;
    bench.app.store.tamper("DROP TRIGGER full").await;
    // While everything is stopped, nothing is submitted either: at the start it is seen how late it is.
    steer::stop_everything(&bench.app, &bench.ana).await.unwrap();
    announce::recover(&bench.app).await.unwrap();
    assert_eq!((bench.incidents().await, bench.states(1).await), (1, vec![]));
    bench.clock.on(5 * 3_600);
    bench.start_again().await;
    announce::recover(&bench.app).await.unwrap();
    bench.look().await;
    let fired = bench.last(Of::Timer(1)).await;
    assert_eq!((fired.outcome, bench.states(1).await), (Some(Outcome::Waits), vec![]));
    assert!(fired.problem.is_some_and(|problem| problem.contains("300 min late")));
}

#[tokio::test]
async fn after_its_last_moment_a_person_decides() {
    let bench = Bench::timed().await;
    bench.timer(|new| new.until = Some("2026-03-09T09:05".to_owned())).await.unwrap();
    bench.at("2026-03-09T08:06:00Z").await;
    let fired = bench.last(Of::Timer(1)).await;
    assert_eq!((fired.outcome, bench.states(1).await), (Some(Outcome::Waits), vec![]), "{fired:?}");
}
