//! What a recipient may look like: one set of rules for the API and for imports.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use onevoice_channels::{contract::Channel, sms::number};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::filter::{self, BUILT_IN, Filter};
use crate::{
    store::recipients::{Address, Recipient},
    subscribe::PREFIX,
};

/// The most addresses of one person.
pub const MOST_ADDRESSES: usize = 20;
/// The most attributes, tags or components of one person.
pub const MOST_LABELS: usize = 100;
/// The longest name or label, in characters.
const LONGEST_NAME: usize = 200;
/// The longest value of an attribute, in characters.
const LONGEST_VALUE: usize = 1_000;
/// The longest mail address, in bytes (RFC 5321, 4.5.3.1.3, without the angle brackets).
const LONGEST_MAIL: usize = 254;

/// What is wrong with a recipient, and where. It never repeats an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct Fault {
    /// The field, as a JSON pointer: `/addresses/0/value`.
    pub pointer: String,
    /// What is wrong, and how to mend it.
    pub detail: String,
}

impl Fault {
    /// A fault at a field.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Fault {
        Fault { pointer: pointer.into(), detail: detail.into() }
    }
}

/// A recipient as it is stored: trimmed, with addresses in their one form. `home` is the country of numbers that name none.
///
/// # Errors
/// The first [`Fault`].
pub fn normalise(recipient: Recipient, home: Option<&str>) -> Result<Recipient, Fault> {
    let customer_id = line("/customer_id", &recipient.customer_id, LONGEST_NAME)?;
    if customer_id.is_empty() {
        return Err(Fault::new("/customer_id", "is missing; give your own name for this person"));
    }
    if customer_id.starts_with(PREFIX) {
        // What they agreed to must not be changed by who did not ask them.
        return Err(Fault::new(
            "/customer_id",
            format!("begins with {PREFIX}, as of people who subscribed by themselves; they change that themselves"),
        ));
    }
    Ok(Recipient {
        customer_id,
        name: line("/name", &recipient.name, LONGEST_NAME)?,
        locale: locale(&recipient.locale)?,
        time_zone: time_zone(&recipient.time_zone)?,
        addresses: addresses(&recipient.addresses, home)?,
        attributes: attributes(recipient.attributes)?,
        tags: labels("/tags", &recipient.tags)?,
        components: labels("/components", &recipient.components)?,
    })
}

/// The one form of an address: a mail address with its domain in lower case, or an E.164 number. `home` is the country
/// (`[sms] default_country`) of numbers that name none.
///
/// # Errors
/// In words, without the address.
pub fn address(channel: Channel, value: &str, home: Option<&str>) -> Result<String, String> {
    match channel {
        Channel::Email => mail(value.trim()),
        Channel::Sms => number::normalise(value, home),
        _ => Err(format!("{channel} has no addresses of people; use email or sms")),
    }
}

/// The form of an address that may be stored already: numbers that were taken when less was known of countries are
/// found, kept from being written to and let be written to again as they stand.
///
/// # Errors
/// As [`address`].
pub fn known(channel: Channel, value: &str, home: Option<&str>) -> Result<String, String> {
    address(channel, value, home).or_else(|refusal| {
        let bare: String = value.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
        if channel == Channel::Sms && number::is_e164(&bare) { Ok(bare) } else { Err(refusal) }
    })
}

/// Some mail servers tell `Ana@` from `ana@`, and no domain does.
fn mail(value: &str) -> Result<String, String> {
    let refused = || "is no mail address; write it like ana@acme.example".to_owned();
    if value.len() > LONGEST_MAIL || value.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(refused());
    }
    let parsed: lettre::Address = value.parse().map_err(|_| refused())?;
    Ok(format!("{}@{}", parsed.user(), parsed.domain().to_lowercase()))
}

fn addresses(given: &[Address], home: Option<&str>) -> Result<Vec<Address>, Fault> {
    if given.len() > MOST_ADDRESSES {
        return Err(Fault::new("/addresses", format!("at most {MOST_ADDRESSES} addresses; this has {}", given.len())));
    }
    let mut kept: Vec<Address> = Vec::with_capacity(given.len());
    for (place, Address { channel, value }) in given.iter().enumerate() {
        if !channel.is_personal() {
            let detail = format!("{channel} has no addresses of people; use email or sms");
            return Err(Fault::new(format!("/addresses/{place}/channel"), detail));
        }
        let value =
            address(*channel, value, home).map_err(|detail| Fault::new(format!("/addresses/{place}/value"), detail))?;
        let address = Address { channel: *channel, value };
        if !kept.contains(&address) {
            kept.push(address);
        }
    }
    Ok(kept)
}

/// A line without control characters, so that no name ends a mail header or a row of a file.
fn line(pointer: &str, text: &str, most: usize) -> Result<String, Fault> {
    let text = text.trim();
    if text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(Fault::new(pointer, "has a line break or another control character; take it out"));
    }
    match text.chars().count() {
        count if count > most => Err(Fault::new(pointer, format!("has {count} characters; at most {most} fit"))),
        _ => Ok(text.to_owned()),
    }
}

/// The shape of BCP 47 (RFC 5646, 2.1); `de_DE`, as files write it, becomes `de-DE`.
fn locale(text: &str) -> Result<String, Fault> {
    let text = text.trim().replace('_', "-");
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let alphabetic = (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let fits = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if text.is_empty() || (text.len() <= 35 && alphabetic && parts.all(fits)) {
        return Ok(text);
    }
    Err(Fault::new("/locale", "is no language tag; write it like en or de-AT"))
}

fn time_zone(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    if text.is_empty() || jiff::tz::TimeZone::get(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err(Fault::new("/time_zone", "is no IANA time zone; write it like Europe/London"))
}

fn attributes(given: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Fault> {
    if given.len() > MOST_LABELS {
        return Err(Fault::new("/attributes", format!("at most {MOST_LABELS} attributes; this has {}", given.len())));
    }
    let mut kept = BTreeMap::new();
    for (name, value) in given {
        let pointer = format!("/attributes/{}", name.replace('~', "~0").replace('/', "~1"));
        if !is_attribute(&name) {
            let detail = "is no attribute's name: letters, digits, _ . and -, not a digit first, and no word of the filter language";
            return Err(Fault::new(pointer, detail));
        }
        let value = line(&pointer, &value, LONGEST_VALUE)?;
        kept.insert(name, value);
    }
    Ok(kept)
}

/// Whether segments can ask about an attribute of this name. The language itself decides.
pub fn is_attribute(name: &str) -> bool {
    let asked = filter::parse(&format!("has {name}"));
    name.len() <= LONGEST_NAME && !BUILT_IN.contains(&name) && asked == Ok(Filter::Has(name.to_owned()))
}

fn labels(pointer: &str, given: &[String]) -> Result<Vec<String>, Fault> {
    if given.len() > MOST_LABELS {
        return Err(Fault::new(pointer, format!("at most {MOST_LABELS} of these; this has {}", given.len())));
    }
    let mut kept = BTreeSet::new();
    for (place, label) in given.iter().enumerate() {
        let label = line(&format!("{pointer}/{place}"), label, LONGEST_NAME)?;
        if label.is_empty() {
            return Err(Fault::new(format!("{pointer}/{place}"), "is empty; leave it out"));
        }
        kept.insert(label);
    }
    Ok(kept.into_iter().collect())
}

/// A value of an attribute as JSON has it.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// Text.
    Text(String),
    /// A number, taken as it is written.
    Number(serde_json::Number),
    /// `true` or `false`.
    Truth(bool),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Text(text) => f.write_str(text),
            Scalar::Number(number) => number.fmt(f),
            Scalar::Truth(truth) => truth.fmt(f),
        }
    }
}

/// Reads attributes whose values are text, numbers or booleans, as text.
///
/// # Errors
/// The deserializer's.
pub fn scalars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let given = BTreeMap::<String, Scalar>::deserialize(deserializer)?;
    Ok(given.into_iter().map(|(name, value)| (name, value.to_string())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Recipient, Fault> {
        normalise(serde_json::from_str(text).unwrap(), None)
    }

    fn at(text: &str) -> String {
        read(text).expect_err(text).pointer
    }

    #[test]
    fn addresses_have_one_form() {
        let found = read(
            r#"{"customer_id":" c1 ","locale":"de_AT","addresses":[{"channel":"email","value":" Ana.B@ACME.Example "},
              {"channel":"sms","value":"+44 20-7946 0000"},{"channel":"sms","value":"+442079460000"}]}"#,
        )
        .unwrap();
        let values: Vec<&str> = found.addresses.iter().map(|address| address.value.as_str()).collect();
        assert_eq!(values, ["Ana.B@acme.example", "+442079460000"]);
        assert_eq!((found.customer_id.as_str(), found.locale.as_str()), ("c1", "de-AT"));
    }

    #[test]
    fn no_line_break_gets_in_anywhere() {
        for (field, pointer) in [
            (r#""name":"Ana\r\nBcc: x@y.example""#, "/name"),
            (r#""name":"Ana\u2028B""#, "/name"),
            (r#""addresses":[{"channel":"email","value":"a@b.example\r\nX: y"}]"#, "/addresses/0/value"),
            (r#""addresses":[{"channel":"sms","value":"+4420794\n60000"}]"#, "/addresses/0/value"),
            (r#""attributes":{"plan":"a\nb"}"#, "/attributes/plan"),
            (r#""tags":["vip","a\tb"]"#, "/tags/1"),
            (r#""components":["a\u0000b"]"#, "/components/0"),
        ] {
            assert_eq!(at(&format!(r#"{{"customer_id":"c",{field}}}"#)), pointer, "{field}");
        }
        assert_eq!(at("{\"customer_id\":\"c\\n1\"}"), "/customer_id");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for value in ["zoe", "zoe@", "@shop.example", "zoe @shop.example", "zoe@b@c"] {
            assert!(address(Channel::Email, value, None).is_err_and(|detail| !detail.contains(value)), "{value}");
        }
        for value in [
            "020 7946 0000",
            "+0442079460000",
            "+44 (0)20 794 600",
            "+123456",
            "+1234567890123456",
            "+44x2079460000",
            "",
        ] {
            let refused = address(Channel::Sms, value, None).unwrap_err();
            assert!(value.is_empty() || !refused.contains(value), "{value}: {refused}");
        }
        assert!(address(Channel::Banner, "x", None).is_err());
        assert_eq!(at(r#"{"customer_id":"c","addresses":[{"channel":"banner","value":"x"}]}"#), "/addresses/0/channel");
    }

    #[test]
    fn a_number_without_a_country_is_of_the_default_one() {
        let person = r#"{"customer_id":"c1","addresses":[{"channel":"sms","value":"0664 123 4567"},
            {"channel":"sms","value":"+43 (0)664 1234567"},{"channel":"sms","value":"+44 20 7946 0000"}]}"#;
        let read = normalise(serde_json::from_str(person).unwrap(), Some("AT")).unwrap();
        let values: Vec<&str> = read.addresses.iter().map(|address| address.value.as_str()).collect();
        assert_eq!(values, ["+436641234567", "+442079460000"]);
        let fault = normalise(serde_json::from_str(person).unwrap(), None).unwrap_err();
        assert_eq!(fault.pointer, "/addresses/0/value");
        assert!(fault.detail.contains("default_country"), "{fault}");
    }

    #[test]
    fn what_is_stored_already_is_found_as_it_stands() {
        assert_eq!(address(Channel::Sms, "+1234567", None).ok(), None);
        assert_eq!(known(Channel::Sms, "+123 45-67", None).as_deref(), Ok("+1234567"));
        assert_eq!(known(Channel::Sms, "+44 (0)20 7946 0000", None).as_deref(), Ok("+442079460000"));
        assert!(
            known(Channel::Sms, "0664 123 4567", None).is_err() && known(Channel::Email, "+1234567", None).is_err()
        );
    }

    #[test]
    fn attributes_are_text_that_segments_can_ask_about() {
        let found = read(r#"{"customer_id":"c","attributes":{"plan":"free","seats":12.50,"beta":true}}"#).unwrap();
        let values: Vec<&str> = found.attributes.values().map(String::as_str).collect();
        assert_eq!(values, ["true", "free", "12.5"]);
        for name in ["", "1st", "a b", "and", "TAG", "locale", "customer_id", "a/b"] {
            let pointer = format!("/attributes/{}", name.replace('/', "~1"));
            assert_eq!(at(&format!(r#"{{"customer_id":"c","attributes":{{"{name}":"x"}}}}"#)), pointer);
        }
    }

    #[test]
    fn places_and_times_must_exist() {
        assert_eq!(at(r#"{"customer_id":"c","locale":"english please"}"#), "/locale");
        assert_eq!(at(r#"{"customer_id":"c","time_zone":"Mars/Olympus"}"#), "/time_zone");
        assert_eq!(at(r#"{"name":"x"}"#), "/customer_id");
        let many: Vec<String> = (0..=MOST_LABELS).map(|n| format!("\"t{n}\"")).collect();
        assert_eq!(at(&format!(r#"{{"customer_id":"c","tags":[{}]}}"#, many.join(","))), "/tags");
    }
}
