//! `[public]`: what customers can do on the status page besides reading it.

use onevoice_channels::{contract::Channel, registry::SettingsError};
use schemars::JsonSchema;
use serde::Deserialize;

/// What customers can do on the status page besides reading it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Public {
    /// How they may subscribe by themselves: `email`, `sms`, both. Empty lets nobody.
    pub subscribe: Vec<Channel>,
    /// The most messages about subscribing that go in an hour, on each of these channels.
    pub subscribe_per_hour: u32,
}

impl Default for Public {
    fn default() -> Self {
        Public { subscribe: Vec::new(), subscribe_per_hour: 1000 }
    }
}

impl Public {
    pub(super) fn validate(&self, carried: &[Channel]) -> Result<(), SettingsError> {
        for (place, channel) in self.subscribe.iter().enumerate() {
            let wrong = |message: String| Err(SettingsError::new(&format!("subscribe[{place}]"), message));
            if !channel.is_personal() {
                return wrong(format!("{channel} has no addresses of people; use \"email\" or \"sms\""));
            }
            if !carried.contains(channel) {
                return wrong(format!("no provider carries {channel}; give a [[provider]] for it, or take it out"));
            }
            if self.subscribe[..place].contains(channel) {
                return wrong(format!("{channel} is there twice; take one out"));
            }
        }
        if !(1..=100_000).contains(&self.subscribe_per_hour) {
            return Err(SettingsError::new("subscribe_per_hour", "must be between 1 and 100000"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        let public: Public = toml::from_str(text).unwrap();
        public.validate(&[Channel::Email, Channel::Mastodon]).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn people_subscribe_by_what_carries_messages_to_people() {
        assert_eq!(wrong(""), "");
        assert_eq!(wrong("subscribe = [\"email\"]\nsubscribe_per_hour = 1"), "");
        for (text, begins) in [
            ("subscribe = [\"sms\"]", "subscribe[0]: no provider carries sms"),
            ("subscribe = [\"mastodon\"]", "subscribe[0]: mastodon has no addresses"),
            ("subscribe = [\"email\", \"email\"]", "subscribe[1]: email is there twice"),
            ("subscribe_per_hour = 0", "subscribe_per_hour: must be between 1 and 100000"),
        ] {
            assert!(wrong(text).starts_with(begins), "{}", wrong(text));
        }
        assert!(toml::from_str::<Public>("subscribed = []").is_err());
    }
}
