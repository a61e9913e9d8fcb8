//! The state of things in the shape of Statuspage's public API, version 2, which many tools read already: what shows
//! it in a chat, turns it into metrics or draws a board of many services. It speaks the default language.
//!
//! Notices have no counterpart there and stay out: a tool would take them for an outage. Groups are components of
//! their own, as Statuspage has it. `affected_components` of an update is null, which Statuspage allows.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::locale::pick;
use super::view::{PublicComponent, PublicIncident, PublicUpdate, PublicView};
use super::{links, text};
use crate::compose::content::Severity;
use crate::compose::status::{ComponentStatus, Kind, Status};
use crate::world::hex;

/// How many incidents and maintenances the lists have, as at Statuspage.
const LISTED: usize = 50;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Resource {
    /// Everything that is open, with the components.
    Summary,
    /// One word for all.
    Status,
    /// The parts of the service.
    Components,
    /// Incidents, the newest first.
    Incidents,
    /// Those that are open.
    Unresolved,
    /// Planned work, the newest first.
    Maintenances,
    /// What was announced.
    Upcoming,
    /// What is under way.
    Active,
}

impl Resource {
    /// Each with its path.
    pub const ALL: [(&'static str, Resource); 8] = [
        ("/api/v2/summary.json", Resource::Summary),
        ("/api/v2/status.json", Resource::Status),
        ("/api/v2/components.json", Resource::Components),
        ("/api/v2/incidents.json", Resource::Incidents),
        ("/api/v2/incidents/unresolved.json", Resource::Unresolved),
        ("/api/v2/scheduled-maintenances.json", Resource::Maintenances),
        ("/api/v2/scheduled-maintenances/upcoming.json", Resource::Upcoming),
        ("/api/v2/scheduled-maintenances/active.json", Resource::Active),
    ];
}

#[derive(Serialize)]
struct Answer<'a> {
    page: Page<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<Component<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incidents: Option<Vec<Incident<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_maintenances: Option<Vec<Incident<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Overall>,
}

#[derive(Serialize)]
struct Page<'a> {
    id: String,
    name: &'a str,
    url: String,
    time_zone: &'a str,
    updated_at: Timestamp,
}

#[derive(Serialize)]
struct Overall {
    indicator: &'static str,
    description: &'static str,
}

#[derive(Clone, Serialize)]
struct Component<'a> {
    id: String,
    name: &'a str,
    status: &'static str,
    created_at: Timestamp,
    updated_at: Timestamp,
    position: usize,
    description: Option<&'a str>,
    showcase: bool,
    start_date: Option<&'static str>,
    group_id: Option<String>,
    page_id: String,
    group: bool,
    only_show_if_degraded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Incident<'a> {
    id: String,
    name: String,
    status: &'static str,
    created_at: Timestamp,
    updated_at: Timestamp,
    monitoring_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    impact: &'static str,
    shortlink: Option<String>,
    started_at: Timestamp,
    page_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_until: Option<Option<Timestamp>>,
    components: Vec<Component<'a>>,
    incident_updates: Vec<Update>,
}

#[derive(Serialize)]
struct Update {
    id: String,
    status: &'static str,
    body: String,
    incident_id: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    display_at: Timestamp,
    affected_components: Option<()>,
    deliver_notifications: bool,
    custom_tweet: Option<()>,
    tweet_id: Option<()>,
}

/// One resource of a view.
///
/// # Errors
/// None in practice: the answer holds nothing that JSON cannot write.
pub(super) fn json(view: &PublicView, resource: Resource) -> Result<Bytes, serde_json::Error> {
    let shape = Shape::new(view);
    let incidents = |wanted: fn(&PublicIncident) -> bool| Some(shape.incidents(Kind::Incident, wanted));
    let maintenances = |wanted: fn(&PublicIncident) -> bool| Some(shape.incidents(Kind::Maintenance, wanted));
    let mut answer =
        Answer { page: shape.page(), components: None, incidents: None, scheduled_maintenances: None, status: None };
    match resource {
        Resource::Summary => {
            answer.components = Some(shape.components());
            answer.incidents = incidents(is_open);
            answer.scheduled_maintenances = maintenances(is_open);
            answer.status = Some(shape.overall());
        }
        Resource::Status => answer.status = Some(shape.overall()),
        Resource::Components => answer.components = Some(shape.components()),
        Resource::Incidents => answer.incidents = incidents(|_| true),
        Resource::Unresolved => answer.incidents = incidents(is_open),
        Resource::Maintenances => answer.scheduled_maintenances = maintenances(|_| true),
        Resource::Upcoming => answer.scheduled_maintenances = maintenances(|one| one.status == Status::Scheduled),
        Resource::Active => {
            answer.scheduled_maintenances = maintenances(|one| is_open(one) && one.status != Status::Scheduled);
        }
    }
    serde_json::to_vec(&answer).map(Bytes::from)
}

fn is_open(incident: &PublicIncident) -> bool {
    !incident.status.is_final()
}

/// Statuspage's word for how bad something is.
fn impact(incident: &PublicIncident) -> &'static str {
    match (incident.kind, incident.severity) {
        (Kind::Maintenance, _) => "maintenance",
        (_, Severity::Info) => "none",
        (_, Severity::Warning) => "minor",
        (_, Severity::Critical) => "critical",
    }
}

/// A view with what every resource needs of it.
struct Shape<'a> {
    view: &'a PublicView,
    page_id: String,
    components: BTreeMap<i64, Component<'a>>,
}

impl<'a> Shape<'a> {
    fn new(view: &'a PublicView) -> Shape<'a> {
        let page_id = short("page", &view.status_url);
        let mut ordered: Vec<&PublicComponent> = view.components.iter().collect();
        ordered.sort_by_key(|component| (component.position, component.id));
        let shaped = |(place, component): (usize, &&'a PublicComponent)| {
            let group_id = component.group.as_deref().map(|group| short("group", group));
            let shown = Component {
                id: component.id.to_string(),
                name: &component.name,
                status: component.status.as_str(),
                created_at: component.created_at,
                updated_at: component.updated_at,
                position: place + 1,
                description: Some(component.description.as_str()).filter(|text| !text.is_empty()),
                showcase: true,
                start_date: None,
                group_id,
                page_id: page_id.clone(),
                group: false,
                only_show_if_degraded: false,
                components: None,
            };
            (component.id, shown)
        };
        let components = ordered.iter().enumerate().map(shaped).collect();
        Shape { view, page_id, components }
    }

    fn page(&self) -> Page<'a> {
        Page {
            id: self.page_id.clone(),
            name: &self.view.organisation,
            url: links::page(&self.view.status_url).unwrap_or_default(),
            time_zone: &self.view.time_zone,
            updated_at: self.view.changed_at(),
        }
    }

    /// The components in their order, then the groups that they stand under.
    fn components(&self) -> Vec<Component<'a>> {
        let mut all: Vec<Component<'a>> = self.components.values().cloned().collect();
        all.sort_by_key(|component| component.position);
        let mut groups: Vec<Component<'a>> = Vec::new();
        for component in &self.view.components {
            let Some(name) = component.group.as_deref() else { continue };
            if groups.iter().any(|group| group.name == name) {
                continue;
            }
            let members = || self.view.components.iter().filter(|one| one.group.as_deref() == Some(name));
            let id = short("group", name);
            let first = all.iter().filter(|one| one.group_id.as_ref() == Some(&id)).map(|one| one.position).min();
            groups.push(Component {
                name,
                status: members().map(|one| one.status).max().unwrap_or(component.status).as_str(),
                created_at: members().map(|one| one.created_at).min().unwrap_or(component.created_at),
                updated_at: members().map(|one| one.updated_at).max().unwrap_or(component.updated_at),
                position: first.unwrap_or_default(),
                description: None,
                showcase: false,
                start_date: None,
                group_id: None,
                page_id: self.page_id.clone(),
                group: true,
                only_show_if_degraded: false,
                components: Some(
                    all.iter().filter(|one| one.group_id.as_ref() == Some(&id)).map(|one| one.id.clone()).collect(),
                ),
                id,
            });
        }
        groups.sort_by_key(|group| group.position);
        all.extend(groups);
        all
    }

    /// The worst of what is open and of how the components do.
    fn overall(&self) -> Overall {
        let of_component = |component: &PublicComponent| match component.status {
            ComponentStatus::Operational => 0,
            ComponentStatus::UnderMaintenance => 1,
            ComponentStatus::DegradedPerformance => 2,
            ComponentStatus::PartialOutage => 3,
            ComponentStatus::MajorOutage => 4,
        };
        let of_incident = |incident: &PublicIncident| match (incident.kind, incident.severity) {
            (Kind::Incident, Severity::Warning) => 2,
            (Kind::Incident, Severity::Critical) => 4,
            (Kind::Maintenance, _) if incident.status != Status::Scheduled => 1,
            _ => 0,
        };
        let open = self.view.incidents.iter().filter(|incident| is_open(incident)).map(of_incident);
        let worst = self.view.components.iter().map(of_component).chain(open).max().unwrap_or_default();
        let (indicator, description) = [
            ("none", "All Systems Operational"),
            ("maintenance", "Service Under Maintenance"),
            ("minor", "Minor Service Outage"),
            ("major", "Partial System Outage"),
            ("critical", "Major Service Outage"),
        ][worst];
        Overall { indicator, description }
    }

    fn incidents(&self, kind: Kind, wanted: fn(&PublicIncident) -> bool) -> Vec<Incident<'a>> {
        let mut found: Vec<&PublicIncident> =
            self.view.incidents.iter().filter(|incident| incident.kind == kind && wanted(incident)).collect();
        found.sort_by_key(|incident| std::cmp::Reverse((incident.started_at, incident.id)));
        found.into_iter().take(LISTED).map(|incident| self.incident(incident)).collect()
    }

    fn incident(&self, incident: &'a PublicIncident) -> Incident<'a> {
        let planned = incident.kind == Kind::Maintenance;
        let first_with = |wanted: Status| {
            incident.updates.iter().filter(|update| update.status == wanted).map(|update| update.at).min()
        };
        let (monitoring, over) = match planned {
            true => (Status::Verifying, Status::Completed),
            false => (Status::Monitoring, Status::Resolved),
        };
        let resolved_at = incident.resolved_at.or_else(|| first_with(over));
        Incident {
            id: incident.id.to_string(),
            name: text::headline(self.view, incident, &self.view.default_locale).to_owned(),
            status: incident.status.as_str(),
            created_at: incident.updates.iter().map(|update| update.at).min().unwrap_or(incident.started_at),
            updated_at: incident.changed_at(),
            monitoring_at: first_with(monitoring),
            resolved_at: resolved_at.filter(|_| incident.status.is_final()),
            impact: impact(incident),
            shortlink: text::address(self.view, incident),
            started_at: incident.started_at,
            page_id: self.page_id.clone(),
            scheduled_for: planned.then_some(incident.started_at),
            scheduled_until: planned.then_some(incident.planned_until),
            components: incident.components.iter().filter_map(|id| self.components.get(id).cloned()).collect(),
            incident_updates: incident.newest_first().into_iter().map(|update| self.update(incident, update)).collect(),
        }
    }

    fn update(&self, incident: &PublicIncident, update: &PublicUpdate) -> Update {
        let found = pick(&update.documents, &self.view.default_locale, &self.view.default_locale);
        // What was said after an update without a number of its own, such as "no news yet", has its place behind it.
        let earlier = |other: &&PublicUpdate| other.number == update.number && other.at < update.at;
        let place = incident.updates.iter().filter(earlier).count();
        let again = if place > 0 { format!("-{place}") } else { String::new() };
        Update {
            id: format!("{}-{}{again}", incident.id, update.number),
            status: update.status.as_str(),
            body: found.map(|(_, document)| text::plain(document)).unwrap_or_default(),
            incident_id: incident.id.to_string(),
            created_at: update.at,
            updated_at: update.at,
            display_at: update.at,
            affected_components: None,
            deliver_notifications: true,
            custom_tweet: None,
            tweet_id: None,
        }
    }
}

/// An id that stays while the name does: Statuspage's are opaque, and these things have no number.
fn short(kind: &str, name: &str) -> String {
    hex(&Sha256::digest(format!("{kind}:{name}"))[..6])
}
