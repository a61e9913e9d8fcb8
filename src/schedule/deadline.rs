//! Other deadlines of an incident, such as a regulator's 72 hours: they stand beside the promises and only remind.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

use super::promise::{call, reminder};
use crate::{
    app::App,
    people::{Actor, Role, sight},
    problem::Problem,
    send::Event,
    store::{StoreError, deadlines::Deadline, named, reminders::Noun},
};

/// The longest title, in characters.
const TITLE: usize = 120;
/// The most deadlines of one incident.
const MOST: usize = 50;

/// A deadline to be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct New {
    /// What has to be done, in 1 to 120 characters: "Tell the regulator".
    pub title: String,
    /// Until when.
    pub due_at: Timestamp,
    /// Who has to do it; left out, who writes it down.
    #[serde(default)]
    pub owner_id: Option<i64>,
}

/// Writes a deadline down.
///
/// # Errors
/// 403 for viewers; 404 where there is no such incident; 422 at the field.
pub async fn add(app: &App, actor: &Actor, incident_id: i64, new: &New) -> Result<Deadline, Problem> {
    app.may(actor, Role::Author, "write")?;
    sight::may_see(app, actor, incident_id).await?;
    let title = new.title.trim();
    if title.is_empty() || title.chars().count() > TITLE || title.chars().any(char::is_control) {
        return Err(Problem::invalid(
            "/title",
            format!("say in one line of at most {TITLE} characters what has to be done"),
        ));
    }
    let now = app.world.clock.now();
    if new.due_at <= now {
        return Err(Problem::invalid("/due_at", "this time has passed; give one that lies ahead"));
    }
    if app.store.deadlines(Some(incident_id)).await?.len() >= MOST {
        return Err(Problem::conflict(format!("an incident has at most {MOST} deadlines")));
    }
    let me = actor.person().map(|person| person.id);
    if let Some(owner) = new.owner_id {
        let person = app.store.person(owner).await;
        let person = person.ok().filter(|person| person.active);
        let Some(person) = person else {
            return Err(Problem::invalid("/owner_id", "there is no colleague of that number"));
        };
        if !app.store.is_seen(named::Noun::Incident, incident_id, Some(owner)).await? {
            let detail = format!("{} may not see this incident; name them for it first", person.name);
            return Err(Problem::invalid("/owner_id", detail));
        }
    }
    let by = actor.audit_name();
    let entry = app.entry(&by, "deadline.add", "", serde_json::json!({ "due_at": new.due_at }));
    let id = app.store.add_deadline(incident_id, title, new.due_at, new.owner_id.or(me), me, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.deadline(id).await?)
}

/// Marks a deadline as done, or as open again.
///
/// # Errors
/// 403 for viewers; 404.
pub async fn mark(app: &App, actor: &Actor, id: i64, done: bool) -> Result<Deadline, Problem> {
    app.may(actor, Role::Author, "write")?;
    sight::look(app, actor, named::Noun::Deadline, id).await?;
    let (by, subject) = (actor.audit_name(), format!("deadline:{id}"));
    let action = if done { "deadline.done" } else { "deadline.reopen" };
    let entry = app.entry(&by, action, &subject, serde_json::json!({}));
    app.store.mark_deadline(id, done, actor.person().map(|person| person.id), &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.deadline(id).await?)
}

/// Writes down the reminders that are due: at each lead, and at the deadline itself.
pub(super) async fn remind(app: &App, now: Timestamp) -> Result<(), StoreError> {
    let leads = app.config.promises.remind_of_deadlines.iter().map(|lead| lead.0).chain([SignedDuration::ZERO]);
    let leads: Vec<SignedDuration> = leads.collect();
    for deadline in app.store.deadlines(None).await? {
        let left = deadline.due_at.duration_since(now);
        if !leads.iter().any(|lead| left <= *lead) {
            continue;
        }
        let incident = app.store.incident(deadline.incident_id).await?;
        let done = app.store.reminders(Noun::Deadline, deadline.id).await?;
        let reached = leads.iter().filter(|lead| left <= **lead).map(|lead| reminder(*lead));
        let new: Vec<String> = reached.filter(|step| !done.contains(step)).collect();
        if new.is_empty() || incident.exercise {
            continue;
        }
        let calls = call::owner_and_duty(app, &incident, deadline.owner_id, now).await?;
        app.store.remind(Noun::Deadline, deadline.id, &new, &calls, now).await?;
    }
    Ok(())
}
