//! What a playbook is, as it is written, approved and stored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    compose::{
        content::{Facts, Severity},
        staff::StaffSheet,
        status::{ComponentStatus, Kind, Status},
    },
    schedule::playbook::fill::Asked,
    world::hex,
};

/// A prepared message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Its name, as colleagues know it: "Payments fail". At most 100 characters.
    pub name: String,
    /// The component that it is about.
    pub component: i64,
    /// How urgent it is.
    #[serde(default)]
    pub severity: Severity,
    /// What the sender chooses, in the order in which they are asked; at most eight.
    #[serde(default)]
    pub variables: Vec<Variable>,
    /// What is said at each stage of an incident.
    pub stages: BTreeMap<Status, Stage>,
    /// Of planned work: the words for a change of plan. Where one is left out, those of its stage say the new times; a
    /// cancellation needs its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<Change, Stage>,
    /// What it may do with no other person's yes.
    pub bounds: Bounds,
}

/// What is said at one stage. `{name}` in a text stands for the variable of that name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// How the component does from then on.
    pub component_status: ComponentStatus,
    /// The facts by locale; the default locale must be there.
    pub facts: BTreeMap<String, Facts>,
    /// The staged correction's own words by locale; a locale without takes the template's.
    #[serde(default)]
    pub correction: BTreeMap<String, String>,
    /// What colleagues answer, say on the phone and leave unsaid, by locale.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub staff: BTreeMap<String, StaffSheet>,
    /// Minutes from the sending to the next update that may be promised, the usual one first; empty where it is over.
    #[serde(default)]
    pub next_update_minutes: Vec<u32>,
}

/// A change of plan that those who were told are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ChangeOfPlan")]
pub enum Change {
    /// It begins or ends at another time.
    Moved,
    /// It takes longer.
    Extended,
    /// It is over sooner.
    EndedEarly,
    /// It does not take place.
    Cancelled,
}

impl Change {
    /// Where the work stands after it.
    pub fn stage(self) -> Status {
        match self {
            Change::Moved => Status::Scheduled,
            Change::Extended => Status::InProgress,
            Change::EndedEarly | Change::Cancelled => Status::Completed,
        }
    }

    /// When its words are said, as the other samples are named.
    pub fn shown(self) -> &'static str {
        match self {
            Change::Moved => "when it is moved",
            Change::Extended => "when it takes longer",
            Change::EndedEarly => "when it is ended early",
            Change::Cancelled => "when it is cancelled",
        }
    }

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Change::Moved => "moved",
            Change::Extended => "extended",
            Change::EndedEarly => "ended_early",
            Change::Cancelled => "cancelled",
        }
    }
}

/// Something that the sender chooses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name in the texts: small letters, digits and `_`, beginning with a letter.
    pub name: String,
    /// What the sender is asked: "What do customers see?"
    pub question: String,
    /// What values it takes.
    pub kind: VariableKind,
}

/// The type of a variable. A value is always written as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum VariableKind {
    /// One of a few; the value is its label.
    Choice {
        /// What can be chosen, the usual one first; at most twelve.
        options: Vec<Choice>,
    },
    /// A whole number.
    Number {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A component, by its number; it gets the stage's status too.
    Component {
        /// Which may be named, with the names as they were approved. They are filled in when it is saved.
        components: BTreeMap<i64, String>,
    },
    /// A time of day (`14:30`, the nearest one), or an instant. It reads as hours and minutes in the organisation's zone.
    Time {
        /// Minutes from the sending to the earliest one; before it where negative.
        from_minutes: i64,
        /// Minutes from the sending to the latest one; at most a day.
        to_minutes: i64,
    },
    /// A few words.
    Text {
        /// A regular expression that the whole value matches.
        pattern: String,
        /// The most characters, up to 200.
        max_length: usize,
    },
}

/// One of a few choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What the sender reads.
    pub label: String,
    /// What customers read, by locale; the default locale must be there.
    pub text: BTreeMap<String, String>,
}

/// What it may do with no other person's yes. What lies outside waits for an approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// One person alone may send it.
    pub person: bool,
    /// A machine may send it, by a key.
    #[serde(default)]
    pub machine: bool,
    /// A timer may send it.
    #[serde(default)]
    pub timer: bool,
    /// The channels that it may go to so.
    pub channels: Vec<Channel>,
    /// The most people that it may reach so; outlets count nobody.
    #[serde(default)]
    pub largest_audience: i64,
    /// The most that its text messages may cost so, in the currency of `[sms]`; without it, whatever they cost. Where a
    /// number's country has no price, what they cost is not known, and more than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_cost: Option<f64>,
    /// Minutes that lie at least between two of the same stage.
    pub every_minutes: u32,
    /// Until when.
    pub valid_until: Timestamp,
}

impl Playbook {
    /// What its incidents are.
    pub fn kind(&self) -> Kind {
        self.stages.keys().next().map_or(Kind::Incident, |stage| stage.kind())
    }

    /// The words for what is asked.
    pub fn said(&self, asked: &Asked) -> Option<&Stage> {
        let change = asked.change.filter(|change| change.stage() == asked.stage);
        change.and_then(|change| self.changes.get(&change)).or_else(|| self.stages.get(&asked.stage))
    }

    /// SHA-256 over all of it, as 64 hexadecimal characters: what two people approve.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which it always can.
    pub fn digest(&self) -> serde_json::Result<String> {
        Ok(hex(&Sha256::digest(&serde_json::to_vec(self)?)))
    }
}
