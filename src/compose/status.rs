//! Status words of incidents and components, and which may follow which. The words are Statuspage's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What customers are told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something broke.
    Incident,
    /// Planned work.
    Maintenance,
    /// Something to know.
    Notice,
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Incident: the cause is not known yet.
    Investigating,
    /// Incident: the cause is known.
    Identified,
    /// Incident: fixed, being watched.
    Monitoring,
    /// Incident: over.
    Resolved,
    /// Incident: the final summary.
    Postmortem,
    /// Maintenance: announced.
    Scheduled,
    /// Maintenance: under way.
    InProgress,
    /// Maintenance: done, being watched.
    Verifying,
    /// Maintenance: over.
    Completed,
    /// Notice: shown.
    Published,
    /// Notice: taken back.
    Withdrawn,
}

/// What a step from one status to the next is, seen from the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The first word.
    First,
    /// Further, or the same status again.
    Progress,
    /// Back to an earlier status: "it got worse".
    Setback,
    /// From an ended status back to an open one: "it came back".
    Reopened,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 3] = [Kind::Incident, Kind::Maintenance, Kind::Notice];

    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Incident => "incident",
            Kind::Maintenance => "maintenance",
            Kind::Notice => "notice",
        }
    }

    /// Reads a name written by [`Kind::as_str`].
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The statuses of this kind, in their order.
    pub fn statuses(self) -> &'static [Status] {
        match self {
            Kind::Incident => {
                &[Status::Investigating, Status::Identified, Status::Monitoring, Status::Resolved, Status::Postmortem]
            }
            Kind::Maintenance => &[Status::Scheduled, Status::InProgress, Status::Verifying, Status::Completed],
            Kind::Notice => &[Status::Published, Status::Withdrawn],
        }
    }

    /// What the step to `to` is, or None where it is not allowed: a status of another kind, a summary of what is not
    /// over, or a first word that says that all is over.
    pub fn step(self, from: Option<Status>, to: Status) -> Option<Step> {
        let place = |status| self.statuses().iter().position(|known| *known == status);
        let target = place(to)?;
        let Some(from) = from else {
            return (!to.is_final()).then_some(Step::First);
        };
        let source = place(from)?;
        match (from, to) {
            (Status::Postmortem, Status::Postmortem) | (Status::Resolved, Status::Postmortem) => Some(Step::Progress),
            (_, Status::Postmortem) | (Status::Postmortem, Status::Resolved) => None,
            _ if from.is_final() && !to.is_final() => Some(Step::Reopened),
            _ if target < source => Some(Step::Setback),
            _ => Some(Step::Progress),
        }
    }
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 11] = [
        Status::Investigating,
        Status::Identified,
        Status::Monitoring,
        Status::Resolved,
        Status::Postmortem,
        Status::Scheduled,
        Status::InProgress,
        Status::Verifying,
        Status::Completed,
        Status::Published,
        Status::Withdrawn,
    ];

    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Investigating => "investigating",
            Status::Identified => "identified",
            Status::Monitoring => "monitoring",
            Status::Resolved => "resolved",
            Status::Postmortem => "postmortem",
            Status::Scheduled => "scheduled",
            Status::InProgress => "in_progress",
            Status::Verifying => "verifying",
            Status::Completed => "completed",
            Status::Published => "published",
            Status::Withdrawn => "withdrawn",
        }
    }

    /// Reads a name written by [`Status::as_str`].
    pub fn parse(name: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Of what it is a status.
    pub fn kind(self) -> Kind {
        Kind::ALL.into_iter().find(|kind| kind.statuses().contains(&self)).unwrap_or(Kind::Incident)
    }

    /// True where the incident is over.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Resolved | Status::Postmortem | Status::Completed | Status::Withdrawn)
    }
}

/// How a component does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentStatus {
    /// Works.
    Operational,
    /// Slow or flawed.
    DegradedPerformance,
    /// Down for some.
    PartialOutage,
    /// Down for all.
    MajorOutage,
    /// Planned work.
    UnderMaintenance,
}

impl ComponentStatus {
    /// Every status.
    pub const ALL: [ComponentStatus; 5] = [
        ComponentStatus::Operational,
        ComponentStatus::DegradedPerformance,
        ComponentStatus::PartialOutage,
        ComponentStatus::MajorOutage,
        ComponentStatus::UnderMaintenance,
    ];

    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            ComponentStatus::Operational => "operational",
            ComponentStatus::DegradedPerformance => "degraded_performance",
            ComponentStatus::PartialOutage => "partial_outage",
            ComponentStatus::MajorOutage => "major_outage",
            ComponentStatus::UnderMaintenance => "under_maintenance",
        }
    }

    /// Reads a name written by [`ComponentStatus::as_str`].
    pub fn parse(name: &str) -> Option<ComponentStatus> {
        ComponentStatus::ALL.into_iter().find(|status| status.as_str() == name)
    }
}
