//! `[sms]`: numbers, prices and parts of text messages.

use std::{borrow::Cow, collections::BTreeMap};

use onevoice_channels::{registry::SettingsError, sms::number};
use schemars::JsonSchema;
use serde::Deserialize;

/// Text messages: numbers, prices and parts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// The country of numbers that name none, as two letters (ISO 3166-1), such as `AT`: `0664 1234567` is then
    /// +436641234567. Without it such numbers are refused.
    pub default_country: Option<String>,
    /// What one part costs where `prices` does not say it. Default: not known.
    pub price_per_part: Option<f64>,
    /// What one part costs by country (ISO 3166-1), `AT`, or by the first digits of numbers, `+431`. The one with the most
    /// digits counts; a country has those of its calling code, and goes before a prefix of the same.
    pub prices: BTreeMap<String, f64>,
    /// Their currency, ISO 4217.
    pub currency: String,
    /// The most parts a text may have.
    pub max_parts: u32,
}

impl Default for Sms {
    fn default() -> Self {
        Sms {
            default_country: None,
            price_per_part: None,
            prices: BTreeMap::new(),
            currency: "EUR".to_owned(),
            max_parts: 4,
        }
    }
}

impl Sms {
    /// The country of numbers that name none.
    pub fn home(&self) -> Option<&str> {
        self.default_country.as_deref()
    }

    /// Whether anything is known of what texts cost.
    pub fn has_prices(&self) -> bool {
        self.price_per_part.is_some() || !self.prices.is_empty()
    }

    /// What a part costs to a number, and by which key of `prices`; where none fits, its country if that has no price.
    pub fn price(&self, number: &str) -> (Cow<'_, str>, Option<f64>) {
        let priced = self.prices.iter().map(|(place, price)| (place.as_str(), *price));
        match (number::nearest(priced, number), self.price_per_part) {
            (Some((place, price)), _) => (Cow::Borrowed(place), Some(price)),
            (None, None) if self.has_prices() => {
                (Cow::Borrowed(number::country(number).map_or("", |(country, _)| country)), None)
            }
            (None, flat) => (Cow::Borrowed(""), flat),
        }
    }

    /// The digits of the longest prefix that has a price.
    pub fn longest_prefix(&self) -> usize {
        self.prices.keys().map(|place| place.strip_prefix('+').map_or(0, str::len)).max().unwrap_or_default()
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if let Some(code) = self.home().filter(|code| !number::is_country(code)) {
            let message = format!("{code:?} is no country; give its two capital letters (ISO 3166-1), such as \"AT\"");
            return Err(SettingsError::new("default_country", message));
        }
        let is_price = |price: f64| price.is_finite() && price >= 0.0;
        if self.price_per_part.is_some_and(|price| !is_price(price)) {
            return Err(SettingsError::new("price_per_part", "must be 0 or more"));
        }
        for (place, price) in &self.prices {
            let key = format!("prices.{place}");
            if !number::is_place(place) {
                let message = "is no country and no prefix; write AT, or the first digits of numbers, \"+431\"";
                return Err(SettingsError::new(&key, message));
            }
            if !is_price(*price) {
                return Err(SettingsError::new(&key, "must be 0 or more"));
            }
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
