//! Recurring notices on the schedule's page: what there is, with the next times and what became of the last, and a form.

use axum::extract::Path;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page, schedule,
    time::Times,
    words::{say, text},
};
use crate::{
    compose::status::Kind,
    people::Person,
    problem::Problem,
    schedule::timed::{
        cron,
        timer::{self, New, Seen},
        when,
    },
    store::{firings::Firing, playbooks::Stored},
};

/// What was typed in a form of this page, and what came of it.
#[derive(Default)]
pub(super) struct Given {
    /// The form; empty where none was sent.
    pub form: Form,
    /// What is wrong with it.
    pub problem: Option<Problem>,
    /// The times that it would have, and that nothing was written.
    pub times: Vec<String>,
}

impl Given {
    /// What was typed in a field, or what usually stands there.
    pub fn typed(&self, name: &str, usual: &str) -> String {
        self.form.raw(name).unwrap_or(usual).to_owned()
    }
}

/// A time as its zone's clock shows it: "Mon 9 March 2026, 09:00".
pub(super) fn shown(at: Timestamp, zone: &str) -> String {
    match cron::zone(zone) {
        Ok(zone) => {
            let at = at.to_zoned(zone);
            let day = say("weekday", &at.weekday().to_monday_one_offset().to_string()).to_owned();
            let month = say("month-short", &at.month().to_string()).to_owned();
            let time = at.strftime("%H:%M").to_string();
            text!(
                "timed-moment",
                weekday = day,
                day = at.day(),
                month = month,
                year = at.year().to_string(),
                time = time
            )
        }
        Err(_) => String::new(),
    }
}

/// What became of a time, in words.
pub(super) fn last(times: &Times, firing: &Firing) -> Value {
    let outcome = firing.outcome.map_or("pending", |outcome| outcome.as_str());
    let late = firing.late_seconds >= 60;
    json!({
        "at": times.near(firing.due_at), "step": say("timed_step", firing.step.as_str()),
        "outcome": say("timed_outcome", outcome), "good": outcome == "sent" || outcome == "nothing" || outcome == "passed",
        "late": late.then(|| super::time::length(firing.late_seconds.unsigned_abs())),
        "missed": (firing.missed > 0).then_some(firing.missed), "incident": firing.incident_id, "problem": firing.problem,
    })
}

/// The prepared messages that timers may send, of planned work or of everything else.
pub(super) fn messages(known: &[Stored], planned: bool, chosen: &str) -> Vec<Value> {
    let fits = |stored: &&Stored| {
        let of_work = stored.playbook.kind() == Kind::Maintenance;
        stored.playbook.bounds.timer && stored.retired_at.is_none() && of_work == planned
    };
    let row = |stored: &Stored| {
        let id = stored.id.to_string();
        json!({ "id": stored.id, "name": stored.playbook.name, "chosen": id == chosen })
    };
    known.iter().filter(fits).map(row).collect()
}

/// Values as they are typed: a line for each, `name = value`.
pub(super) fn values(form: &Form) -> std::collections::BTreeMap<String, String> {
    let lines = form.get("values").lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// The section: a row for each, and the form.
pub(super) async fn view(
    desk: &Desk,
    times: &Times,
    known: &[Stored],
    people: &[Person],
    exercises: bool,
    given: &Given,
) -> Result<Value, Problem> {
    let mut rows = Vec::new();
    for timer in desk.app.store.timers(false).await?.into_iter().filter(|timer| timer.exercise == exercises) {
        let Seen { timer, last: fired, .. } = timer::seen(&desk.app, &desk.actor, timer).await?;
        let message = known.iter().find(|stored| stored.id == timer.playbook_id);
        let by = people.iter().find(|person| person.id == timer.made_by);
        rows.push(json!({
            "id": timer.id, "name": timer.name, "cron": timer.cron, "zone": timer.zone,
            "message": message.map(|stored| stored.playbook.name.clone()), "playbook": timer.playbook_id,
            "by": by.map(|person| person.name.clone()),
            "next": timer.next_at.map(|at| json!({ "at": shown(at, &timer.zone), "away": times.away(at) })),
            "until": timer.until.map(|at| shown(at, &timer.zone)),
            "last": fired.map(|fired| last(times, &fired)),
        }));
    }
    let zone = &desk.app.config.organisation.time_zone;
    Ok(json!({
        "rows": rows, "messages": messages(known, false, given.form.get("playbook")),
        "problem": given.problem.as_ref().map(|problem| problem.detail.as_str()), "times": given.times,
        "open": given.problem.is_some() || !given.times.is_empty(),
        "name": given.typed("name", ""), "cron": given.typed("cron", "0 9 * * 1"), "zone": given.typed("zone", zone),
        "until": given.typed("until", ""), "values": given.typed("values", ""),
        "exercise": !given.form.get("exercise").is_empty() || exercises,
    }))
}

fn read(form: &Form) -> New {
    let some = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
    New {
        name: form.get("name").to_owned(),
        playbook: form.get("playbook").to_owned(),
        stage: None,
        variables: values(form),
        cron: form.get("cron").to_owned(),
        zone: some("zone"),
        until: some("until"),
        exercise: some("exercise").is_some(),
    }
}

/// Sets one up, or shows its next times and writes nothing. What cannot be used comes back with what was typed.
pub(super) async fn add(desk: Desk, form: Form) -> Answer {
    let new = read(&form);
    let looks = form.get("action") == "look";
    let answered = if looks {
        timer::read(&desk.app, &desk.actor, &new)
            .await
            .map(|(timer, next)| next.into_iter().map(|at| shown(at, &timer.zone)).collect())
    } else {
        timer::add(&desk.app, &desk.actor, &new).await.map(|_| Vec::new())
    };
    match answered {
        Ok(_) if !looks => page::to(&format!("/console/schedule{}#timers", schedule::practice(new.exercise))),
        Ok(times) => {
            schedule::shown(&desk, new.exercise, &Given { form, problem: None, times }, &Given::default()).await
        }
        Err(problem) if matches!(problem.status, 409 | 422) => {
            let given = Given { form, problem: Some(problem), times: Vec::new() };
            schedule::shown(&desk, new.exercise, &given, &Given::default()).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Cancels one.
pub(super) async fn cancel(desk: Desk, Path(id): Path<i64>) -> Answer {
    let exercise = desk.app.store.timer(id).await?.exercise;
    timer::cancel(&desk.app, &desk.actor, id).await?;
    page::to(&format!("/console/schedule{}#timers", schedule::practice(exercise)))
}

/// A time as an `input type=datetime-local` has it, in its own zone.
pub(super) fn input(at: Timestamp, zone: &str) -> String {
    cron::zone(zone).map(|zone| when::shown(at, &zone)[..16].to_owned()).unwrap_or_default()
}
