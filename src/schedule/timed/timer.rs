//! Recurring notices: a prepared message at each time of a cron expression. Each time is an incident of its own, whose
//! audience is taken then.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Step, cron::Cron, when};
use crate::{
    app::App,
    compose::status::{Kind, Status},
    people::{Actor, Role, Scope, sight},
    problem::{Problem, line},
    schedule::playbook::{
        fill::{self, Asked},
        instance, named,
    },
    send::Event,
    store::{
        audit::Entry,
        firings::{Due, Firing, Of},
        playbooks::Stored,
        timers::Timer,
    },
    world::{from_millis, millis},
};

/// The times that are shown.
pub const SHOWN: usize = 5;
/// The most timers, so that looking at them costs nothing.
const MOST: usize = 200;

/// A timer to be.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TimerInput")]
pub struct New {
    /// How colleagues know it: "Monday's opening hours". At most 100 characters.
    pub name: String,
    /// The prepared message, by number or name. Two people approved it for timers.
    pub playbook: String,
    /// Which of its stages is sent; left out, the first.
    #[serde(default)]
    pub stage: Option<Status>,
    /// Its values. What is left out takes the usual one.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// When: minute, hour, day of the month, month, day of the week; `0 9 * * 1` is Mondays at 9:00.
    pub cron: String,
    /// The IANA zone in which that is meant; left out, the organisation's.
    #[serde(default)]
    pub zone: Option<String>,
    /// The last moment at which it may be sent, in that zone (`2026-12-31T23:59`) or with an offset.
    #[serde(default)]
    pub until: Option<String>,
    /// True for practice.
    #[serde(default)]
    pub exercise: bool,
}

/// A timer as it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Seen {
    /// The timer.
    #[serde(flatten)]
    pub timer: Timer,
    /// Its next five times, as its zone's clock shows them.
    pub next: Vec<String>,
    /// What became of its last time.
    pub last: Option<Firing>,
}

/// Its times from a moment on, as far as it may be sent.
fn ahead(cron: &Cron, until: Option<Timestamp>, now: Timestamp) -> Vec<Timestamp> {
    cron.iter(now).take_while(|at| until.is_none_or(|until| *at <= until)).take(SHOWN).collect()
}

/// Looks at a timer to be, and writes nothing.
///
/// # Errors
/// 403 for who may not; 409 where the prepared message cannot be sent by; 422 at the field, with how to mend it.
pub async fn read(app: &App, actor: &Actor, new: &New) -> Result<(Timer, Vec<Timestamp>), Problem> {
    let person = app.may(actor, Role::Author, Scope::Announce.as_str())?.ok_or_else(|| {
        Problem::forbidden("a timer needs a person behind it; sign in, or use a key that belongs to somebody")
    })?;
    let name = line("/name", &new.name, 100)?;
    let stored = named::find(app, &new.playbook).await?;
    let now = from_millis(millis(app.world.clock.now()));
    for_timers(app, &stored)?;
    if stored.playbook.kind() == Kind::Maintenance {
        let detail = "is about planned work, which has a beginning and an end; plan it instead (/plans)";
        return Err(Problem::invalid("/playbook", format!("“{}” {detail}", stored.playbook.name)));
    }
    let first = stored.playbook.stages.keys().next().copied().unwrap_or(Status::Published);
    let stage = new.stage.unwrap_or(first);
    if stage.is_final() {
        return Err(Problem::invalid("/stage", "each time begins anew; choose a stage that says so"));
    }
    let zone = new.zone.clone().unwrap_or_else(|| app.config.organisation.time_zone.clone());
    let cron = Cron::parse(&new.cron, &zone)?;
    let values = values(app, &stored, Asked::new(stage, new.variables.clone()), now)?;
    let until = match new.until.as_deref().map(str::trim).filter(|until| !until.is_empty()) {
        Some(until) => Some(when::read("/until", until, &super::cron::zone(&zone)?)?),
        None => None,
    };
    if until.is_some_and(|until| until <= now) {
        return Err(Problem::invalid("/until", "this time has passed; give one that lies ahead, or leave it out"));
    }
    let next = ahead(&cron, until, now);
    let Some(next_at) = next.first().copied() else {
        let detail = match cron.after(now) {
            None => format!("{:?} never comes, not within four years; look at its day and its month", new.cron.trim()),
            Some(at) => {
                let first = when::shown(at, &super::cron::zone(&zone)?);
                format!("it would first come at {first}, after `until`; choose a later end, or other times")
            }
        };
        return Err(Problem::invalid("/cron", detail));
    };
    paced(&stored, &cron, next_at)?;
    let timer = Timer {
        id: 0,
        name,
        playbook_id: stored.id,
        stage,
        values,
        cron: new.cron.split_whitespace().collect::<Vec<_>>().join(" "),
        zone,
        until,
        exercise: new.exercise,
        made_by: person.id,
        made_at: now,
        armed_at: now,
        next_at: Some(next_at),
        ended_at: None,
    };
    Ok((timer, next))
}

/// Refuses a prepared message that timers may not send, or that is not approved.
pub(super) fn for_timers(app: &App, stored: &Stored) -> Result<(), Problem> {
    if !stored.playbook.bounds.timer {
        let detail =
            "was not approved for a timer to send; let it be sent by a timer, and have two people approve that";
        return Err(Problem::invalid("/playbook", format!("“{}” {detail}", stored.playbook.name)));
    }
    instance::usable(app, stored)
}

/// The values as they are taken. One that lies outside its bounds would make each time wait for an approval.
pub(super) fn values(
    app: &App,
    stored: &Stored,
    asked: Asked,
    now: Timestamp,
) -> Result<BTreeMap<String, String>, Problem> {
    let renamed = |mut problem: Problem| {
        problem.pointer = problem.pointer.map(|pointer| pointer.replacen("/values", "/variables", 1));
        problem
    };
    let given = asked.values.clone();
    let filled = fill::fill(&stored.playbook, &asked, now, &app.config.organisation.zone()).map_err(renamed)?;
    match filled.exceeded.first() {
        Some(exceeded) => Err(Problem::invalid("/variables", exceeded.detail.clone())),
        // As they were given: a time of day is another instant each day.
        None => Ok(given),
    }
}

/// Refuses times that follow each other sooner than the prepared message may be sent.
fn paced(stored: &Stored, cron: &Cron, first: Timestamp) -> Result<(), Problem> {
    let every = stored.playbook.bounds.every();
    let times: Vec<Timestamp> = cron.iter(first - SignedDuration::from_secs(1)).take(60).collect();
    let gaps = times.windows(2).map(|pair| pair[1].duration_since(pair[0]));
    // What is sent a little late must not make the next one wait.
    match gaps.min().filter(|gap| *gap <= every) {
        Some(gap) => Err(Problem::invalid(
            "/cron",
            format!(
                "its times come {} min after each other, and “{}” may be sent once in {} min; choose rarer times, or have less approved there",
                gap.as_mins(),
                stored.playbook.name,
                every.as_mins()
            ),
        )),
        None => Ok(()),
    }
}

/// Sets a timer up.
///
/// # Errors
/// As [`read`]; 409 where there are too many.
pub async fn add(app: &App, actor: &Actor, new: &New) -> Result<Seen, Problem> {
    let (timer, _) = read(app, actor, new).await?;
    if app.store.timers(false).await?.len() >= MOST {
        return Err(Problem::conflict(format!("there are {MOST} timers; cancel one that is not needed first")));
    }
    let by = actor.audit_name();
    let detail = serde_json::json!({ "playbook": timer.playbook_id, "cron": timer.cron, "zone": timer.zone });
    let id = app.store.add_timer(&timer, &app.entry(&by, "timer.add", "", detail)).await?;
    app.engine.tell(Event::Desk);
    seen(app, actor, app.store.timer(id).await?).await
}

/// Cancels a timer.
///
/// # Errors
/// 403 for viewers; 404; 409 where it was cancelled.
pub async fn cancel(app: &App, actor: &Actor, id: i64) -> Result<(), Problem> {
    app.may(actor, Role::Author, Scope::Announce.as_str())?;
    app.store.timer(id).await?;
    // What is being said is said; nothing is after the answer.
    let _turn = app.timed.0.lock().await;
    let (by, subject) = (actor.audit_name(), format!("timer:{id}"));
    app.store.end_timer(id, &app.entry(&by, "timer.cancel", &subject, serde_json::json!({}))).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}

/// A timer as the actor may see it: an incident that is hidden from them is not named.
///
/// # Errors
/// The store's.
pub async fn seen(app: &App, actor: &Actor, timer: Timer) -> Result<Seen, Problem> {
    let mut last = app.store.firings_of(Of::Timer(timer.id), 1).await?.pop();
    if let Some(firing) = &mut last {
        let hidden = sight::hidden(app, actor).await?;
        if firing.incident_id.is_some_and(|incident| hidden.contains(&incident)) {
            (firing.incident_id, firing.update_id, firing.problem) = (None, None, None);
        }
    }
    let zone = super::cron::zone(&timer.zone)?;
    let times = match timer.next_at {
        Some(first) => {
            ahead(&Cron::parse(&timer.cron, &timer.zone)?, timer.until, first - SignedDuration::from_millis(1))
        }
        None => Vec::new(),
    };
    Ok(Seen { next: times.into_iter().map(|at| when::shown(at, &zone)).collect(), last, timer })
}

/// What has come of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Come {
    /// Nothing, and its next time is right.
    Nothing,
    /// The clock was set back: its next time is another.
    Armed(Option<Timestamp>),
    /// A time, with how many before it are passed over, and its next one.
    Time(Timestamp, i64, Option<Timestamp>),
}

/// Says what has come, by nothing but its rows and the clock. What was noted once is never noted again, so that a clock
/// that is set back repeats nothing.
pub(super) fn come(cron: &Cron, timer: &Timer, now: Timestamp) -> Come {
    let within = |at: &Timestamp| timer.until.is_none_or(|until| *at <= until);
    let next = || cron.after(now).filter(within);
    if now < timer.armed_at {
        return Come::Armed(next());
    }
    let Some(first) = timer.next_at.filter(|at| *at <= now) else { return Come::Nothing };
    let (newest, missed) = cron.newest(first, timer.until.map_or(now, |until| until.min(now)));
    Come::Time(newest, missed, next())
}

/// Notes what has come.
pub(super) async fn look(app: &App, timer: &Timer) -> Result<(), Problem> {
    let now = from_millis(millis(app.world.clock.now()));
    // Nearly always: no expression has to be read.
    if now >= timer.armed_at && timer.next_at.is_none_or(|at| at > now) {
        return Ok(());
    }
    let cron = Cron::parse(&timer.cron, &timer.zone)?;
    let entry = Entry { at: now, actor: "system", action: "", subject: "", detail: serde_json::json!({}) };
    match come(&cron, timer, now) {
        Come::Nothing => {}
        Come::Armed(next) => app.store.arm_timer(timer.id, next, None, &entry).await?,
        Come::Time(at, missed, next) => {
            let due = Due { of: Of::Timer(timer.id), occurrence: at.to_string(), step: Step::Send, due_at: at, missed };
            app.store.arm_timer(timer.id, next, Some(&due), &entry).await?;
        }
    }
    Ok(())
}
