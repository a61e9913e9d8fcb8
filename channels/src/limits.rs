//! The part of a provider's settings that overrides its declared limits.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{contract::Limits, registry::SettingsError};

/// Overrides of the limits that the provider declares. What is left out keeps the provider's own value.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Messages a second, on average.
    pub per_second: Option<f64>,
    /// How many may go at once after a pause.
    pub burst: Option<NonZeroU32>,
    /// Connections, or requests under way, at once.
    pub connections: Option<NonZeroU32>,
    /// Messages a second to one destination domain (email only).
    pub per_domain_per_second: Option<f64>,
}

impl LimitSettings {
    /// The declared limits with these overrides.
    pub fn over(&self, declared: Limits) -> Limits {
        Limits {
            per_second: self.per_second.or(declared.per_second),
            burst: self.burst.unwrap_or(declared.burst),
            connections: self.connections.unwrap_or(declared.connections),
            per_domain_per_second: self.per_domain_per_second.or(declared.per_domain_per_second),
        }
    }

    /// Refuses rates that are not above zero.
    ///
    /// # Errors
    /// Names the key at fault.
    pub fn validate(&self) -> Result<(), SettingsError> {
        for (key, rate) in
            [("limits.per_second", self.per_second), ("limits.per_domain_per_second", self.per_domain_per_second)]
        {
            if rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
                return Err(SettingsError::new(key, "must be above 0; leave it out for the provider's own limit"));
            }
        }
        Ok(())
    }
}
