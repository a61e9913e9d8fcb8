//! The story of an incident: each update with what it changed, who stood behind it, how far it reached and what was done
//! with it; and each promise, kept or late.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    approve,
    enter::Desk,
    now, people, quick,
    time::{Times, length},
    words::{say, text},
    write,
};
use crate::{
    approve::State,
    check::Finding,
    people::{Person, Role},
    problem::Problem,
    render::MessageKind,
    schedule::promise::{Entry, Standing, Sums, Why},
    store::{
        broadcasts::Broadcast,
        incidents::{Incident, Update},
        story::Deed,
    },
};

/// What a story is told from.
pub(super) struct Story {
    updates: Vec<Update>,
    broadcasts: Vec<Broadcast>,
    /// The highest number that was given, to an update that was dropped too.
    last: i64,
    deeds: Vec<Deed>,
    names: BTreeMap<i64, String>,
    exercise: bool,
}

impl Story {
    /// Reads it.
    pub async fn read(desk: &Desk, incident: &Incident, colleagues: &[Person]) -> Result<Story, Problem> {
        let store = &desk.app.store;
        let mut updates = store.updates(incident.id).await?;
        let last = updates.iter().map(|update| update.number).max().unwrap_or_default();
        updates.retain(|update| update.state != State::Discarded);
        let mut broadcasts = Vec::new();
        for update in &updates {
            broadcasts.extend(store.broadcasts_of(update.id).await?);
        }
        let names = colleagues.iter().map(|person| (person.id, person.name.clone())).collect();
        Ok(Story {
            updates,
            broadcasts,
            last,
            deeds: store.deeds(incident.id).await?,
            names,
            exercise: incident.exercise,
        })
    }

    fn name(&self, id: Option<i64>) -> Option<&String> {
        self.names.get(&id?)
    }

    /// The number of the update that a broadcast carried out.
    fn number(&self, broadcast: i64) -> Option<i64> {
        let broadcast = self.broadcasts.iter().find(|known| known.id == broadcast)?;
        self.updates.iter().find(|update| update.id == broadcast.update_id).map(|update| update.number)
    }

    /// The updates in order.
    pub async fn updates(&self, desk: &Desk, times: &Times) -> Result<Vec<Value>, Problem> {
        let mut told: Vec<Value> = Vec::new();
        let mut before: Option<&Update> = None;
        for update in &self.updates {
            told.push(self.update(desk, times, update, before).await?);
            if update.state == State::Approved {
                before = Some(update);
            }
        }
        Ok(told)
    }

    async fn update(
        &self,
        desk: &Desk,
        times: &Times,
        update: &Update,
        before: Option<&Update>,
    ) -> Result<Value, Problem> {
        let default = desk.app.default_locale();
        let facts = update.content.variants.first().and_then(|variant| variant.facts_for(default, default));
        let writers = desk.app.store.writers(update.id).await?;
        let writers: Vec<&str> = writers.iter().filter_map(|id| self.name(Some(*id))).map(String::as_str).collect();
        let mine = || self.broadcasts.iter().filter(|broadcast| broadcast.update_id == update.id);
        let mut sent = Vec::new();
        for broadcast in mine().filter(|broadcast| broadcast.approved_at.is_some()) {
            let (total, have, arrived) = now::reach(desk, broadcast).await?;
            sent.push(json!({
                "id": broadcast.id, "message": say("message", broadcast.message.as_str()),
                "state": say("state", broadcast.state.as_str()), "total": total, "have": have, "arrived": arrived,
                "people": broadcast.people, "begun": broadcast.started_at.is_some(),
                "at": broadcast.started_at.or(broadcast.start_at).map(|at| times.full(at)),
            }));
        }
        let approved = mine().rev().find(|broadcast| broadcast.approved_at.is_some() && broadcast.source_id.is_none());
        let frozen = approved.or_else(|| mine().rev().find(|broadcast| broadcast.state == State::Submitted));
        let findings = frozen.and_then(|broadcast| serde_json::from_value(broadcast.plan["findings"].clone()).ok());
        let findings: Vec<Finding> = findings.unwrap_or_default();
        let kept = approve::kept(&findings).into_iter().filter(|finding| !finding["reason"].is_null());
        let subjects: Vec<String> = mine()
            .map(|broadcast| format!("broadcast:{}", broadcast.id))
            .chain([format!("update:{}", update.id)])
            .collect();
        let changes = before.map(|before| write::differences(times, &before.content, &update.content));
        Ok(json!({
            "id": update.id, "number": update.number, "status": say("status", update.content.status.as_str()),
            "headline": facts.map(|(_, facts)| facts.headline.clone()).unwrap_or_default(),
            "text": facts.map(|(_, facts)| facts.what_happened.clone()).unwrap_or_default(),
            "state": say("state", update.state.as_str()), "told": update.state == State::Approved,
            "writers": if writers.is_empty() { text!("now-a-program") } else { quick::listed(&writers) },
            "approved": approved.and_then(|broadcast| Some(json!({
                "by": self.name(broadcast.approved_by)?, "at": times.full(broadcast.approved_at?) }))),
            "sent": sent, "kept": kept.collect::<Vec<_>>(),
            "changes": changes, "since": before.map(|before| before.number),
            "deeds": self.deeds(desk, times, &subjects).await?,
        }))
    }

    /// What was done besides, with the incident as a whole.
    pub async fn besides(&self, desk: &Desk, times: &Times, incident: &Incident) -> Result<Vec<Value>, Problem> {
        let of_it = |deed: &&Deed| deed.subject.starts_with("promise:") || deed.subject.starts_with("deadline:");
        let mut subjects: Vec<String> = self.deeds.iter().filter(of_it).map(|deed| deed.subject.clone()).collect();
        subjects.push(format!("incident:{}", incident.id));
        self.deeds(desk, times, &subjects).await
    }

    async fn deeds(&self, desk: &Desk, times: &Times, subjects: &[String]) -> Result<Vec<Value>, Problem> {
        let mut told = Vec::new();
        for deed in self.deeds.iter().filter(|deed| subjects.contains(&deed.subject)) {
            let who = match deed.actor.as_str() {
                "system" => "Onevoice".to_owned(),
                "operator" => text!("incident-at-the-server"),
                actor => people::who(desk, actor).await?,
            };
            told.push(json!({ "at": times.near(deed.at), "who": who, "what": say("deed", &deed.action) }));
        }
        Ok(told)
    }

    /// Every promise in order, with those who may take it over.
    pub async fn promises(
        &self,
        desk: &Desk,
        times: &Times,
        incident: &Incident,
        may: &[Value],
    ) -> Result<Value, Problem> {
        let promises = desk.app.store.promises_of(incident.id).await?;
        let missed = desk.app.config.promises.missed_after.0;
        let entries: Vec<Entry> = promises.into_iter().map(|promise| Entry::of(promise, times.now, missed)).collect();
        let sums: Sums = entries.iter().collect();
        let rows = entries.iter().map(|Entry { promise, standing, late_seconds }| {
            json!({
                "id": promise.id, "time": times.full(promise.due_at), "owner": self.name(promise.owner_id),
                "made": self.number(promise.broadcast_id), "kept": promise.kept_at.map(|at| times.near(at)),
                "by": promise.kept_by.and_then(|by| self.number(by)),
                "holding": promise.kept_message == Some(MessageKind::Holding),
                "missed": *standing == Standing::Missed,
                "late": late_seconds.map(|late| length(late.unsigned_abs())), "away": times.away(promise.due_at),
                "escalated": promise.escalated_at.map(|at| json!({ "at": times.near(at),
                    "why": say("why", promise.escalated_why.unwrap_or(Why::Stopped).as_str()) })),
                "colleagues": if promise.kept_at.is_none() { may } else { &[] },
            })
        });
        let rows: Vec<Value> = rows.collect();
        Ok(json!({ "rows": rows, "in_time": sums.kept + sums.holding, "late": sums.late, "missed": sums.missed,
            "holding": sums.holding }))
    }

    /// The one thing to do next: its words, its place, and whether a form begins it.
    pub fn next(&self, desk: &Desk) -> Value {
        let (writes, open) = (desk.person.role >= Role::Author, self.open());
        let running = self
            .broadcasts
            .iter()
            .rev()
            .find(|broadcast| matches!(broadcast.state, State::Running | State::Paused | State::Scheduled));
        match (open, running) {
            (Some(update), _) if update.state == State::Submitted => {
                json!({ "words": text!("incident-read-update", n = update.number), "place": format!("/console/updates/{}/approve", update.id) })
            }
            (Some(update), _) if writes => {
                json!({ "words": text!("incident-go-on", n = update.number), "place": format!("/console/updates/{}", update.id) })
            }
            (None, Some(broadcast)) => {
                let paused = broadcast.state == State::Paused;
                let words = if paused { text!("incident-look-and-decide") } else { text!("incident-watch") };
                json!({ "words": words, "place": format!("/console/broadcasts/{}", broadcast.id) })
            }
            (None, None) if writes => json!({ "words": self.writing(), "place": null }),
            _ => Value::Null,
        }
    }

    /// While one goes out the next may be written already.
    pub fn also(&self, desk: &Desk) -> Option<String> {
        (desk.person.role >= Role::Author && self.open().is_none()).then(|| self.writing())
    }

    /// The update that is not out yet.
    fn open(&self) -> Option<&Update> {
        let is_open = |update: &&Update| matches!(update.state, State::Draft | State::Returned | State::Submitted);
        self.updates.iter().rev().find(is_open)
    }

    fn writing(&self) -> String {
        text!("incident-write", exercise = self.exercise.to_string(), n = self.last + 1)
    }
}
