//! `[pace]`: limits that providers share.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

use onevoice_channels::{contract::Channel, limits::positive, registry::SettingsError};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Organisation, ProviderEntry, wording};

/// Limits that providers share. Each provider's own are in its `limits`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pace {
    /// Messages a second over all providers together, on average.
    pub per_second: Option<f64>,
    /// How many may go at once after a pause.
    pub burst: NonZeroU32,
    /// Limits over all providers that send with one sender: an address of mail, a number or name of text messages.
    pub senders: BTreeMap<String, Rate>,
}

/// So many messages a second.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Messages a second, on average.
    pub per_second: f64,
    /// How many may go at once after a pause.
    #[serde(default = "one")]
    pub burst: NonZeroU32,
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

impl Default for Pace {
    fn default() -> Self {
        Pace { per_second: None, burst: one(), senders: BTreeMap::new() }
    }
}

impl Pace {
    /// The limit over all providers.
    pub fn overall(&self) -> Option<Rate> {
        self.per_second.map(|per_second| Rate { per_second, burst: self.burst })
    }

    pub(super) fn validate(
        &self,
        organisation: &Organisation,
        providers: &[ProviderEntry],
    ) -> Result<(), SettingsError> {
        positive("per_second", self.per_second, "must be above 0; leave it out for no limit over all")?;
        let known: BTreeSet<String> = providers.iter().filter_map(|entry| entry.sender(organisation)).collect();
        for (sender, rate) in &self.senders {
            let key = format!("senders.{sender}");
            positive(&format!("{key}.per_second"), Some(rate.per_second), "must be above 0; take it out for no limit")?;
            if !known.contains(sender) {
                let known: Vec<String> = known.into_iter().collect();
                let what = format!("no provider sends as {sender:?}");
                return Err(SettingsError::new(&key, wording::unknown(&what, sender, &known)));
            }
        }
        Ok(())
    }
}

impl ProviderEntry {
    /// What its messages come from: the number or name in its own settings, and for mail the organisation's address.
    pub fn sender(&self, organisation: &Organisation) -> Option<String> {
        let own = self.settings.sender().map(str::to_owned);
        own.or_else(|| (self.channel() == Channel::Email).then(|| organisation.sender().1))
    }
}
