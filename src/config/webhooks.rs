//! `[webhooks]`: other programs that are told what happens.

use std::collections::HashSet;

use onevoice_channels::{registry::SettingsError, secret::Secret, signed::Called};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::webhooks::event;

/// Other programs that are told what happens.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// Days for which events are kept, delivered or not.
    pub keep_days: u32,
    /// Days without a single success after which an endpoint that fails again is switched off.
    pub disable_after_days: u32,
    /// Who is told: `[[webhooks.endpoint]]`.
    pub endpoint: Vec<Endpoint>,
}

impl Default for Webhooks {
    fn default() -> Webhooks {
        Webhooks { keep_days: 30, disable_after_days: 5, endpoint: Vec::new() }
    }
}

/// A program that is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its name: unique, of lower-case letters, digits and hyphens.
    pub name: String,
    /// The whole address that is called, which is a secret.
    pub url: Secret,
    /// The keys of the signature, `whsec_` and 24 to 64 bytes in Base64: one, or two while one is changed for another.
    pub secrets: Vec<Secret>,
    /// The events that it is told of, such as `broadcast.completed`, or `broadcast` for all of those. Default: all.
    #[serde(default)]
    pub events: Vec<String>,
    /// True tells it of practice too. Default: false.
    #[serde(default)]
    pub exercises: bool,
    /// True tells it of restricted incidents too. Default: false.
    #[serde(default)]
    pub restricted: bool,
    /// Networks that may be reached though they are not public, such as `10.1.0.0/16`. Default: none.
    #[serde(default)]
    pub allow_networks: Vec<String>,
    /// How long it may take to answer, 1 to 60. Default: 15.
    #[serde(default = "fifteen")]
    pub timeout_seconds: u64,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
}

fn fifteen() -> u64 {
    15
}

impl Endpoint {
    /// Who is called.
    pub fn called(&self) -> Called<'_> {
        Called {
            url: ("url", &self.url),
            keys: ("secrets", &self.secrets),
            allow_networks: &self.allow_networks,
            allow_cleartext: self.allow_cleartext,
            timeout_seconds: self.timeout_seconds,
        }
    }

    fn validate(&self) -> Result<(), SettingsError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || self.name.len() > 40 || !self.name.chars().all(plain) {
            return Err(SettingsError::new("name", "must be 1 to 40 lower-case letters, digits and hyphens"));
        }
        if !(1..=2).contains(&self.secrets.len()) {
            return Err(SettingsError::new("secrets", "must be one key, or two while one is changed for another"));
        }
        if let Err(other) = event::types(&self.events) {
            let message = format!("has {other:?}, which is no event; docs/webhooks.md lists them");
            return Err(SettingsError::new("events", message));
        }
        self.called().validate()
    }
}

impl Webhooks {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if !(7..=365).contains(&self.keep_days) {
            return Err(SettingsError::new("keep_days", "must be 7 to 365: an event is tried for three days"));
        }
        if !(1..=30).contains(&self.disable_after_days) {
            return Err(SettingsError::new("disable_after_days", "must be 1 to 30"));
        }
        let mut names = HashSet::new();
        for (place, endpoint) in self.endpoint.iter().enumerate() {
            let path = format!("endpoint[{place}]");
            super::within(&path, endpoint.validate())?;
            if !names.insert(&endpoint.name) {
                let message = format!("{:?} is another endpoint's; give each its own", endpoint.name);
                return Err(SettingsError::new(&format!("{path}.name"), message));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(change: impl FnOnce(&mut Endpoint)) -> Endpoint {
        let mut endpoint = Endpoint {
            name: "pager".to_owned(),
            url: Secret::new("https://hooks.example/hunter2hunter2"),
            secrets: vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
            events: Vec::new(),
            exercises: false,
            restricted: false,
            allow_networks: Vec::new(),
            timeout_seconds: 15,
            allow_cleartext: false,
        };
        change(&mut endpoint);
        endpoint
    }

    #[test]
    fn bad_settings_name_the_key_and_no_secret() {
        let fault = |webhooks: Webhooks| {
            let error = webhooks.validate().err();
            assert!(!format!("{error:?}").contains("hunter2"));
            error.map(|error| error.key).unwrap_or_default()
        };
        let with = |endpoint: Vec<Endpoint>| Webhooks { endpoint, ..Webhooks::default() };
        let one = |change: fn(&mut Endpoint)| fault(with(vec![endpoint(change)]));
        assert_eq!(one(|_| {}), "");
        assert_eq!(one(|endpoint| endpoint.name = "A b".to_owned()), "endpoint[0].name");
        assert_eq!(one(|endpoint| endpoint.url = Secret::new("http://hooks.example/hunter2")), "endpoint[0].url");
        assert_eq!(one(|endpoint| endpoint.url = Secret::new("https://127.0.0.1/hunter2")), "endpoint[0].url");
        assert_eq!(one(|endpoint| endpoint.secrets.clear()), "endpoint[0].secrets");
        assert_eq!(one(|endpoint| endpoint.secrets = vec![Secret::new("hunter2")]), "endpoint[0].secrets");
        assert_eq!(one(|endpoint| endpoint.events = vec!["weather".to_owned()]), "endpoint[0].events");
        assert_eq!(one(|endpoint| endpoint.timeout_seconds = 0), "endpoint[0].timeout_seconds");
        assert_eq!(one(|endpoint| endpoint.allow_networks = vec!["x".to_owned()]), "endpoint[0].allow_networks");
        assert_eq!(fault(with(vec![endpoint(|_| {}), endpoint(|_| {})])), "endpoint[1].name");
        assert_eq!(fault(Webhooks { keep_days: 6, ..Webhooks::default() }), "keep_days");
        assert_eq!(fault(Webhooks { disable_after_days: 0, ..Webhooks::default() }), "disable_after_days");
        assert!(toml::from_str::<Webhooks>("keep = 1").is_err(), "unknown keys are refused");
    }
}
