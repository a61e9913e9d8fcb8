//! Now: what customers hear from us, which promises stand, what goes out, who waits for whom. With `?exercise=1` the same
//! of practice.

use axum::extract::Query;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    pressing, quick,
    time::Times,
    words::{say, text, word},
};
use crate::{
    approve::State,
    compose::status::{Kind, Status},
    people::{Person, Role, sight},
    problem::Problem,
    schedule::promise::standing::in_time,
    store::{
        broadcasts::Broadcast,
        history::Wanted,
        incidents::{Incident, Update},
        lookups::Promise,
    },
};

/// Incidents that fit on the page.
const MOST: i64 = 50;

/// Live, or practice.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    exercise: Option<String>,
}

/// The page.
pub(super) async fn show(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let (app, times, practice) = (&desk.app, Times::of(&desk.app), asked.exercise.is_some());
    let mut seen = Seen { desk: &desk, times: &times, people: app.store.people().await?, promises: Vec::new() };
    seen.promises = sight::open_promises(app, &desk.actor, practice).await?;
    let (mut incidents, mut announced, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = open(&desk, practice).await?;
    found.sort_by_key(|incident| due(&seen.promises, incident));
    for incident in found {
        ends.push(incident.id);
        if is_announced(&incident) {
            announced.push(seen.announced(&incident).await?);
        } else {
            incidents.push(seen.card(&incident).await?);
        }
    }
    let mut pressing = Vec::new();
    for promise in &seen.promises {
        let card = incidents.iter().chain(&announced).find(|card| card["id"] == promise.incident_id);
        if let Some(card) = card {
            pressing.extend(pressing::view(&desk, &times, &seen.people, promise, card).await?);
        }
    }
    let mut running = Vec::new();
    for broadcast in sight::broadcasts_in(app, &desk.actor, &[State::Running, State::Paused, State::Scheduled]).await? {
        if broadcast.exercise == practice {
            running.push(going_out(&desk, &times, &broadcast).await?);
        }
    }
    let mut waits = waiting(&desk, &times).await?;
    waits.retain(|row| row["exercise"] == practice);
    let channels = super::channels::chips(&desk).await?;
    let ready = channels.iter().filter(|channel| channel["class"] == "ok").count();
    let practising = if practice { 0 } else { open(&desk, true).await?.len() };
    let body = json!({
        "open": incidents.len(),
        "planned": announced.len(),
        "announced": announced,
        "duty": super::duty::names(&desk).await?,
        "signing": signing(&desk, &seen.people),
        "ready": ready,
        "configured": channels.len(),
        "pressing": pressing,
        "me": desk.person.id,
        "incidents": incidents,
        "running": running,
        "waiting": waits,
        "proposals": super::proposals::waiting(&desk).await?,
        "channels": channels,
        "practising": practising,
        "unheard": super::webhooks::switched_off(&desk).await?,
        "one": practice && ends.len() == 1,
        "ends": ends,
    });
    let title = text!("now-title", exercise = practice.to_string());
    page::show(&desk, &Frame { template: "now", nav: "now", title, exercise: practice }, body).await
}

/// When its nearest promise is due, for who has to write next; without one it comes last.
fn due(promises: &[Promise], incident: &Incident) -> Timestamp {
    let own = promises.iter().find(|promise| promise.incident_id == incident.id);
    own.map_or(Timestamp::MAX, |promise| promise.due_at)
}

/// What is not over: of practice, what nobody ended.
async fn open(desk: &Desk, practice: bool) -> Result<Vec<Incident>, Problem> {
    let store = &desk.app.store;
    let mut found = Vec::new();
    if practice {
        for id in store.exercises_going_on(MOST).await? {
            found.push(store.incident(id).await?);
        }
    } else {
        let wanted = Wanted { over: Some(false), exercise: Some(false), ..Wanted::default() };
        found = sight::incidents(&desk.app, &desk.actor, &wanted, 0, MOST).await?;
    }
    let hidden = sight::hidden(&desk.app, &desk.actor).await?;
    found.retain(|incident| !hidden.contains(&incident.id));
    Ok(found)
}

/// Planned work that has not begun: customers know of it, and nothing is wrong.
fn is_announced(incident: &Incident) -> bool {
    incident.kind == Kind::Maintenance && incident.status == Some(Status::Scheduled)
}

/// "legal: Mira": who signs for what.
fn signing(desk: &Desk, people: &[Person]) -> Vec<Value> {
    let mut names: Vec<&str> = desk.app.config.approval.sign_off.iter().map(|one| one.name.as_str()).collect();
    names.dedup();
    let of = |name: &&str| {
        let holders = people.iter().filter(|person| person.active && person.signs.iter().any(|signs| signs == name));
        json!({ "name": name, "people": holders.map(|person| person.name.as_str()).collect::<Vec<_>>().join(&word("list-comma")) })
    };
    names.iter().map(of).collect()
}

/// What every card is made from.
struct Seen<'a> {
    desk: &'a Desk,
    times: &'a Times,
    people: Vec<Person>,
    promises: Vec<Promise>,
}

impl Seen<'_> {
    async fn card(&self, incident: &Incident) -> Result<Value, Problem> {
        let updates = self.desk.app.store.updates(incident.id).await?;
        let last = updates.iter().rev().find(|update| update.state == State::Approved);
        let draft = updates
            .iter()
            .rev()
            .find(|update| matches!(update.state, State::Draft | State::Returned | State::Submitted));
        let told = match last {
            Some(update) => Some(told(self.desk, self.times, update).await?),
            None => None,
        };
        let next = updates.iter().map(|update| update.number).max().unwrap_or_default();
        Ok(json!({
            "id": incident.id,
            "title": incident.title,
            "exercise": incident.exercise,
            "restricted": incident.restricted,
            "status": status(incident),
            "class": class(incident),
            "told": told,
            "promise": self.promise(incident.id),
            "kept": self.kept(incident.id).await?,
            "over": incident.ended_at.is_some(),
            "draft": draft.map(|draft| json!({ "id": draft.id, "number": draft.number, "state": say("state", draft.state.as_str()),
                "submitted": draft.state == State::Submitted })),
            "next": if draft.is_some() { next } else { next + 1 },
        }))
    }

    /// The nearest promise: when, whose, and to whom it can be handed over.
    fn promise(&self, incident: i64) -> Option<Value> {
        let (times, me) = (self.times, self.desk.person.id);
        let promise = self.promises.iter().find(|promise| promise.incident_id == incident)?;
        let owner = self.people.iter().find(|person| Some(person.id) == promise.owner_id);
        let left = promise.due_at.duration_since(times.now).as_secs();
        let others = self
            .people
            .iter()
            .filter(|person| person.active && person.role >= Role::Author && Some(person.id) != promise.owner_id);
        Some(json!({
            "id": promise.id,
            "at": promise.due_at.to_string(),
            "time": times.full(promise.due_at),
            "away": times.away(promise.due_at),
            "class": if left < 0 { "late" } else if left < 900 { "near" } else { "" },
            "mine": promise.owner_id == Some(me),
            "owner": owner.map(|person| person.name.as_str()),
            "others": others.map(|person| json!({ "id": person.id, "name": person.name })).collect::<Vec<_>>(),
        }))
    }

    /// "3 of 3 promises kept".
    async fn kept(&self, incident: i64) -> Result<Option<String>, Problem> {
        let promises = self.desk.app.store.promises_of(incident).await?;
        let done: Vec<bool> =
            promises.iter().filter_map(|promise| promise.kept_at.map(|at| in_time(promise.due_at, at))).collect();
        let kept = done.iter().filter(|in_time| **in_time).count();
        Ok((!done.is_empty()).then(|| text!("now-kept", kept = kept, n = done.len())))
    }

    /// Planned work: what customers were told of it, for when, and what they hear next.
    async fn announced(&self, incident: &Incident) -> Result<Value, Problem> {
        let card = self.card(incident).await?;
        Ok(json!({ "id": card["id"], "title": card["title"], "told": card["told"], "promise": card["promise"],
            "exercise": card["exercise"], "draft": card["draft"], "next": card["next"],
            "kind": say("kind", incident.kind.as_str()) }))
    }
}

/// The badge's words.
pub(super) fn status(incident: &Incident) -> String {
    incident.status.map_or_else(|| text!("now-not-told"), |status| say("status", status.as_str()).to_owned())
}

/// The badge's colour.
pub(super) fn class(incident: &Incident) -> &'static str {
    match incident.status.map(|status| status.as_str()) {
        Some("investigating" | "identified" | "in_progress") => "warn",
        Some("monitoring" | "verifying" | "resolved" | "completed") => "ok",
        _ => "info",
    }
}

/// "Update 2, 20 min ago: … · sent to 48,201 of 48,213".
async fn told(desk: &Desk, times: &Times, update: &Update) -> Result<Value, Problem> {
    let broadcasts = desk.app.store.broadcasts_of(update.id).await?;
    let sent = broadcasts.iter().rev().find(|broadcast| broadcast.started_at.is_some());
    let headline = update
        .content
        .variants
        .first()
        .and_then(|variant| variant.facts_for(desk.app.default_locale(), desk.app.default_locale()));
    let mut told = json!({
        "number": update.number,
        "headline": headline.map(|(_, facts)| facts.headline.clone()).unwrap_or_default(),
        "from": update.content.window.map(|window| times.full(window.from)),
        "broadcast": null,
    });
    if let Some(broadcast) = sent {
        let (total, have, arrived) = reach(desk, broadcast).await?;
        told["broadcast"] = json!({ "id": broadcast.id, "total": total, "have": have, "arrived": arrived,
            "away": times.away(broadcast.started_at.unwrap_or(times.now)) });
    }
    Ok(told)
}

/// Deliveries in all, handed over, and arrived as far as the networks tell.
pub(super) async fn reach(desk: &Desk, broadcast: &Broadcast) -> Result<(i64, i64, i64), Problem> {
    use crate::track::DeliveryState as Outcome;
    let progress = desk.app.store.progress(broadcast.id).await?;
    let sum = |wanted: &[Outcome]| {
        progress
            .values()
            .flat_map(|channel| channel.outcomes.iter())
            .filter(|(state, _)| wanted.contains(state))
            .map(|(_, n)| n)
            .sum()
    };
    let total = progress.values().map(|channel| channel.total).sum();
    Ok((total, sum(&[Outcome::Delivered, Outcome::Accepted]), sum(&[Outcome::Delivered])))
}

async fn going_out(desk: &Desk, times: &Times, broadcast: &Broadcast) -> Result<Value, Problem> {
    let update = desk.app.store.update(broadcast.update_id).await?;
    let incident = desk.app.store.incident(broadcast.incident_id).await?;
    let (total, have, _) = reach(desk, broadcast).await?;
    Ok(json!({
        "id": broadcast.id,
        "message": say("message", broadcast.message.as_str()),
        "number": update.number,
        "title": incident.title,
        "exercise": broadcast.exercise,
        "state": say("state", broadcast.state.as_str()),
        "paused": broadcast.state == State::Paused,
        "start": broadcast.start_at.filter(|_| broadcast.started_at.is_none()).map(|at| times.full(at)),
        "total": total,
        "have": have,
    }))
}

/// What waits for somebody's yes, the oldest first.
pub(super) async fn waiting(desk: &Desk, times: &Times) -> Result<Vec<Value>, Problem> {
    let mut rows = Vec::new();
    for update in sight::updates_in(&desk.app, &desk.actor, State::Submitted).await? {
        let Ok(broadcast) = crate::approve::decide::waiting(&desk.app, update.id).await else { continue };
        let incident = desk.app.store.incident(update.incident_id).await?;
        let by = match broadcast.submitted_by {
            Some(id) => desk.app.store.person(id).await?.name,
            None => text!("now-a-program"),
        };
        let signs = crate::approve::sign::required(&desk.app, &broadcast).await?;
        let awaited: Vec<&str> = signs.iter().filter(|one| one.signed.is_none()).map(|one| one.name.as_str()).collect();
        rows.push(json!({
            "update": update.id,
            "number": update.number,
            "title": incident.title,
            "exercise": incident.exercise,
            "restricted": incident.restricted,
            "by": by,
            "away": times.away(broadcast.submitted_at),
            "people": broadcast.people,
            "expires": times.full(broadcast.expires_at),
            "awaited": quick::listed(&awaited),
            "chase": super::approve::chase::sentence(desk, times, &broadcast).await?,
            "mine": crate::approve::decide::may_approve(&desk.app, &desk.actor, update.id).await.is_ok(),
        }));
    }
    Ok(rows)
}
