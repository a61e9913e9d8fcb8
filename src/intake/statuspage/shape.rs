//! The shapes of Statuspage, and what a change makes of one. New members of a change are left alone; known ones have to fit.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{compose::status::ComponentStatus, problem::Problem, store::components::Component};

/// The most updates of an incident that are remembered, and the most characters of a text.
const UPDATES: usize = 20;
const LONGEST: usize = 2_000;
const LONGEST_ID: usize = 100;
/// The most components of an incident.
const COMPONENTS: usize = 100;

const STATUSES: [&str; 5] = ["investigating", "identified", "monitoring", "resolved", "postmortem"];
const PLANNED: [&str; 4] = ["scheduled", "in_progress", "verifying", "completed"];
const IMPACTS: [&str; 5] = ["none", "maintenance", "minor", "major", "critical"];

/// What a change is about.
pub(super) struct About<'a> {
    pub page: &'a str,
    pub id: &'a str,
    pub components: &'a [Component],
    pub now: Timestamp,
}

#[derive(Deserialize)]
struct IncidentBody {
    incident: IncidentChange,
}

#[derive(Deserialize)]
struct IncidentChange {
    name: Option<String>,
    status: Option<String>,
    impact_override: Option<String>,
    body: Option<String>,
    components: Option<BTreeMap<String, String>>,
    component_ids: Option<Vec<String>>,
    scheduled_for: Option<Value>,
}

#[derive(Deserialize)]
struct ComponentBody {
    component: ComponentChange,
}

#[derive(Deserialize)]
struct ComponentChange {
    name: Option<String>,
    status: Option<String>,
    description: Option<String>,
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// A component's id is a name at most.
fn cut_id(id: &str) -> String {
    id.chars().take(LONGEST_ID).collect()
}

fn refuse(pointer: &str, given: &str, known: &[&str]) -> Problem {
    Problem::invalid(pointer, format!("is {:?}; known are {}", cut(given), known.join(", ")))
}

fn component_status(pointer: &str, given: &str) -> Result<ComponentStatus, Problem> {
    let known: Vec<&str> = ComponentStatus::ALL.iter().map(|status| status.as_str()).collect();
    // Statuspage takes an empty one for this.
    let given = if given.is_empty() { "operational" } else { given };
    ComponentStatus::parse(given).ok_or_else(|| refuse(pointer, given, &known))
}

/// An incident after a change, and whether it fires.
pub(super) fn incident(about: &About<'_>, known: Option<Value>, body: &[u8]) -> Result<(Value, bool), Problem> {
    let change = crate::api::read_json::<IncidentBody>(body)?.incident;
    let now = about.now.to_string();
    let mut whole = match known {
        Some(known) => known,
        None => {
            if change.name.as_deref().is_none_or(|name| name.trim().is_empty()) {
                return Err(Problem::invalid("/incident/name", "is missing"));
            }
            json!({
                "id": about.id, "page_id": about.page, "name": "", "status": "investigating", "impact": "none",
                "impact_override": null, "components": [], "incident_updates": [], "metadata": {}, "shortlink": null,
                "created_at": now, "started_at": now, "updated_at": now, "monitoring_at": null, "resolved_at": null,
                "scheduled_for": null, "scheduled_until": null, "postmortem_body": null,
            })
        }
    };
    let planned = change.status.as_deref().is_some_and(|status| PLANNED.contains(&status));
    if planned || change.scheduled_for.is_some_and(|at| !at.is_null()) {
        let detail = "is planned work, which people announce; write it in the console";
        return Err(Problem::invalid("/incident/status", detail));
    }
    if let Some(name) = &change.name {
        whole["name"] = json!(cut(name));
    }
    if let Some(impact) = &change.impact_override {
        if !IMPACTS.contains(&impact.as_str()) {
            return Err(refuse("/incident/impact_override", impact, &IMPACTS));
        }
        whole["impact_override"] = json!(impact);
    }
    for (id, status) in change.components.iter().flatten() {
        let status = component_status(&format!("/incident/components/{id}"), status)?;
        concern(&mut whole, about, id, Some(status))?;
    }
    if let Some(ids) = &change.component_ids {
        for id in ids {
            concern(&mut whole, about, id, None)?;
        }
        // The list is the whole of it.
        let named = |id: &str| ids.iter().any(|known| cut_id(known) == id);
        let given = |id: &str| change.components.iter().flatten().any(|(known, _)| cut_id(known) == id);
        if let Some(components) = whole["components"].as_array_mut() {
            components.retain(|component| component["id"].as_str().is_some_and(|id| named(id) || given(id)));
        }
    }
    if let Some(status) = &change.status {
        if !STATUSES.contains(&status.as_str()) {
            return Err(refuse("/incident/status", status, &STATUSES));
        }
        whole["status"] = json!(status);
        match status.as_str() {
            "monitoring" => whole["monitoring_at"] = json!(now),
            "resolved" => whole["resolved_at"] = json!(now),
            "investigating" | "identified" => whole["resolved_at"] = Value::Null,
            _ => {}
        }
    }
    if change.status.is_some() || change.body.is_some() {
        update(&mut whole, about, change.body.as_deref().unwrap_or_default());
    }
    whole["updated_at"] = json!(now);
    let impact = whole["impact_override"].as_str().map_or_else(|| worst(&whole), str::to_owned);
    whole["impact"] = json!(impact);
    let over = is_over(&whole);
    Ok((whole, !over))
}

/// Whether an incident is over.
pub(super) fn is_over(whole: &Value) -> bool {
    matches!(whole["status"].as_str(), Some("resolved" | "postmortem"))
}

/// Notes what was said, the newest first, as Statuspage lists it.
fn update(whole: &mut Value, about: &About<'_>, body: &str) {
    let now = about.now.to_string();
    let status = whole["status"].clone();
    let Some(updates) = whole["incident_updates"].as_array_mut() else { return };
    let number = updates.first().and_then(|update| update["id"].as_str()?.rsplit('-').next()?.parse::<u32>().ok());
    let id = format!("{}-{}", about.id, number.unwrap_or_default().saturating_add(1));
    updates.insert(
        0,
        json!({
            "id": id, "incident_id": about.id, "status": status, "body": cut(body), "created_at": now, "updated_at": now,
            "display_at": now, "affected_components": null, "deliver_notifications": false, "custom_tweet": null,
            "tweet_id": null,
        }),
    );
    updates.truncate(UPDATES);
}

/// Notes that an incident concerns a component, and how that does.
fn concern(whole: &mut Value, about: &About<'_>, id: &str, status: Option<ComponentStatus>) -> Result<(), Problem> {
    let Some(components) = whole["components"].as_array_mut() else { return Ok(()) };
    let (count, id) = (components.len(), cut_id(id));
    let id = id.as_str();
    match components.iter_mut().find(|component| component["id"] == id) {
        Some(component) => {
            if let Some(status) = status {
                component["status"] = json!(status.as_str());
            }
        }
        None if count == COMPONENTS => {
            let detail = format!("are more than {COMPONENTS}; an incident concerns fewer");
            return Err(Problem::invalid("/incident/components", detail));
        }
        None => {
            let mut component = component_shape(about, id);
            component["status"] = json!(status.unwrap_or(ComponentStatus::Operational).as_str());
            components.push(component);
        }
    }
    Ok(())
}

/// The impact that its components have, as Statuspage reckons it.
fn worst(whole: &Value) -> String {
    let statuses = whole["components"].as_array().into_iter().flatten().filter_map(|one| one["status"].as_str());
    let rank = |status: &str| match status {
        "major_outage" => 3,
        "partial_outage" => 2,
        "degraded_performance" => 1,
        _ => 0,
    };
    ["none", "minor", "major", "critical"][statuses.map(rank).max().unwrap_or_default()].to_owned()
}

/// A component by the name or number that a tool has for it, as Statuspage shows it; one that is not ours keeps its name.
pub(super) fn component_shape(about: &About<'_>, id: &str) -> Value {
    let ours = about.components.iter().find(|ours| ours.id.to_string() == id || ours.name.eq_ignore_ascii_case(id));
    let (now, id) = (about.now.to_string(), cut_id(id));
    json!({
        "id": id, "page_id": about.page, "group_id": null, "group": false,
        "name": ours.map_or(id.as_str(), |ours| &ours.name), "description": ours.map(|ours| &ours.description),
        "position": ours.map_or(0, |ours| ours.position), "status": ours.map_or("operational", |ours| ours.status.as_str()),
        "showcase": true, "only_show_if_degraded": false, "automation_email": null, "start_date": null,
        "created_at": ours.map_or(now.clone(), |ours| ours.created_at.to_string()),
        "updated_at": ours.map_or(now, |ours| ours.updated_at.to_string()),
    })
}

/// A component after a change, and whether it fires: work that was planned is no alarm.
pub(super) fn component(about: &About<'_>, known: Option<Value>, body: &[u8]) -> Result<(Value, bool), Problem> {
    let change = crate::api::read_json::<ComponentBody>(body)?.component;
    let mut whole = known.unwrap_or_else(|| component_shape(about, about.id));
    if let Some(name) = &change.name {
        whole["name"] = json!(cut(name));
    }
    if let Some(description) = &change.description {
        whole["description"] = json!(cut(description));
    }
    if let Some(status) = &change.status {
        whole["status"] = json!(component_status("/component/status", status)?.as_str());
    }
    whole["updated_at"] = json!(about.now.to_string());
    let over = matches!(whole["status"].as_str(), Some("operational" | "under_maintenance"));
    Ok((whole, !over))
}
