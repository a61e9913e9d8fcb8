//! What can be proposed: a component or a contact route as it is to be, or that it goes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{compose::route::ContactRoute, store::components::Component};

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Noun {
    /// A part of the customers' service.
    Component,
    /// A way in which customers reach us.
    ContactRoute,
}

impl Noun {
    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Noun::Component => "component",
            Noun::ContactRoute => "contact_route",
        }
    }
}

/// A component as it is written. How it does is no part of it: updates say that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ComponentInput")]
pub struct ComponentText {
    /// Its name, as customers know it; at most 100 characters.
    pub name: String,
    /// What it is; at most 500 characters.
    #[serde(default)]
    pub description: String,
    /// The heading that it stands under; empty for none.
    #[serde(default)]
    pub group: String,
    /// Its place in lists, from 0; the others make room.
    #[serde(default)]
    pub position: i64,
}

/// A contact route as it is written. Whether it is overloaded is no part of it: that is one click.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ContactRouteInput")]
pub struct RouteText {
    /// What it is best for, by locale: "Urgent payments". The default locale must be there.
    pub need: BTreeMap<String, String>,
    /// A phone number, a mail address or an https address.
    pub how: String,
    /// What to call it, by locale.
    #[serde(default)]
    pub label: BTreeMap<String, String>,
    /// When somebody answers, by locale.
    #[serde(default)]
    pub hours: BTreeMap<String, String>,
    /// What is said while it is overloaded, by locale.
    #[serde(default)]
    pub overloaded_wording: BTreeMap<String, String>,
    /// Its place in lists, from 0; the others make room.
    #[serde(default)]
    pub position: i64,
}

impl From<&Component> for ComponentText {
    fn from(component: &Component) -> ComponentText {
        ComponentText {
            name: component.name.clone(),
            description: component.description.clone(),
            group: component.group.clone(),
            position: component.position,
        }
    }
}

impl From<&ContactRoute> for RouteText {
    fn from(route: &ContactRoute) -> RouteText {
        RouteText {
            need: route.need.clone(),
            how: route.how.clone(),
            label: route.label.clone(),
            hours: route.hours.clone(),
            overloaded_wording: route.overloaded_wording.clone(),
            position: route.position,
        }
    }
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
#[schemars(rename = "ProposedChange")]
pub enum Change {
    /// The component becomes this.
    Component(ComponentText),
    /// The contact route becomes this.
    ContactRoute(RouteText),
    /// It goes.
    Remove {},
}

impl Change {
    /// Whether both say the same, wherever they stand: a place in a list moves when others come and go.
    pub fn says_the_same(&self, other: &Change) -> bool {
        let placeless = |change: &Change| match change.clone() {
            Change::Component(text) => Change::Component(ComponentText { position: 0, ..text }),
            Change::ContactRoute(text) => Change::ContactRoute(RouteText { position: 0, ..text }),
            Change::Remove {} => Change::Remove {},
        };
        placeless(self) == placeless(other)
    }
}

/// How a proposal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ProposalOutcome")]
pub enum Ending {
    /// Somebody else made it count.
    Accepted,
    /// An approver said no.
    Declined,
    /// Whoever proposed it took it back.
    Withdrawn,
}

impl Ending {
    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Ending::Accepted => "accepted",
            Ending::Declined => "declined",
            Ending::Withdrawn => "withdrawn",
        }
    }

    /// Reads a name written by [`Ending::as_str`].
    pub fn parse(name: &str) -> Option<Ending> {
        [Ending::Accepted, Ending::Declined, Ending::Withdrawn].into_iter().find(|ending| ending.as_str() == name)
    }
}

/// A change that somebody wants and somebody else has to make count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Proposal {
    /// Its number.
    pub id: i64,
    /// What is changed.
    pub noun: Noun,
    /// Which one; null for a new one that does not count yet.
    pub target_id: Option<i64>,
    /// The change.
    pub document: Change,
    /// What it was when this was proposed; null for a new one.
    pub before: Option<Change>,
    /// Who proposed it; null for the operator.
    pub proposed_by: Option<i64>,
    /// When.
    pub proposed_at: Timestamp,
    /// Who decided.
    pub decided_by: Option<i64>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// How it ended; null while it waits.
    pub outcome: Option<Ending>,
}
