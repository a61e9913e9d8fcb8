//! The part of a provider's settings that overrides its declared limits.

use std::{collections::BTreeMap, num::NonZeroU32};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    contract::{DomainLimits, Limits},
    registry::SettingsError,
};

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
    /// Messages under way to one destination domain at once (email only).
    pub per_domain_connections: Option<NonZeroU32>,
    /// Limits of single destination domains, by name (email only).
    pub domains: BTreeMap<String, DomainLimits>,
}

impl LimitSettings {
    /// The declared limits with these overrides.
    pub fn over(&self, declared: Limits) -> Limits {
        Limits {
            per_second: self.per_second.or(declared.per_second),
            burst: self.burst.unwrap_or(declared.burst),
            connections: self.connections.unwrap_or(declared.connections),
            per_domain_per_second: self.per_domain_per_second.or(declared.per_domain_per_second),
            per_domain_connections: self.per_domain_connections.or(declared.per_domain_connections),
            domains: if self.domains.is_empty() { declared.domains } else { self.domains.clone() },
            senders: declared.senders,
        }
    }

    /// The key of a limit for destination domains, where one is set: only mail has those.
    pub fn by_domain(&self) -> Option<&'static str> {
        let set = [
            ("limits.per_domain_per_second", self.per_domain_per_second.is_some()),
            ("limits.per_domain_connections", self.per_domain_connections.is_some()),
            ("limits.domains", !self.domains.is_empty()),
        ];
        set.into_iter().find(|(_, is_set)| *is_set).map(|(key, _)| key)
    }

    /// Refuses rates that are not above zero, and names that are no domains.
    ///
    /// # Errors
    /// Names the key at fault.
    pub fn validate(&self) -> Result<(), SettingsError> {
        for (key, rate) in
            [("limits.per_second", self.per_second), ("limits.per_domain_per_second", self.per_domain_per_second)]
        {
            positive(key, rate, "must be above 0; leave it out for the provider's own limit")?;
        }
        for (domain, limits) in &self.domains {
            let key = format!("limits.domains.{domain}");
            if !is_domain(domain) {
                let message = "must be a domain in lower case, such as \"gmail.com\", without @";
                return Err(SettingsError::new(&key, message));
            }
            if *limits == DomainLimits::default() {
                return Err(SettingsError::new(&key, "sets nothing; give per_second, burst or connections"));
            }
            positive(
                &format!("{key}.per_second"),
                limits.per_second,
                "must be above 0; leave it out for what every domain has",
            )?;
        }
        Ok(())
    }
}

/// Refuses a rate that is not above zero, or not a number.
///
/// # Errors
/// Names the key.
pub fn positive(key: &str, rate: Option<f64>, message: &str) -> Result<(), SettingsError> {
    if rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
        return Err(SettingsError::new(key, message));
    }
    Ok(())
}

fn is_domain(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || !byte.is_ascii())
    };
    name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<LimitSettings, String> {
        let settings: LimitSettings = toml::from_str(text).map_err(|error| error.to_string())?;
        settings.validate().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn domains_have_limits_of_their_own() {
        let settings = read(
            "per_domain_per_second = 5\nper_domain_connections = 2\n[domains]\n\"gmail.com\" = { per_second = 20, connections = 4 }",
        )
        .unwrap();
        let limits = settings.over(Limits::default());
        assert_eq!(limits.domains["gmail.com"].per_second, Some(20.0));
        assert_eq!(limits.per_domain_connections, NonZeroU32::new(2));
        assert_eq!(settings.by_domain(), Some("limits.per_domain_per_second"));
        assert_eq!(LimitSettings::default().by_domain(), None);
    }

    #[test]
    fn what_is_no_domain_or_no_limit_is_refused_by_its_key() {
        for (text, key) in [
            ("[domains]\n\"Gmail.com\" = { per_second = 1 }", "limits.domains.Gmail.com: must be a domain"),
            ("[domains]\n\"@gmail.com\" = { per_second = 1 }", "limits.domains.@gmail.com: must be a domain"),
            ("[domains]\n\"gmail.com\" = {}", "limits.domains.gmail.com: sets nothing"),
            ("[domains]\n\"gmail.com\" = { per_second = 0 }", "limits.domains.gmail.com.per_second: must be above 0"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.starts_with(key), "{refused}");
        }
        assert!(read("[domains]\n\"gmail.com\" = { rate = 1 }").unwrap_err().contains("rate"));
    }
}
