//! What happens, as other programs are told. `docs/webhooks.md` says what each is; a test holds the two together.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::{
    track::DeliveryState,
    world::{from_millis, millis},
};

/// Each type of event that an endpoint may want.
pub const TYPES: [&str; 16] = [
    "incident.opened",
    "incident.status_changed",
    "incident.closed",
    "incident.reopened",
    "update.submitted",
    "update.approved",
    "update.voided",
    "broadcast.started",
    "broadcast.paused",
    "broadcast.resumed",
    "broadcast.completed",
    "broadcast.retracted",
    "promise.made",
    "promise.kept",
    "promise.late",
    "promise.missed",
];

/// The type of an event that somebody asked for, to see whether it arrives.
pub const TEST: &str = "webhook.test";

/// The types that a list of types and nouns stands for; all of them where it is empty. The first that is neither, else.
///
/// # Errors
/// What is neither a type nor the noun before a full stop.
pub fn types(wanted: &[String]) -> Result<Vec<&'static str>, &str> {
    let noun = |kind: &'static str| kind.split('.').next().unwrap_or_default();
    if let Some(other) = wanted.iter().find(|word| !TYPES.iter().any(|kind| kind == word || noun(kind) == *word)) {
        return Err(other);
    }
    let is_wanted = |kind: &&'static str| wanted.iter().any(|word| word == kind || word == noun(kind));
    Ok(TYPES.into_iter().filter(|kind| wanted.is_empty() || is_wanted(kind)).collect())
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number: later ones are higher.
    pub number: i64,
    /// What happened: one of [`TYPES`].
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// To what.
    pub facts: Facts,
}

/// What it happened to, as it was then. Numbers and words of ours only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentFacts>,
    /// The update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<UpdateFacts>,
    /// The broadcast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<BroadcastFacts>,
    /// The promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promise: Option<PromiseFacts>,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentFacts {
    id: i64,
    kind: String,
    status: Option<String>,
    #[serde(deserialize_with = "flag")]
    exercise: bool,
    #[serde(deserialize_with = "flag")]
    restricted: bool,
}

/// An update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpdateFacts {
    id: i64,
    number: i64,
    version: i64,
}

/// A broadcast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BroadcastFacts {
    id: i64,
    message: String,
    state: String,
    people: i64,
    source_id: Option<i64>,
    #[serde(deserialize_with = "outcomes")]
    outcomes: BTreeMap<String, i64>,
}

/// A promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromiseFacts {
    id: i64,
    broadcast_id: i64,
    #[serde(deserialize_with = "time")]
    due_at: Timestamp,
    #[serde(default, deserialize_with = "maybe_time", skip_serializing_if = "Option::is_none")]
    kept_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept_by: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    i64::deserialize(from).map(|number| number != 0)
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    i64::deserialize(from).map(from_millis)
}

fn maybe_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Option::<i64>::deserialize(from).map(|at| at.map(from_millis))
}

/// Outcomes are stored by number, and said by name.
fn outcomes<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, i64>, D::Error> {
    let by_code = BTreeMap::<i64, i64>::deserialize(from)?;
    Ok(by_code.into_iter().map(|(code, n)| (DeliveryState::from_code(code).as_str().to_owned(), n)).collect())
}

impl Event {
    /// What receivers know it by, whatever happens: it has the time in it, so that a database that was set back to an older
    /// state does not give an id again.
    pub fn id(&self) -> String {
        Event::id_of(self.number, self.at)
    }

    /// The id of a number and its time.
    pub fn id_of(number: i64, at: Timestamp) -> String {
        format!("evt_{:x}_{number}", millis(at))
    }

    /// The number in an id; whether it is that event's is seen by [`Event::id`].
    pub fn number_in(id: &str) -> Option<i64> {
        id.strip_prefix("evt_")?.split_once('_')?.1.parse().ok()
    }

    /// The body of the call: the same at every try.
    pub fn body(&self) -> String {
        json!({ "type": self.kind, "timestamp": self.at.to_string(), "data": self.facts }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noun_stands_for_all_of_its_types_and_what_is_neither_is_named() {
        let types = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            types(&words).map(|types| types.len()).map_err(str::to_owned)
        };
        assert_eq!(types(&[]), Ok(TYPES.len()));
        assert_eq!(types(&["promise", "broadcast.started"]), Ok(5));
        assert_eq!(types(&["promise", "broadcast.begun"]), Err("broadcast.begun".to_owned()));
        assert_eq!(types(&[TEST]), Err(TEST.to_owned()), "a test is for whoever asked for it");
    }

    #[test]
    fn an_id_leads_back_to_its_event_and_to_no_other() {
        let at = from_millis(1_800_000_000_123);
        let id = Event::id_of(42, at);
        assert_eq!((id.as_str(), Event::number_in(&id)), ("evt_1a3185c507b_42", Some(42)));
        for bad in ["", "evt_", "evt_42", "evt_1_x", "msg_1_42"] {
            assert_eq!(Event::number_in(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_document_tells_of_each_type_and_of_no_other() {
        let text = include_str!("../../docs/webhooks.md");
        for kind in TYPES.iter().chain(&[TEST]) {
            assert!(text.contains(&format!("| `{kind}` |")), "docs/webhooks.md tells of {kind}");
        }
        let rows = text.lines().filter(|line| line.starts_with("| `") && line.contains('.'));
        let told: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).filter(|name| name.contains('.')).collect();
        assert_eq!(told.len(), TYPES.len() + 1, "{told:?}");
    }
}
