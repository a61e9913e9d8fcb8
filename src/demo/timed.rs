//! The demo's timers: a notice each week, and planned work in three days. Nothing of them is sent on the first day.

use jiff::SignedDuration;

use super::prepared;
use crate::{
    app::App,
    people::Actor,
    problem::Problem,
    schedule::{
        playbook::Playbook,
        timed::{timer, work},
    },
};

const PLAYBOOKS: &str = include_str!("timed.json");

/// The prepared messages that timers may send.
///
/// # Panics
/// Never: a test reads them.
pub fn playbooks() -> Vec<Playbook> {
    serde_json::from_str(PLAYBOOKS).expect("a test reads the demo's prepared messages for timers")
}

/// Prepares the messages for timers, where there are none yet.
pub async fn prepare(app: &App, author: &str, approvers: [&str; 2]) -> Result<(), Problem> {
    let known = app.store.playbooks().await?;
    let new = playbooks().into_iter().filter(|new| known.iter().all(|known| known.playbook.name != new.name));
    prepared::put(app, new.collect(), author, approvers).await.map(drop)
}

/// Sets a timer and planned work up, where there are none yet.
pub async fn fill(app: &App, author: &str, approvers: [&str; 2]) -> Result<(), Problem> {
    prepare(app, author, approvers).await?;
    let author = app.store.person_by_email(author).await?.ok_or_else(Problem::internal)?.0;
    let author = Actor::Person(author);
    let today = app.world.clock.now().to_zoned(app.config.organisation.zone()).date();
    let day = today.saturating_add(SignedDuration::from_hours(3 * 24));
    if app.store.timers(true).await?.is_empty() {
        let new = timer::New {
            name: "Hours of the week".to_owned(),
            playbook: "weekly-hours".to_owned(),
            cron: format!("0 9 * * {}", day.weekday().to_sunday_zero_offset()),
            ..Default::default()
        };
        timer::add(app, &author, &new).await?;
    }
    if app.store.works(true).await?.is_empty() {
        let at = |hour| format!("{day}T{hour:02}:00");
        let new = work::New {
            name: "New payment system".to_owned(),
            playbook: "planned-work-payments".to_owned(),
            from: at(4),
            until: at(6),
            leads: Some(vec!["24h".to_owned(), "1h".to_owned()]),
            announce_at_once: Some(false),
            ..Default::default()
        };
        work::add(app, &author, &new).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check,
        schedule::playbook::{announce::bench::Bench, keep, named},
    };

    #[tokio::test]
    async fn what_the_demo_says_by_timers_passes_the_checker_and_nothing_of_it_goes_on_the_first_day() {
        let bench = Bench::new().await;
        for _ in 0..2 {
            fill(&bench.app, "ana@acme.example", ["dana@acme.example", "ben@acme.example"]).await.unwrap();
        }
        assert_eq!(bench.app.store.timers(true).await.unwrap().len(), 1, "once");
        assert_eq!(bench.app.store.works(true).await.unwrap().len(), 1, "once");
        for playbook in playbooks() {
            let stored = named::find(&bench.app, &playbook.name).await.unwrap();
            assert!(stored.is_approved() && stored.playbook.bounds.timer);
            for read in keep::read(&bench.app, &stored.playbook).await.unwrap() {
                let blocking: Vec<_> = check::blocking(&read.preview.findings).collect();
                assert!(blocking.is_empty(), "{}: {blocking:?}", read.shows);
            }
        }
        let first = crate::schedule::due::all(&bench.app, &bench.ana, false).await.unwrap();
        let now = bench.app.world.clock.now();
        let day = now + SignedDuration::from_hours(24);
        let soon = first.iter().any(|due| due.person_id.is_none() && due.at.is_some_and(|at| at < day));
        assert!(!soon, "{first:?}");
        assert_eq!(bench.incidents().await, 0);
    }
}
