//! `[sms]`: prices and parts of text messages.

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

/// Text messages: prices and parts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// What one part costs.
    pub price_per_part: f64,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// The most parts a text may have.
    pub max_parts: u32,
}

impl Default for Sms {
    fn default() -> Self {
        Sms { price_per_part: 0.0, currency: "EUR".to_owned(), max_parts: 4 }
    }
}

impl Sms {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if !self.price_per_part.is_finite() || self.price_per_part < 0.0 {
            return Err(SettingsError::new("price_per_part", "must be 0 or more"));
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(SettingsError::new("currency", "must be three capital letters (ISO 4217), such as \"EUR\""));
        }
        // Networks join no more than ten without loss, whatever TS 23.040 would allow.
        if !(1..=10).contains(&self.max_parts) {
            return Err(SettingsError::new("max_parts", "must be between 1 and 10"));
        }
        Ok(())
    }
}
