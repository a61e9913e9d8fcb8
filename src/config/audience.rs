//! `[audience]`: what is kept of people besides their records.

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

/// What is kept of people besides their records.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audience {
    /// Days after which a list of customer ids that was given for one incident is forgotten.
    pub forget_lists_after_days: u32,
}

impl Default for Audience {
    fn default() -> Self {
        Audience { forget_lists_after_days: 30 }
    }
}

impl Audience {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if !(1..=366).contains(&self.forget_lists_after_days) {
            return Err(SettingsError::new("forget_lists_after_days", "must be between 1 and 366"));
        }
        Ok(())
    }
}
