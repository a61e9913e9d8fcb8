//! `[approval]`: how approvals work, and what takes a reason.

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::compose::{content::Severity, status::Kind};

/// A reader whose signature an update needs before it can be approved. They comment and sign; they send nothing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    /// What it is called, in lower case: `legal`. People are given it under Settings.
    pub name: String,
    /// The kinds of incident that need it; every kind when left out.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// The severities that need it; every severity when left out.
    #[serde(default)]
    pub severities: Vec<Severity>,
}

impl SignOff {
    /// Whether an update of this kind may need it.
    pub fn may_concern(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether an update of this kind and severity needs it.
    pub fn concerns(&self, kind: Kind, severity: Severity) -> bool {
        self.may_concern(kind) && (self.severities.is_empty() || self.severities.contains(&severity))
    }
}

/// How approvals work, and what takes a reason.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approval {
    /// Minutes after which a submitted update that nobody approved has to be submitted again.
    pub expires_after_minutes: u32,
    /// Minutes after which those on duty are called again, and then the next of them, while nobody opens what waits.
    pub chase_after_minutes: u32,
    /// Whether approvers must have a second factor. Who has one is asked for it in any case.
    pub second_factor: bool,
    /// Who has to read and sign before an update can be approved: `[[approval.sign_off]]`.
    pub sign_off: Vec<SignOff>,
    /// The most that one update may cost, in the currency of `sms`, without a reason.
    pub cost_ceiling: Option<f64>,
    /// The most messages to one address in 24 hours without a reason.
    pub messages_per_day_ceiling: Option<u32>,
}

impl Default for Approval {
    fn default() -> Self {
        Approval {
            expires_after_minutes: 240,
            chase_after_minutes: 2,
            second_factor: false,
            sign_off: Vec::new(),
            cost_ceiling: None,
            messages_per_day_ceiling: Some(12),
        }
    }
}

impl Approval {
    /// The names of all sign-offs, each once.
    pub fn signs(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.sign_off.iter().map(|sign_off| sign_off.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if !(1..=7 * 24 * 60).contains(&self.expires_after_minutes) {
            return Err(SettingsError::new("expires_after_minutes", "must be between 1 and 10080 minutes (a week)"));
        }
        if !(1..=240).contains(&self.chase_after_minutes) {
            return Err(SettingsError::new("chase_after_minutes", "must be between 1 and 240 minutes"));
        }
        if self.cost_ceiling.is_some_and(|ceiling| !ceiling.is_finite() || ceiling < 0.0) {
            return Err(SettingsError::new("cost_ceiling", "must be 0 or more; leave it out for no ceiling"));
        }
        for (place, sign_off) in self.sign_off.iter().enumerate() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if !(1..=40).contains(&sign_off.name.len()) || !sign_off.name.chars().all(plain) {
                return Err(SettingsError::new(
                    &format!("sign_off[{place}].name"),
                    "must be a short word in lower case, such as \"legal\"",
                ));
            }
        }
        if self.messages_per_day_ceiling == Some(0) {
            return Err(SettingsError::new("messages_per_day_ceiling", "must be 1 or more"));
        }
        Ok(())
    }
}
