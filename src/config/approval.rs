//! `[approval]`: how approvals work, and what takes a reason.

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

/// How approvals work, and what takes a reason.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approval {
    /// Minutes after which a submitted update that nobody approved has to be submitted again.
    pub expires_after_minutes: u32,
    /// The most that one update may cost, in the currency of `sms`, without a reason.
    pub cost_ceiling: Option<f64>,
    /// The most messages to one address in 24 hours without a reason.
    pub messages_per_day_ceiling: Option<u32>,
}

impl Default for Approval {
    fn default() -> Self {
        Approval { expires_after_minutes: 240, cost_ceiling: None, messages_per_day_ceiling: Some(12) }
    }
}

impl Approval {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if !(1..=7 * 24 * 60).contains(&self.expires_after_minutes) {
            return Err(SettingsError::new("expires_after_minutes", "must be between 1 and 10080 minutes (a week)"));
        }
        if self.cost_ceiling.is_some_and(|ceiling| !ceiling.is_finite() || ceiling < 0.0) {
            return Err(SettingsError::new("cost_ceiling", "must be 0 or more; leave it out for no ceiling"));
        }
        if self.messages_per_day_ceiling == Some(0) {
            return Err(SettingsError::new("messages_per_day_ceiling", "must be 1 or more"));
        }
        Ok(())
    }
}
