//! Planned work: announced ahead, begun and ended at its time, moved, extended and cancelled.

use super::{
    super::work::{self, Times},
    *,
};
use crate::{
    compose::status::ComponentStatus,
    store::{incidents::Update, works::WorkState},
};

impl Bench {
    /// Work in eight days, from 02:00 to 04:00 in Vienna.
    async fn plan(&self, change: impl FnOnce(&mut work::New)) -> Result<work::Seen, Problem> {
        let mut new = work::New {
            name: "New system".to_owned(),
            playbook: "planned-work-payments".to_owned(),
            from: "2026-03-10T02:00".to_owned(),
            until: "2026-03-10T04:00".to_owned(),
            zone: Some("Europe/Vienna".to_owned()),
            ..Default::default()
        };
        change(&mut new);
        work::add(&self.app, &self.ana, &new).await
    }

    async fn steps(&self) -> Vec<(Step, Option<Outcome>)> {
        self.fired(Of::Work(1)).await.into_iter().map(|fired| (fired.step, fired.outcome)).collect()
    }

    async fn component(&self) -> ComponentStatus {
        self.app.store.components().await.unwrap().remove(0).status
    }

    async fn words(&self) -> Vec<Update> {
        self.app.store.updates(1).await.unwrap()
    }

    async fn headline(&self) -> String {
        self.words().await.pop().unwrap().content.variants[0].facts["en"].headline.clone()
    }

    /// Looks at each hour until a moment.
    async fn through(&self, moment: &str) {
        let moment: Timestamp = moment.parse().unwrap();
        while self.now() < moment {
            let left = moment.duration_since(self.now()).as_secs();
            self.clock.on(left.min(3_600));
            self.look().await;
        }
    }

    async fn moved(&self, from: Option<&str>, until: Option<&str>) -> Result<work::Seen, Problem> {
        let times = Times { from: from.map(str::to_owned), until: until.map(str::to_owned) };
        let moved = work::move_to(&self.app, &self.ana, 1, &times).await?;
        starter::start_due(&self.app.engine).await.unwrap();
        Ok(moved)
    }
}

const SENT: Option<Outcome> = Some(Outcome::Sent);

#[tokio::test]
async fn it_is_announced_ahead_and_begins_and_ends_by_itself() {
    let bench = Bench::timed().await;
    let seen = bench.plan(|_| {}).await.unwrap();
    let next: Vec<(Step, &str)> = seen.next.iter().map(|next| (next.step, next.shown.as_str())).collect();
    let ahead = [
        (Step::Remind, "2026-03-03T02:00:00+01:00"),
        (Step::Remind, "2026-03-09T02:00:00+01:00"),
        (Step::Remind, "2026-03-10T01:00:00+01:00"),
        (Step::Begin, "2026-03-10T02:00:00+01:00"),
        (Step::End, "2026-03-10T04:00:00+01:00"),
    ];
    assert_eq!((next, seen.incident_id), (ahead.to_vec(), Some(1)));
    bench.look().await;
    assert_eq!(bench.steps().await, [(Step::Announce, SENT)]);
    bench.through("2026-03-10T00:59:59Z").await;
    assert_eq!(bench.component().await, ComponentStatus::Operational);
    bench.at("2026-03-10T01:00:00Z").await;
    assert_eq!(bench.component().await, ComponentStatus::UnderMaintenance);
    let promise = bench.app.store.promises_of(1).await.unwrap().pop().unwrap();
    assert_eq!(promise.due_at.to_string(), "2026-03-10T03:30:00Z", "the next word after its end");
    bench.at("2026-03-10T03:00:00Z").await;
    let all = [Step::Announce, Step::Remind, Step::Remind, Step::Remind, Step::Begin, Step::End];
    assert_eq!(bench.steps().await, all.map(|step| (step, SENT)));
    let incident = bench.all_incidents().await.remove(0);
    assert_eq!((incident.kind, incident.status), (Kind::Maintenance, Some(Status::Completed)));
    assert!(incident.ended_at.is_some() && bench.component().await == ComponentStatus::Operational);
    let words = bench.words().await;
    let window = words[0].content.window.unwrap();
    assert_eq!((words.len(), window.from.to_string().as_str()), (6, "2026-03-10T01:00:00Z"));
    assert_eq!(bench.app.store.work(1).await.unwrap().state, WorkState::Over);
    bench.through("2026-03-11T00:00:00Z").await;
    assert_eq!((bench.steps().await.len(), bench.incidents().await), (6, 1));
    assert!(bench.app.store.promises_of(1).await.unwrap().iter().all(|promise| promise.kept_at.is_some()));
}

#[tokio::test]
async fn when_it_is_moved_those_who_were_told_are_told_and_all_that_lies_ahead_is_timed_anew() {
    let bench = Bench::timed().await;
    bench.plan(|_| {}).await.unwrap();
    bench.through("2026-03-09T10:00:00Z").await;
    assert_eq!(bench.steps().await.len(), 3, "the week and the day before were announced");
    let seen = bench.moved(Some("2026-03-20T02:00"), None).await.unwrap();
    assert_eq!(seen.work.until.to_string(), "2026-03-20T03:00:00Z", "as long as before");
    assert_eq!(bench.headline().await, "Planned work on payments: another time");
    bench.through("2026-03-20T03:00:00Z").await;
    let steps: Vec<Step> = bench.steps().await.into_iter().skip(3).map(|step| step.0).collect();
    let again = [Step::Moved, Step::Remind, Step::Remind, Step::Remind, Step::Begin, Step::End];
    assert_eq!((steps, bench.incidents().await), (again.to_vec(), 1), "a week before the new time too");
}

#[tokio::test]
async fn cancelled_it_is_told_to_those_who_were_told_and_to_nobody_else() {
    let bench = Bench::timed().await;
    bench.plan(|_| {}).await.unwrap();
    bench.look().await;
    // Not within the minutes that have to lie between two of its messages.
    bench.clock.on(600);
    let seen = work::cancel(&bench.app, &bench.ana, 1).await.unwrap();
    bench.look().await;
    assert_eq!((seen.work.state, seen.next.len()), (WorkState::Cancelled, 0));
    assert_eq!(bench.headline().await, "Planned work on payments does not take place");
    assert!(bench.all_incidents().await[0].ended_at.is_some());
    bench.at("2026-03-11T00:00:00Z").await;
    assert_eq!(bench.component().await, ComponentStatus::Operational);
    assert_eq!(work::cancel(&bench.app, &bench.ana, 1).await.unwrap_err().status, 409);

    // One that nobody was told of: neither moving nor cancelling it says anything.
    let untold = |new: &mut work::New| {
        (new.from, new.until) = ("2026-03-30T02:00".to_owned(), "2026-03-30T03:00".to_owned());
        new.announce_at_once = Some(false);
    };
    bench.plan(untold).await.unwrap();
    let times = Times { from: Some("2026-04-01T02:00".to_owned()), until: None };
    work::move_to(&bench.app, &bench.ana, 2, &times).await.unwrap();
    work::cancel(&bench.app, &bench.ana, 2).await.unwrap();
    bench.look().await;
    assert_eq!((bench.incidents().await, bench.fired(Of::Work(2)).await.len()), (1, 0));
}

#[tokio::test]
async fn cancelled_before_its_announcement_began_to_go_out_it_is_not_said_to_be_done() {
    let bench = Bench::timed().await;
    bench.plan(|_| {}).await.unwrap();
    work::cancel(&bench.app, &bench.ana, 1).await.unwrap();
    assert_eq!(bench.headline().await, "Planned work on payments does not take place");
}

#[tokio::test]
async fn no_time_lies_further_ahead_than_anybody_plans() {
    let bench = Bench::timed().await;
    let far = bench.plan(|new| (new.from, new.until) = ("9999-12-30T21:00".to_owned(), "9999-12-30T21:15".to_owned()));
    assert_eq!(far.await.unwrap_err().pointer.as_deref(), Some("/from"));
    bench.plan(|_| {}).await.unwrap();
    assert_eq!(bench.moved(Some("9999-12-30T21:15"), None).await.unwrap_err().pointer.as_deref(), Some("/from"));
    bench.through("2026-03-10T01:00:00Z").await;
    for until in ["2126-03-10T05:00", "9999-12-30T21:45"] {
        assert_eq!(bench.moved(None, Some(until)).await.unwrap_err().pointer.as_deref(), Some("/until"), "{until}");
    }
}

#[tokio::test]
async fn what_was_planned_and_cancelled_while_everything_was_stopped_is_never_told() {
    let bench = Bench::timed().await;
    steer::stop_everything(&bench.app, &bench.ana).await.unwrap();
    bench.plan(|_| {}).await.unwrap();
    assert_eq!(bench.steps().await, [(Step::Announce, None)], "it waits for the start");
    work::cancel(&bench.app, &bench.ana, 1).await.unwrap();
    bench.start_again().await;
    bench.look().await;
    assert_eq!((bench.steps().await, bench.incidents().await), (vec![(Step::Announce, Some(Outcome::Passed))], 0));
}

#[tokio::test]
async fn what_waits_for_a_yes_is_dropped_where_nobody_was_told() {
    let bench = Bench::timed().await;
    bench.changed(5, |playbook| (playbook.bounds.largest_audience, playbook.bounds.machine) = (3, false)).await;
    bench.plan(|_| {}).await.unwrap();
    assert_eq!(bench.steps().await, [(Step::Announce, Some(Outcome::Waits))]);
    bench.moved(Some("2026-03-11T02:00"), None).await.unwrap();
    assert_eq!(bench.steps().await[1], (Step::Moved, Some(Outcome::Waits)));
    assert_eq!(bench.headline().await, "Planned work on payments", "the new times, and no word of a change");
    let updates: Vec<State> = bench.words().await.iter().map(|update| update.state).collect();
    assert_eq!(updates, [State::Discarded, State::Submitted]);
    work::cancel(&bench.app, &bench.ana, 1).await.unwrap();
    assert_eq!(bench.steps().await[2], (Step::Cancelled, Some(Outcome::Nothing)));
    assert!(bench.all_incidents().await[0].ended_at.is_some());
    assert!(bench.words().await.iter().all(|update| update.state == State::Discarded));
}

#[tokio::test]
async fn a_person_lets_it_go_on_or_ends_it_early_and_the_notice_says_so() {
    let bench = Bench::timed().await;
    bench.plan(|_| {}).await.unwrap();
    assert_eq!(work::end(&bench.app, &bench.ana, 1).await.unwrap_err().status, 409, "it has not begun");
    bench.through("2026-03-10T02:00:00Z").await;
    assert!(bench.moved(Some("2026-03-11T02:00"), None).await.unwrap_err().detail.contains("has begun"));
    assert!(bench.moved(None, Some("2026-03-10T03:30")).await.unwrap_err().detail.contains("later end"));
    bench.moved(None, Some("2026-03-10T06:00")).await.unwrap();
    assert_eq!(bench.headline().await, "Planned work on payments takes longer");
    bench.through("2026-03-10T04:30:00Z").await;
    assert_eq!(bench.component().await, ComponentStatus::UnderMaintenance, "past its old end");
    assert_eq!(work::cancel(&bench.app, &bench.ana, 1).await.unwrap_err().status, 409, "it has begun");
    let seen = work::end(&bench.app, &bench.ana, 1).await.unwrap();
    bench.look().await;
    assert_eq!((seen.work.state, seen.work.until), (WorkState::Over, bench.now()));
    assert_eq!(bench.headline().await, "Planned work on payments was done sooner");
    assert_eq!(bench.component().await, ComponentStatus::Operational);
    bench.through("2026-03-10T08:00:00Z").await;
    let steps: Vec<Step> = bench.steps().await.into_iter().skip(4).map(|step| step.0).collect();
    assert_eq!(steps, [Step::Begin, Step::Extended, Step::EndedEarly]);
}

#[tokio::test]
async fn what_is_late_waits_and_its_end_does_not_go_before_its_beginning() {
    let bench = Bench::timed().await;
    bench.plan(|_| {}).await.unwrap();
    bench.look().await;
    steer::stop_everything(&bench.app, &bench.ana).await.unwrap();
    bench.at("2026-03-10T01:30:00Z").await;
    bench.start_again().await;
    bench.look().await;
    let begun = bench.last(Of::Work(1)).await;
    assert_eq!((begun.step, begun.outcome, begun.late_seconds), (Step::Begin, Some(Outcome::Waits), 1_800));
    assert_eq!(bench.component().await, ComponentStatus::Operational, "nothing began for customers");
    bench.at("2026-03-10T03:00:00Z").await;
    let ended = bench.last(Of::Work(1)).await;
    assert_eq!((ended.step, ended.outcome), (Step::End, Some(Outcome::Waits)));
    assert!(ended.problem.unwrap().contains("were not told that the work had begun"));
}

#[tokio::test]
async fn where_all_of_it_was_missed_only_its_end_is_left_and_a_person_says_it() {
    let bench = Bench::timed().await;
    bench.plan(|_| {}).await.unwrap();
    bench.look().await;
    bench.at("2026-03-12T00:00:00Z").await;
    assert_eq!(bench.steps().await[1..], [(Step::End, Some(Outcome::Waits))]);
}

#[tokio::test]
async fn what_cannot_be_planned_says_why_and_leaves_nothing() {
    let bench = Bench::timed().await;
    type Change = fn(&mut work::New);
    let cases: [(Change, &str, &str); 10] = [
        (|new| new.playbook = "weekly-hours".to_owned(), "/playbook", "not about planned work"),
        (|new| new.playbook = "1".to_owned(), "/playbook", "not approved for a timer"),
        (|new| new.from = "2026-03-01T02:00".to_owned(), "/from", "has passed"),
        (|new| new.from = "2026-03-29T02:30".to_owned(), "/from", "does not exist"),
        (|new| new.until = "2026-03-10T01:00".to_owned(), "/until", "end after it begins"),
        (|new| new.until = "2026-07-10T01:00".to_owned(), "/until", "at most 60 days"),
        (|new| new.zone = Some("Vienna".to_owned()), "/zone", "no IANA time zone"),
        (|new| new.leads = Some(vec!["7d".to_owned(), "soon".to_owned()]), "/leads/1", "no length of time"),
        (|new| new.leads = Some(vec!["90d".to_owned()]), "/leads/0", "too short or too long"),
        (|new| new.components = vec!["Teapots".to_owned()], "/components/0", "there are:"),
    ];
    for (change, pointer, said) in cases {
        let problem = bench.plan(change).await.unwrap_err();
        assert_eq!(problem.pointer.as_deref(), Some(pointer), "{problem:?}");
        assert!(problem.detail.contains(said), "{problem:?}");
    }
    assert!(bench.app.store.works(true).await.unwrap().is_empty());
    bench.plan(|_| {}).await.unwrap();
    assert!(bench.moved(Some("2026-03-10T02:00"), None).await.unwrap_err().detail.contains("the times that it has"));
    assert!(bench.moved(Some("2026-03-01T02:00"), None).await.unwrap_err().detail.contains("has passed"));
}

#[tokio::test]
async fn a_plan_whose_incident_is_hidden_is_not_there_for_others() {
    let bench = Bench::timed().await;
    bench.plan(|_| {}).await.unwrap();
    bench.app.store.tamper("UPDATE incident SET restricted = 1").await;
    let plan = bench.app.store.work(1).await.unwrap();
    assert_eq!(work::seen(&bench.app, &bench.ana, plan).await.unwrap_err().status, 404);
    assert_eq!(work::cancel(&bench.app, &bench.ana, 1).await.unwrap_err().status, 404);
    let due = crate::schedule::due::all(&bench.app, &bench.ana, false).await.unwrap();
    assert!(due.iter().all(|due| due.title.as_deref() != Some("New system")), "{due:?}");
}

#[tokio::test]
async fn an_approver_reads_why_it_waits_and_every_word_of_a_change_was_read_before() {
    let bench = Bench::timed().await;
    bench.changed(5, |playbook| (playbook.bounds.largest_audience, playbook.bounds.machine) = (3, false)).await;
    bench.plan(|_| {}).await.unwrap();
    let waiting = bench.last(Of::Work(1)).await;
    let why = bench.app.store.why_it_waits(waiting.update_id.unwrap()).await.unwrap();
    assert!(why.len() == 1 && why[0].detail.contains("people; 3 are approved"), "{why:?}");
    let stored = named::find(&bench.app, "planned-work-payments").await.unwrap();
    let read = crate::schedule::playbook::keep::read(&bench.app, &stored.playbook).await.unwrap();
    for when in ["when it is moved", "when it takes longer", "when it is ended early", "when it is cancelled"] {
        let sample = read.iter().find(|read| read.shows.starts_with(when)).expect(when);
        assert!(sample.preview.texts.iter().any(|text| text.locale == "de"), "{when}");
    }
}

#[tokio::test]
async fn a_prepared_message_for_planned_work_has_the_words_that_a_timer_needs() {
    let bench = Bench::timed().await;
    let stored = bench.app.store.playbook(5).await.unwrap();
    type Change = fn(&mut crate::schedule::playbook::Playbook);
    let cases: [(Change, &str); 4] = [
        (|playbook| drop(playbook.changes.remove(&crate::schedule::playbook::Change::Cancelled)), "/changes/cancelled"),
        (|playbook| drop(playbook.stages.remove(&Status::Completed)), "/stages/completed"),
        (
            |playbook| {
                let words = playbook.stages[&Status::Completed].clone();
                playbook.stages.insert(Status::Resolved, words);
            },
            "/stages/scheduled",
        ),
        (
            |playbook| {
                let words = playbook.stages.remove(&Status::Scheduled).unwrap();
                playbook.stages = [(Status::Published, words)].into();
            },
            "/changes",
        ),
    ];
    for (change, pointer) in cases {
        let mut playbook = stored.playbook.clone();
        change(&mut playbook);
        let known = Some((5, stored.version));
        let problem =
            crate::schedule::playbook::keep::save(&bench.app, &bench.ana, known, &playbook).await.unwrap_err();
        assert_eq!(problem.pointer.as_deref(), Some(pointer), "{problem:?}");
    }
}
