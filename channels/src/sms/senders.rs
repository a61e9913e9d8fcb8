//! Senders by country: what a text comes from in place of a provider's `from`, and how fast it may.

use std::{collections::BTreeMap, num::NonZeroU32};

use schemars::JsonSchema;
use serde::Deserialize;

use super::number::{is_place, nearest};
use crate::{
    contract::{DomainLimits, Limits},
    limits::positive,
    registry::SettingsError,
};

/// The most senders of a provider.
const MOST: usize = 500;

/// What texts to a country come from.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderSettings {
    /// The country that is texted, as two letters (ISO 3166-1), such as `US`. Either this or `prefix`.
    pub country: Option<String>,
    /// The first digits of the numbers that are texted, such as `+1416`. The one with the most digits counts; a country has
    /// those of its calling code, and goes before a prefix of the same.
    pub prefix: Option<String>,
    /// A number, short code or name, in the form that `from` has.
    pub from: String,
    /// Messages a second from it, on average. Default: as the provider's own limit lets them.
    pub per_second: Option<f64>,
    /// How many may go at once after a pause. Default: as the provider's.
    pub burst: Option<NonZeroU32>,
}

impl SenderSettings {
    /// The country or prefix that it is for; empty where it is for neither, which validation refuses.
    pub fn place(&self) -> &str {
        self.country.as_deref().or(self.prefix.as_deref()).unwrap_or_default()
    }

    /// Whether it is a name, with a letter in it.
    pub fn is_name(&self) -> bool {
        self.from.contains(|c: char| !c.is_ascii_digit() && c != '+')
    }

    /// True for a name where networks take none: the operators of the United States and Canada accept numbers and short
    /// codes only.
    pub fn is_refused_name(&self) -> bool {
        self.is_name() && (matches!(self.place(), "US" | "CA") || self.place().starts_with("+1"))
    }
}

/// What a text to a number comes from.
pub fn sender<'a>(senders: &'a [SenderSettings], usual: &'a str, to: &str) -> &'a str {
    nearest(senders.iter().map(|sender| (sender.place(), sender.from.as_str())), to).map_or(usual, |(_, from)| from)
}

/// A provider's limits with those of its senders.
pub fn limits(senders: &[SenderSettings], declared: Limits) -> Limits {
    let paced = |sender: &&SenderSettings| sender.per_second.is_some();
    let limit = |sender: &SenderSettings| {
        let own = DomainLimits { per_second: sender.per_second, burst: sender.burst, connections: None };
        (sender.from.clone(), own)
    };
    let senders_of: BTreeMap<String, String> =
        senders.iter().map(|sender| (sender.place().to_owned(), sender.from.clone())).collect();
    let domains: BTreeMap<String, DomainLimits> = senders.iter().filter(paced).map(limit).collect();
    Limits { senders: if domains.is_empty() { BTreeMap::new() } else { senders_of }, domains, ..declared }
}

/// Checks a provider's senders; `check` says what is wrong with one's `from`.
///
/// # Errors
/// Names the key at fault.
pub fn validate(
    senders: &[SenderSettings],
    check: impl Fn(&str) -> Result<(), SettingsError>,
) -> Result<(), SettingsError> {
    if senders.len() > MOST {
        return Err(SettingsError::new("senders", format!("has {}; at most {MOST} fit", senders.len())));
    }
    for (place, sender) in senders.iter().enumerate() {
        let wrong = |key: &str, message: String| Err(SettingsError::new(&format!("senders[{place}].{key}"), message));
        match (&sender.country, &sender.prefix) {
            (Some(country), None) if country.starts_with('+') || !is_place(country) => {
                let message =
                    format!("{country:?} is no country; give two capital letters (ISO 3166-1), such as \"US\"");
                return wrong("country", message);
            }
            (None, Some(prefix)) if !prefix.starts_with('+') || !is_place(prefix) => {
                return wrong("prefix", format!("{prefix:?} is no prefix; write + and digits, such as \"+1416\""));
            }
            (Some(_), None) | (None, Some(_)) => {}
            _ => return wrong("country", "give either country or prefix".to_owned()),
        }
        check(&sender.from).map_err(|error| SettingsError::new(&format!("senders[{place}].from"), error.message))?;
        let key = format!("senders[{place}].per_second");
        positive(&key, sender.per_second, "must be above 0; leave it out for the provider's own limit")?;
        if sender.burst.is_some() && sender.per_second.is_none() {
            return wrong("burst", "goes with per_second; give both, or neither".to_owned());
        }
        for (before, other) in senders[..place].iter().enumerate() {
            if other.place() == sender.place() {
                return wrong("country", format!("{} has a sender already, senders[{before}]", sender.place()));
            }
            if other.from == sender.from && (other.per_second, other.burst) != (sender.per_second, sender.burst) {
                let message = format!("must be as in senders[{before}], which is the same sender: its rate is one");
                return wrong("per_second", message);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Senders {
        senders: Vec<SenderSettings>,
    }

    fn read(text: &str) -> Vec<SenderSettings> {
        toml::from_str::<Senders>(text).unwrap().senders
    }

    fn refusal(text: &str) -> String {
        let check = |from: &str| match from {
            "" => Err(SettingsError::new("from", "is empty")),
            _ => Ok(()),
        };
        validate(&read(text), check).unwrap_err().to_string()
    }

    #[test]
    fn the_nearest_place_has_the_sender() {
        let senders = read(
            "senders = [{ country = 'US', from = '12345', per_second = 10 }, { prefix = '+1212', from = '+12125550100' },
              { country = 'AT', from = 'Acme', per_second = 5, burst = 2 }, { prefix = '+43676', from = 'Acme', per_second = 5, burst = 2 }]",
        );
        let from = |to| sender(&senders, "+441632960000", to);
        assert_eq!(
            (from("+14155550100"), from("+12125550100"), from("+14165550100")),
            ("12345", "+12125550100", "+441632960000")
        );
        assert_eq!((from("+436641234567"), from("+447700900000")), ("Acme", "+441632960000"));
        validate(&senders, |_| Ok(())).unwrap();
        let limits = limits(&senders, Limits::default());
        assert_eq!(limits.domains.len(), 2, "one limit a sender: {:?}", limits.domains);
        assert_eq!(limits.domains["Acme"].burst, NonZeroU32::new(2));
        assert_eq!(limits.senders["+43676"], "Acme");
    }

    #[test]
    fn mistakes_are_named_by_their_key() {
        for (text, error) in [
            ("senders = [{ from = 'A' }]", "senders[0].country: give either"),
            ("senders = [{ country = 'US', prefix = '+1', from = 'A' }]", "senders[0].country: give either"),
            ("senders = [{ country = 'usa', from = 'A' }]", "senders[0].country: \"usa\" is no country"),
            ("senders = [{ country = '+1', from = 'A' }]", "senders[0].country: \"+1\" is no country"),
            ("senders = [{ prefix = '1416', from = 'A' }]", "senders[0].prefix: \"1416\" is no prefix"),
            ("senders = [{ country = 'US', from = '' }]", "senders[0].from: is empty"),
            ("senders = [{ country = 'US', from = 'A', per_second = 0 }]", "senders[0].per_second: must be above 0"),
            ("senders = [{ country = 'US', from = 'A', burst = 3 }]", "senders[0].burst: goes with per_second"),
            (
                "senders = [{ country = 'US', from = 'A' }, { country = 'US', from = 'B' }]",
                "senders[1].country: US has a sender already, senders[0]",
            ),
            (
                "senders = [{ country = 'US', from = 'A', per_second = 1 }, { country = 'CA', from = 'A', per_second = 2 }]",
                "senders[1].per_second: must be as in senders[0]",
            ),
        ] {
            assert!(refusal(text).starts_with(error), "{text}: {}", refusal(text));
        }
        let america = read(
            "senders = [{ country = 'US', from = 'Acme' }, { prefix = '+1416', from = '12345' }, { country = 'AT', from = 'Acme' }]",
        );
        assert_eq!(america.iter().map(SenderSettings::is_refused_name).collect::<Vec<_>>(), [true, false, false]);
    }
}
