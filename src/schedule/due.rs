//! What is announced and what is due, by time: starts, promises, approvals that run out, planned work, turns of duty.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    api::auth,
    app::App,
    approve::State,
    compose::status::{Kind, Status},
    people::Actor,
    problem::Problem,
    schedule::timed::{Step, work},
    store::incidents::Incident,
};

/// Open incidents that are looked at for announced work.
const MOST: i64 = 200;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The next update of an incident, as customers were promised.
    Promise,
    /// Another deadline of an incident, such as a regulator's.
    Deadline,
    /// An approved update starts.
    Start,
    /// The time for an approval runs out.
    Approval,
    /// Planned work that customers were told of; its times stand in its text.
    Maintenance,
    /// A timer's next time.
    Timer,
    /// Planned work is announced again by itself.
    WorkAnnounced,
    /// Planned work begins by itself.
    WorkBegins,
    /// Planned work ends by itself.
    WorkEnds,
    /// Somebody's turn of duty begins.
    DutyBegins,
    /// Somebody's turn of duty ends.
    DutyEnds,
}

impl What {
    /// Each of them.
    pub const ALL: [What; 11] = [
        What::Promise,
        What::Deadline,
        What::Start,
        What::Approval,
        What::Maintenance,
        What::Timer,
        What::WorkAnnounced,
        What::WorkBegins,
        What::WorkEnds,
        What::DutyBegins,
        What::DutyEnds,
    ];

    /// The name in the API and the words.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Promise => "promise",
            What::Deadline => "deadline",
            What::Start => "start",
            What::Approval => "approval",
            What::Maintenance => "maintenance",
            What::Timer => "timer",
            What::WorkAnnounced => "work_announced",
            What::WorkBegins => "work_begins",
            What::WorkEnds => "work_ends",
            What::DutyBegins => "duty_begins",
            What::DutyEnds => "duty_ends",
        }
    }
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Due {
    /// What.
    pub what: What,
    /// When; null for planned work that was announced without its times.
    pub at: Option<Timestamp>,
    /// Of which incident.
    pub incident_id: Option<i64>,
    /// That incident's title; before it what has to be done, for a deadline.
    pub title: Option<String>,
    /// Which update.
    pub update_id: Option<i64>,
    /// Which broadcast.
    pub broadcast_id: Option<i64>,
    /// Whose it is: the promise's or deadline's owner, who submitted it, or who is on duty.
    pub person_id: Option<i64>,
}

/// Everything that is due, the nearest first; what has no time comes last. Exercises are in it only when asked for.
///
/// # Errors
/// The store's.
pub async fn all(app: &App, actor: &Actor, exercises: bool) -> Result<Vec<Due>, Problem> {
    let mut found = Vec::new();
    for promise in app.store.open_promises(exercises).await? {
        if let Some(incident) = seen(app, actor, promise.incident_id, exercises).await? {
            let due = due(What::Promise, Some(promise.due_at), &incident);
            found.push(Due { broadcast_id: Some(promise.broadcast_id), person_id: promise.owner_id, ..due });
        }
    }
    for deadline in app.store.deadlines(None).await? {
        if let Some(incident) = seen(app, actor, deadline.incident_id, exercises).await? {
            let due = due(What::Deadline, Some(deadline.due_at), &incident);
            let title = Some(format!("{} · {}", deadline.title, incident.title));
            found.push(Due { title, person_id: deadline.owner_id, ..due });
        }
    }
    for broadcast in app.store.broadcasts_in(&[State::Scheduled, State::Submitted]).await? {
        let Some(incident) = seen(app, actor, broadcast.incident_id, exercises).await? else { continue };
        let waits = broadcast.state == State::Submitted;
        let (what, at) = if waits {
            (What::Approval, Some(broadcast.expires_at))
        } else {
            (What::Start, broadcast.start_at.or(broadcast.approved_at))
        };
        found.push(Due {
            update_id: Some(broadcast.update_id),
            broadcast_id: Some(broadcast.id),
            person_id: broadcast.submitted_by,
            ..due(what, at, &incident)
        });
    }
    let by_plan = timed(app, actor, exercises, &mut found).await?;
    for incident in app.store.incidents(true, 0, MOST).await? {
        if by_plan.contains(&incident.id) {
            continue;
        }
        let announced = incident.kind == Kind::Maintenance && incident.status == Some(Status::Scheduled);
        if announced && seen(app, actor, incident.id, exercises).await?.is_some() {
            let told = app.store.updates(incident.id).await?;
            let told = told.iter().rev().find(|update| update.state == State::Approved);
            let from = told.and_then(|update| update.content.window).map(|window| window.from);
            found.push(due(What::Maintenance, from, &incident));
        }
    }
    let now = app.world.clock.now();
    for turn in app.store.duties(now).await? {
        let (what, at) =
            if turn.from_at > now { (What::DutyBegins, turn.from_at) } else { (What::DutyEnds, turn.until_at) };
        found.push(Due {
            what,
            at: Some(at),
            incident_id: None,
            title: None,
            update_id: None,
            broadcast_id: None,
            person_id: Some(turn.person_id),
        });
    }
    found.sort_by_key(|due| (due.at.is_none(), due.at, due.what));
    Ok(found)
}

/// The next time of each timer and plan; answers the incidents whose times those are.
async fn timed(app: &App, actor: &Actor, exercises: bool, found: &mut Vec<Due>) -> Result<Vec<i64>, Problem> {
    let nothing = |what, at, title: &str| Due {
        what,
        at: Some(at),
        incident_id: None,
        title: Some(title.to_owned()),
        update_id: None,
        broadcast_id: None,
        person_id: None,
    };
    for timer in app.store.timers(false).await?.into_iter().filter(|timer| timer.exercise == exercises) {
        found.extend(timer.next_at.map(|at| nothing(What::Timer, at, &timer.name)));
    }
    let mut incidents = Vec::new();
    for work in app.store.works(false).await?.into_iter().filter(|work| work.exercise == exercises) {
        let Ok(seen) = work::seen(app, actor, work).await else { continue };
        incidents.extend(seen.incident_id);
        let Some(next) = seen.next.first() else { continue };
        let what = match next.step {
            Step::Begin => What::WorkBegins,
            Step::End => What::WorkEnds,
            _ => What::WorkAnnounced,
        };
        found.push(Due { incident_id: seen.incident_id, ..nothing(what, next.at, &seen.work.name) });
    }
    Ok(incidents)
}

/// An incident, where the actor may see it and it is of the wanted sort.
async fn seen(app: &App, actor: &Actor, id: i64, exercises: bool) -> Result<Option<Incident>, Problem> {
    if auth::may_see(app, actor, id).await.is_err() {
        return Ok(None);
    }
    Ok(Some(app.store.incident(id).await?).filter(|incident| incident.exercise == exercises))
}

fn due(what: What, at: Option<Timestamp>, incident: &Incident) -> Due {
    Due {
        what,
        at,
        incident_id: Some(incident.id),
        title: Some(incident.title.clone()),
        update_id: None,
        broadcast_id: None,
        person_id: None,
    }
}
