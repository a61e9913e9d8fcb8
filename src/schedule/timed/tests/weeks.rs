//! Weeks over the changes of the clocks, and whatever else happens to a clock and a machine.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    super::{
        cron::Cron,
        timer::{Come, come},
        work,
    },
    *,
};
use crate::store::{
    timers::Timer,
    works::{Work, WorkState},
};

fn timer(zone: &str, cron: &str, now: Timestamp) -> (Cron, Timer) {
    let read = Cron::parse(cron, zone).unwrap();
    let timer = Timer {
        id: 1,
        name: "Hours".to_owned(),
        playbook_id: 1,
        stage: Status::Published,
        values: BTreeMap::new(),
        cron: cron.to_owned(),
        zone: zone.to_owned(),
        until: None,
        exercise: false,
        made_by: 1,
        made_at: now,
        armed_at: now,
        next_at: read.after(now),
        ended_at: None,
    };
    (read, timer)
}

#[test]
fn over_both_changes_of_the_clocks_each_day_has_its_one_notice() {
    for (zone, starts) in [
        ("Europe/Vienna", ["2026-03-26T12:00:00Z", "2026-10-22T12:00:00Z"]),
        ("Australia/Sydney", ["2026-04-02T00:00:00Z", "2026-10-01T00:00:00Z"]),
        ("Australia/Lord_Howe", ["2026-04-02T00:00:00Z", "2026-10-01T00:00:00Z"]),
    ] {
        for (cron, start) in ["15 2 * * *", "45 1 * * *"].into_iter().flat_map(|cron| starts.map(|start| (cron, start)))
        {
            let mut now: Timestamp = start.parse().unwrap();
            let (read, mut timer) = timer(zone, cron, now);
            let (end, mut fired) = (now + SignedDuration::from_hours(7 * 24), Vec::new());
            while now < end {
                now += SignedDuration::from_secs(470);
                if let Come::Time(at, missed, next) = come(&read, &timer, now) {
                    assert!(missed == 0 && now.duration_since(at) < SignedDuration::from_secs(470));
                    fired.push(at.to_zoned(jiff::tz::TimeZone::get(zone).unwrap()).date());
                    (timer.armed_at, timer.next_at) = (now, next);
                }
            }
            let days: BTreeSet<_> = fired.iter().collect();
            assert_eq!((fired.len(), days.len()), (7, 7), "{zone} {cron} from {start}: {fired:?}");
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Happens {
    /// The daemon runs for so many minutes, and looks each minute.
    Runs(i64),
    /// It is off for so many, or somebody sets the clock by so many.
    Jumps(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        6 => (1_i64..100).prop_map(Happens::Runs),
        2 => prop_oneof![1_i64..30, 100_i64..5_000].prop_map(Happens::Jumps),
        2 => prop_oneof![-300_i64..300, Just(-4_000), Just(4_000)].prop_map(Happens::Jumps),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever happens: what is noted is a time of it that has come, and of those that lie between two looks of a clock
    /// that went forward, the newest is noted. That each is noted once is the rows' key.
    #[test]
    fn a_timer_never_misses_what_comes_and_makes_nothing_up(
        all in proptest::collection::vec(happens(), 1..40),
        zone in 0_usize..3,
        minute in 0_u8..60,
    ) {
        let name = ["Europe/Vienna", "Australia/Sydney", "Australia/Lord_Howe"][zone];
        let mut now: Timestamp = "2026-10-24T20:00:00Z".parse().unwrap();
        let (cron, mut timer) = timer(name, &format!("{minute} */3 * * *"), now);
        let (mut noted, mut seen) = (BTreeSet::new(), now);
        let mut look = |now: Timestamp| {
            match come(&cron, &timer, now) {
                Come::Nothing => {}
                Come::Armed(next) => (timer.armed_at, timer.next_at) = (now, next),
                Come::Time(at, _, next) => {
                    assert!(at <= now && cron.after(at - SignedDuration::from_secs(1)) == Some(at));
                    noted.insert(at);
                    (timer.armed_at, timer.next_at) = (now, next);
                }
            }
            if now >= seen {
                let newest = cron.iter(seen).take_while(|at| *at <= now).last();
                assert!(newest.is_none_or(|newest| noted.contains(&newest)), "{newest:?} was not noted");
            }
            seen = now;
        };
        for happens in all {
            let (steps, minutes) = match happens {
                Happens::Runs(minutes) => (minutes, 1),
                Happens::Jumps(minutes) => (1, minutes),
            };
            for _ in 0..steps {
                now += SignedDuration::from_mins(minutes);
                look(now);
            }
        }
    }

    /// Planned work takes each step at most once and in order, whatever the clock does, and is over in the end.
    #[test]
    fn planned_work_takes_its_steps_once_and_in_order(looks in proptest::collection::vec(-2_000_i64..3_000, 1..60)) {
        let start: Timestamp = "2026-03-02T10:00:00Z".parse().unwrap();
        let mut work = Work {
            id: 1,
            name: "Work".to_owned(),
            playbook_id: 1,
            values: BTreeMap::new(),
            components: Vec::new(),
            zone: "UTC".to_owned(),
            from: start + SignedDuration::from_hours(8 * 24),
            until: start + SignedDuration::from_hours(8 * 24 + 2),
            leads: vec![7 * 86_400, 86_400, 3_600],
            exercise: false,
            state: WorkState::Planned,
            revision: 1,
            timed_at: start,
            made_by: 1,
            made_at: start,
            ended_at: None,
        };
        let (mut now, mut done, mut steps) = (start, Vec::new(), Vec::new());
        let last = start + SignedDuration::from_hours(20 * 24);
        let mut moments: Vec<Timestamp> = Vec::new();
        for minutes in looks {
            now += SignedDuration::from_mins(minutes);
            moments.push(now);
        }
        moments.extend([last; 3]);
        for now in moments {
            if let Some((state, due)) = work::come(&work, &done, now) {
                prop_assert!(due.due_at <= now && !done.contains(&due.occurrence), "{due:?}");
                steps.push((due.step, due.due_at));
                done.push(due.occurrence);
                work.state = state;
            }
        }
        prop_assert!(steps.windows(2).all(|pair| pair[0].1 < pair[1].1), "{steps:?}");
        prop_assert_eq!((work.state, steps.last().map(|step| step.0)), (WorkState::Over, Some(Step::End)));
        prop_assert!(steps.iter().filter(|step| step.0 == Step::Begin).count() <= 1);
    }
}
