//! Planned work: announced when it is set up and ahead of its beginning, begun and ended at its time, moved and cancelled
//! with a word to those who were told. All of it is one incident, and the stages of one prepared message.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::MutexGuard;

use super::{Step, at_once, carry, cron, timer, when};
use crate::{
    app::App,
    compose::{
        content::PlannedTime,
        status::{Kind, Status},
    },
    people::{Actor, Role, Scope, sight},
    problem::{Problem, line},
    schedule::playbook::{fill::Asked, named},
    send::Event,
    store::{
        audit::Entry,
        firings::{Due, Firing, Of},
        works::{Work, WorkState},
    },
    world::{from_millis, millis},
};

/// When it is announced where nobody says otherwise.
const LEADS: [&str; 3] = ["7d", "24h", "1h"];
/// The most leads.
const MOST_LEADS: usize = 6;
/// The longest lead, and the longest time that work lasts.
const LONGEST: SignedDuration = SignedDuration::from_hours(60 * 24);
/// How far ahead work can be planned.
const FARTHEST: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);
/// The most plans that lie ahead.
const MOST: usize = 200;

/// Planned work to be.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PlanInput")]
pub struct New {
    /// How colleagues know it: "New database". At most 100 characters.
    pub name: String,
    /// The prepared message, by number or name: about planned work, and approved by two people for timers.
    pub playbook: String,
    /// Its values. What is left out takes the usual one.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Components that are worked on besides its own, by number or name.
    #[serde(default)]
    pub components: Vec<String>,
    /// When it begins, in `zone` (`2026-12-05T02:00`) or with an offset.
    pub from: String,
    /// When it ends, in the same way.
    pub until: String,
    /// The IANA zone in which its times are meant; left out, the organisation's.
    #[serde(default)]
    pub zone: Option<String>,
    /// How long before its beginning it is announced, besides at once: `["7d", "24h", "1h"]`, which is what is taken where it
    /// is left out. A lead that has passed by then is not announced.
    #[serde(default)]
    pub leads: Option<Vec<String>>,
    /// False where nothing is said before its first lead; left out, it is announced at once too.
    #[serde(default)]
    pub announce_at_once: Option<bool>,
    /// True for practice.
    #[serde(default)]
    pub exercise: bool,
}

/// Other times of planned work.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PlanTimes")]
pub struct Times {
    /// When it begins; left out, as before. Work that goes on has begun.
    #[serde(default)]
    pub from: Option<String>,
    /// When it ends; left out, so long after its beginning as before.
    #[serde(default)]
    pub until: Option<String>,
}

/// Something that lies ahead of planned work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PlanStep")]
pub struct Ahead {
    /// What.
    pub step: Step,
    /// When.
    pub at: Timestamp,
    /// The same as its zone's clock shows it.
    pub shown: String,
}

/// Planned work as it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Plan")]
pub struct Seen {
    /// The plan.
    #[serde(flatten)]
    pub work: Work,
    /// What lies ahead, in order.
    pub next: Vec<Ahead>,
    /// The incident that customers are told of it by; null before anything was written.
    pub incident_id: Option<i64>,
    /// What became of the times that have come, the newest first; twenty at most.
    pub done: Vec<Firing>,
}

fn lead(at: usize, typed: &str) -> Result<i64, Problem> {
    let refuse = |why: &str| {
        let detail = format!("{typed:?} {why}; write it like \"7d\", \"24h\" or \"30m\", from a minute to 60 days");
        Problem::invalid(format!("/leads/{at}"), detail)
    };
    let span: Span = typed.trim().parse().map_err(|_| refuse("is no length of time"))?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| refuse("is no length of time"))?;
    if !(SignedDuration::from_mins(1)..=LONGEST).contains(&length) {
        return Err(refuse("is too short or too long"));
    }
    Ok(length.as_secs())
}

/// Looks at planned work to be, and writes nothing.
///
/// # Errors
/// 403 for who may not; 409 where the prepared message cannot be sent by; 422 at the field, with how to mend it.
pub async fn read(app: &App, actor: &Actor, new: &New) -> Result<Work, Problem> {
    let person = app.may(actor, Role::Author, Scope::Announce.as_str())?.ok_or_else(|| {
        Problem::forbidden("planned work needs a person behind it; sign in, or use a key that belongs to somebody")
    })?;
    let name = line("/name", &new.name, 100)?;
    let stored = named::find(app, &new.playbook).await?;
    timer::for_timers(app, &stored)?;
    if stored.playbook.kind() != Kind::Maintenance {
        let detail = "is not about planned work; choose one whose stages are scheduled, in_progress and completed";
        return Err(Problem::invalid("/playbook", format!("“{}” {detail}", stored.playbook.name)));
    }
    let now = from_millis(millis(app.world.clock.now()));
    let name_of_zone = new.zone.clone().unwrap_or_else(|| app.config.organisation.time_zone.clone());
    let zone = cron::zone(&name_of_zone)?;
    let window =
        PlannedTime { from: when::read("/from", &new.from, &zone)?, until: when::read("/until", &new.until, &zone)? };
    checked(window, now)?;
    let asked = Asked { window: Some(window), ..Asked::new(Status::Scheduled, new.variables.clone()) };
    let values = timer::values(app, &stored, asked, now)?;
    let known = app.store.components().await?;
    for (place, name) in new.components.iter().enumerate() {
        let names = |component: &crate::store::components::Component| {
            component.id.to_string() == *name || component.name.to_lowercase() == name.to_lowercase()
        };
        if !known.iter().any(names) {
            let names: Vec<&str> = known.iter().map(|known| known.name.as_str()).collect();
            let detail = format!("there is no component {name:?}; there are: {}", names.join(", "));
            return Err(Problem::invalid(format!("/components/{place}"), detail));
        }
    }
    let typed = new.leads.clone().unwrap_or_else(|| LEADS.map(str::to_owned).to_vec());
    if typed.len() > MOST_LEADS {
        return Err(Problem::invalid("/leads", format!("at most {MOST_LEADS}: nobody reads that many announcements")));
    }
    let leads: Result<Vec<i64>, Problem> = typed.iter().enumerate().map(|(at, typed)| lead(at, typed)).collect();
    let mut leads = leads?;
    leads.sort_unstable_by(|a, b| b.cmp(a));
    leads.dedup();
    Ok(Work {
        id: 0,
        name,
        playbook_id: stored.id,
        values,
        components: new.components.clone(),
        zone: name_of_zone,
        from: window.from,
        until: window.until,
        leads,
        exercise: new.exercise,
        state: WorkState::Planned,
        revision: 1,
        timed_at: now,
        made_by: person.id,
        made_at: now,
        ended_at: None,
    })
}

fn checked(window: PlannedTime, now: Timestamp) -> Result<(), Problem> {
    if window.from <= now {
        return Err(Problem::invalid("/from", "this time has passed; planned work begins at a time that lies ahead"));
    }
    soon(window.from, now)?;
    if window.until <= window.from {
        return Err(Problem::invalid("/until", "it has to end after it begins; give a later end"));
    }
    lasts(window)
}

/// A year too many is a slip, and would be told to customers.
fn soon(from: Timestamp, now: Timestamp) -> Result<(), Problem> {
    match from.duration_since(now) > FARTHEST {
        true => Err(Problem::invalid("/from", "this lies more than two years ahead; is the year right?")),
        false => Ok(()),
    }
}

fn lasts(window: PlannedTime) -> Result<(), Problem> {
    match window.until.duration_since(window.from) > LONGEST {
        true => Err(Problem::invalid("/until", "planned work lasts at most 60 days; plan it in parts")),
        false => Ok(()),
    }
}

/// Plans work. It is announced at once.
///
/// # Errors
/// As [`read`]; 409 where there are too many plans.
pub async fn add(app: &App, actor: &Actor, new: &New) -> Result<Seen, Problem> {
    let work = read(app, actor, new).await?;
    if app.store.works(false).await?.len() >= MOST {
        return Err(Problem::conflict(format!("there are {MOST} plans; cancel one that is not needed first")));
    }
    let by = actor.audit_name();
    let detail = serde_json::json!({ "playbook": work.playbook_id, "from": work.from, "until": work.until });
    let at_once = new.announce_at_once.unwrap_or(true);
    let id = app.store.add_work(&work, at_once, &app.entry(&by, "plan.add", "", detail)).await?;
    done(app, actor, id, app.timed.0.lock().await).await
}

/// What was written down is carried out, and answered.
async fn done(app: &App, actor: &Actor, id: i64, turn: MutexGuard<'_, ()>) -> Result<Seen, Problem> {
    at_once(app, turn).await?;
    app.engine.tell(Event::Desk);
    seen(app, actor, app.store.work(id).await?).await
}

async fn open(app: &App, actor: &Actor, id: i64) -> Result<Work, Problem> {
    app.may(actor, Role::Author, Scope::Announce.as_str())?;
    let work = app.store.work(id).await?;
    may_see(app, actor, &work).await?;
    match work.state {
        WorkState::Planned | WorkState::UnderWay => Ok(work),
        WorkState::Over => Err(Problem::conflict("this work is over")),
        WorkState::Cancelled => Err(Problem::conflict("this work was cancelled")),
    }
}

async fn step(app: &App, actor: &Actor, before: &Work, after: &Work, step: Step) -> Result<Seen, Problem> {
    let by = actor.audit_name();
    let now = after.timed_at;
    let occurrence = format!("{}/{}", after.revision, step.as_str());
    let due = Due { of: Of::Work(before.id), occurrence, step, due_at: now, missed: 0 };
    // What is being said of it is said first: then it has an incident, and those who were told are told of this.
    let turn = app.timed.0.lock().await;
    // Before anything was written about it, there is nothing to change.
    let due = incident(app, before).await?.map(|_| due);
    let (action, subject) = (format!("plan.{}", step.as_str()), Of::Work(before.id).name());
    let detail = serde_json::json!({ "from": after.from, "until": after.until });
    let entry = Entry { at: now, actor: &by, action: &action, subject: &subject, detail };
    app.store.step_work(before, after, due.as_ref(), &entry).await?;
    done(app, actor, before.id, turn).await
}

/// Gives planned work other times. Those who were told of the old ones are told; what lies ahead is timed anew. Work that
/// goes on can be given a later end.
///
/// # Errors
/// 403, 404; 409 where it is over; 422 at the time.
pub async fn move_to(app: &App, actor: &Actor, id: i64, times: &Times) -> Result<Seen, Problem> {
    let work = open(app, actor, id).await?;
    let (zone, now) = (cron::zone(&work.zone)?, from_millis(millis(app.world.clock.now())));
    let given = |pointer: &str, typed: &Option<String>| match typed.as_deref().map(str::trim) {
        Some(typed) if !typed.is_empty() => when::read(pointer, typed, &zone).map(Some),
        _ => Ok(None),
    };
    let (from, until) = (given("/from", &times.from)?, given("/until", &times.until)?);
    let mut after = Work { revision: work.revision + 1, timed_at: now, ..work.clone() };
    if work.state == WorkState::UnderWay {
        if from.is_some_and(|from| from != work.from) {
            return Err(Problem::invalid("/from", "it has begun; only its end can be moved"));
        }
        after.until = until.unwrap_or(work.until);
        if after.until <= work.until.max(now) {
            return Err(Problem::invalid("/until", "give a later end than the one planned, or end it when it is done"));
        }
        lasts(PlannedTime { from: work.from, until: after.until })?;
        return step(app, actor, &work, &after, Step::Extended).await;
    }
    after.from = from.unwrap_or(work.from);
    soon(after.from, now)?;
    after.until = until.unwrap_or_else(|| after.from + work.until.duration_since(work.from));
    checked(PlannedTime { from: after.from, until: after.until }, now)?;
    if (after.from, after.until) == (work.from, work.until) {
        return Err(Problem::invalid("/from", "these are the times that it has; give others"));
    }
    step(app, actor, &work, &after, Step::Moved).await
}

/// Ends work that goes on, before its time.
///
/// # Errors
/// 403, 404; 409 where it does not go on.
pub async fn end(app: &App, actor: &Actor, id: i64) -> Result<Seen, Problem> {
    let work = open(app, actor, id).await?;
    if work.state != WorkState::UnderWay {
        return Err(Problem::conflict("it has not begun; cancel it, or move it"));
    }
    let now = from_millis(millis(app.world.clock.now()));
    let until = now.max(work.from + SignedDuration::from_secs(1));
    let after = Work { state: WorkState::Over, until, timed_at: now, ended_at: Some(now), ..work.clone() };
    step(app, actor, &work, &after, Step::EndedEarly).await
}

/// Cancels work that has not begun. Those who were told of it are told; where nobody was, nothing is said.
///
/// # Errors
/// 403, 404; 409 where it has begun.
pub async fn cancel(app: &App, actor: &Actor, id: i64) -> Result<Seen, Problem> {
    let work = open(app, actor, id).await?;
    if work.state != WorkState::Planned {
        return Err(Problem::conflict("it has begun; end it instead"));
    }
    let now = from_millis(millis(app.world.clock.now()));
    let after = Work { state: WorkState::Cancelled, timed_at: now, ended_at: Some(now), ..work.clone() };
    step(app, actor, &work, &after, Step::Cancelled).await
}

async fn incident(app: &App, work: &Work) -> Result<Option<i64>, Problem> {
    Ok(app.store.announced(&carry::key(work.id), work.exercise).await?.map(|known| known.incident_id))
}

/// Refuses a plan whose incident is hidden from the actor.
///
/// # Errors
/// 404.
pub async fn may_see(app: &App, actor: &Actor, work: &Work) -> Result<(), Problem> {
    match incident(app, work).await? {
        Some(incident) => sight::may_see(app, actor, incident).await.map(drop),
        None => Ok(()),
    }
}

/// A plan as it stands.
///
/// # Errors
/// 404 where it is hidden from the actor.
pub async fn seen(app: &App, actor: &Actor, work: Work) -> Result<Seen, Problem> {
    may_see(app, actor, &work).await?;
    let zone = cron::zone(&work.zone)?;
    let now = app.world.clock.now();
    let next = ahead(&work, now).into_iter().map(|(step, at)| Ahead { step, at, shown: when::shown(at, &zone) });
    Ok(Seen {
        next: next.collect(),
        incident_id: incident(app, &work).await?,
        done: app.store.firings_of(Of::Work(work.id), 20).await?,
        work,
    })
}

/// Planned work that the actor may see, the next one first.
///
/// # Errors
/// The store's.
pub async fn all(app: &App, actor: &Actor, over: bool) -> Result<Vec<Seen>, Problem> {
    let mut plans = Vec::new();
    for work in app.store.works(over).await? {
        match seen(app, actor, work).await {
            Ok(plan) => plans.push(plan),
            Err(problem) if problem.status == 404 => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(plans)
}

/// The leads that are announced, with their moments, in order of time: those that lie after its times were set.
fn leads(work: &Work) -> impl Iterator<Item = (i64, Timestamp)> + '_ {
    let moments = work.leads.iter().map(|lead| (*lead, work.from - SignedDuration::from_secs(*lead)));
    moments.filter(|(_, at)| *at > work.timed_at)
}

/// What lies ahead of it, in order.
pub fn ahead(work: &Work, now: Timestamp) -> Vec<(Step, Timestamp)> {
    let mut all = Vec::new();
    if work.state == WorkState::Planned {
        all.extend(leads(work).map(|(_, at)| (Step::Remind, at)).filter(|(_, at)| *at > now));
        all.push((Step::Begin, work.from));
    }
    if work.ended_at.is_none() {
        all.push((Step::End, work.until));
    }
    all
}

/// What has come of planned work, by nothing but its rows and the clock: the newest step that was not taken, and where the
/// work stands with it. `done` are the times that were noted. A clock that is set back takes no step again.
pub(super) fn come(work: &Work, done: &[String], now: Timestamp) -> Option<(WorkState, Due)> {
    let due =
        |step, occurrence: String, due_at, missed| Due { of: Of::Work(work.id), occurrence, step, due_at, missed };
    match work.state {
        WorkState::Planned if now >= work.until => {
            Some((WorkState::Over, due(Step::End, "end".to_owned(), work.until, 1)))
        }
        WorkState::Planned if now >= work.from => {
            Some((WorkState::UnderWay, due(Step::Begin, "begin".to_owned(), work.from, 0)))
        }
        WorkState::Planned => {
            let name = |lead: i64| format!("{}/lead/{lead}", work.revision);
            let is_done = |lead: i64| done.contains(&name(lead));
            // A later one that was announced has said it all.
            if leads(work).any(|(lead, at)| at > now && is_done(lead)) {
                return None;
            }
            let reached: Vec<(i64, Timestamp)> = leads(work).filter(|(_, at)| *at <= now).collect();
            let (lead, at) = reached.last().copied().filter(|(lead, _)| !is_done(*lead))?;
            let missed = reached.iter().filter(|(lead, _)| !is_done(*lead)).count() as i64 - 1;
            Some((WorkState::Planned, due(Step::Remind, name(lead), at, missed)))
        }
        WorkState::UnderWay if now >= work.until => {
            Some((WorkState::Over, due(Step::End, "end".to_owned(), work.until, 0)))
        }
        WorkState::UnderWay | WorkState::Over | WorkState::Cancelled => None,
    }
}

/// Notes what has come.
pub(super) async fn look(app: &App, work: &Work) -> Result<(), Problem> {
    let now = from_millis(millis(app.world.clock.now()));
    // Nearly always nothing has come since the latest one, and no more has to be read.
    let latest = app.store.firings_of(Of::Work(work.id), 1).await?.pop().map(|firing| firing.occurrence);
    if come(work, latest.as_slice(), now).is_none() {
        return Ok(());
    }
    let done = app.store.firings_of(Of::Work(work.id), 1_000).await?;
    let done: Vec<String> = done.into_iter().map(|firing| firing.occurrence).collect();
    if let Some((state, due)) = come(work, &done, now) {
        let ended_at = (state == WorkState::Over).then_some(now);
        let after = Work { state, ended_at, ..work.clone() };
        let entry = Entry { at: now, actor: "system", action: "", subject: "", detail: serde_json::json!({}) };
        app.store.step_work(work, &after, Some(&due), &entry).await?;
    }
    Ok(())
}
