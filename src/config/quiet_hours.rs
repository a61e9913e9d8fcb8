//! `[quiet_hours]`: when people are not to be woken, by channel.

use std::collections::BTreeMap;

use jiff::civil::Time;
use onevoice_channels::{contract::Channel, registry::SettingsError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::pace::Window;

/// Hours in which people are not to be woken, on the clock of their own time zone, by channel. Each update says what is
/// done about those whose quiet hours it is: they get it all the same, in their morning, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct QuietHours(pub BTreeMap<Channel, Window>);

impl Default for QuietHours {
    fn default() -> Self {
        let night = Window { from: Time::constant(22, 0, 0, 0), to: Time::constant(7, 0, 0, 0) };
        QuietHours(BTreeMap::from([(Channel::Sms, night)]))
    }
}

impl QuietHours {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        for (channel, window) in &self.0 {
            if !channel.is_personal() {
                let message = "wakes nobody: quiet hours are for channels that go to people, such as sms; take it out";
                return Err(SettingsError::new(channel.as_str(), message));
            }
            if window.from == window.to {
                let message = "begin and end at the same time; give another end, or take the channel out";
                return Err(SettingsError::new(channel.as_str(), message));
            }
        }
        Ok(())
    }
}
