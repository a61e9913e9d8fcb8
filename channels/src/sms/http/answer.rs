//! What a gateway's answer means, by its description and by the table in [`super`].

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::settings::SmsHttpSettings;
use crate::{
    contract::{Outcome, Reason},
    exchange::Answer,
    registry::SettingsError,
};

/// The longest reference that a record keeps (bytes).
const LONGEST_REFERENCE: usize = 512;

/// How an answer looks: all that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Matcher {
    /// One of these statuses.
    pub status: Vec<u16>,
    /// The body begins with one of these.
    pub body_prefix: Vec<String>,
    /// The body is JSON with this value.
    pub json: Option<JsonEquals>,
}

/// A value in a JSON body.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonEquals {
    /// Where: a JSON pointer (RFC 6901), such as `/messages/0/status`.
    pub pointer: String,
    /// What it must be.
    pub equals: Value,
}

/// A refusal that the status alone does not tell.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// How it looks.
    pub when: Matcher,
    /// What it means.
    pub reason: Reason,
}

/// Where the gateway's reference stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum ReferenceSettings {
    /// At a JSON pointer.
    Json(String),
    /// After these characters of the body, to the end of the line.
    Prefix(String),
}

impl Matcher {
    fn matches(&self, answer: &Answer) -> bool {
        let prefix = |prefix: &String| answer.body.starts_with(prefix.as_bytes());
        let json =
            |want: &JsonEquals| answer.json().and_then(|body| Some(body.pointer(&want.pointer)? == &want.equals));
        (self.status.is_empty() || self.status.contains(&answer.status))
            && (self.body_prefix.is_empty() || self.body_prefix.iter().any(prefix))
            && self.json.as_ref().is_none_or(|want| json(want) == Some(true))
    }

    pub(super) fn validate(&self, key: &str) -> Result<(), SettingsError> {
        if *self == Matcher::default() {
            return Err(SettingsError::new(key, "matches everything; set status, body_prefix or json"));
        }
        Ok(())
    }
}

/// What an answer means. `after` is the wait that it asks for, `detail` its words made fit to be seen.
pub(super) fn read(
    settings: &SmsHttpSettings,
    answer: &Answer,
    parts: u32,
    after: Option<Duration>,
    detail: String,
) -> Outcome {
    let ok = (200..300).contains(&answer.status);
    if settings.success.as_ref().map_or(ok, |success| success.matches(answer)) {
        return Outcome::Accepted { reference: reference(settings, answer), parts };
    }
    let later = |reason, detail| Outcome::Later { after, reason, detail };
    if let Some(refusal) = settings.refusals.iter().find(|refusal| refusal.when.matches(answer)) {
        return match refusal.reason {
            reason @ (Reason::Throttled
            | Reason::Quota
            | Reason::Temporary
            | Reason::Unauthorized
            | Reason::Unreachable
            | Reason::BadAnswer) => later(reason, detail),
            reason => Outcome::Rejected { reason, detail },
        };
    }
    answer.refusal(after, detail)
}

fn reference(settings: &SmsHttpSettings, answer: &Answer) -> Option<String> {
    let found = match settings.reference.as_ref()? {
        ReferenceSettings::Json(pointer) => match answer.json()?.pointer(pointer)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        },
        ReferenceSettings::Prefix(prefix) => {
            answer.text().split_once(prefix.as_str())?.1.lines().next()?.trim().to_owned()
        }
    };
    let usable = !found.is_empty() && found.len() <= LONGEST_REFERENCE && !found.contains(char::is_control);
    usable.then_some(found)
}
