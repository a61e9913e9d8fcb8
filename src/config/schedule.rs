//! `[schedule]`: timers and planned work.

use jiff::SignedDuration;
use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Span;

/// Timers and planned work.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// How late something may be sent at its time with no person, after a stop or an outage of this machine. Later than that
    /// it waits for an approval, and of several times that were missed only the newest does.
    pub send_within: Span,
}

impl Default for Schedule {
    fn default() -> Self {
        Schedule { send_within: Span(SignedDuration::from_mins(10)) }
    }
}

impl Schedule {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        let (least, most) = (SignedDuration::from_mins(1), SignedDuration::from_hours(4));
        if !(least..=most).contains(&self.send_within.0) {
            return Err(SettingsError::new("send_within", format!("must be between \"{least:#}\" and \"{most:#}\"")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_late_something_may_go_has_its_bounds() {
        let read = |text: &str| toml::from_str::<Schedule>(text).unwrap().validate();
        assert!(read("").is_ok() && read("send_within = \"1h\"").is_ok());
        for text in ["send_within = \"10s\"", "send_within = \"5h\""] {
            assert_eq!(read(text).unwrap_err().key, "send_within");
        }
    }
}
