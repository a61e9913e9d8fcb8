//! `[organisation]`: who speaks.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use lettre::{Address, message::Mailbox};
use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::{web_address, wording};

/// Who speaks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// As customers know it.
    pub name: String,
    /// The page that every message links to.
    #[serde(deserialize_with = "web_address::required")]
    #[schemars(with = "String", extend("format" = "uri"))]
    pub status_url: Url,
    /// The IANA zone in which times are written.
    pub time_zone: String,
    /// The languages that messages are written in, the default first.
    pub locales: Vec<String>,
    /// What mail comes from: `Acme Status <status@acme.example>`.
    pub mail_from: String,
    /// Where replies go: an address without a name. To `mail_from` when not given.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The envelope sender of mail, an address without a name; the address in `mail_from` when not given.
    #[serde(default)]
    pub bounce_address: Option<String>,
}

impl Organisation {
    /// The zone in which times are written.
    pub fn zone(&self) -> TimeZone {
        // Validated, so the fallback is never seen.
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// The domain of `mail_from`, from which message ids are made.
    pub fn sender_domain(&self) -> String {
        // Validated, so the fallback is never seen.
        mailbox(&self.mail_from).map_or_else(|| "localhost".to_owned(), |from| from.email.domain().to_owned())
    }

    /// The address of `reply_to`.
    pub fn reply_address(&self) -> Option<String> {
        self.reply_to.as_deref().and_then(mailbox).map(|to| to.email.to_string())
    }

    /// Name and address of `mail_from`; the organisation's name where it has none.
    pub fn sender(&self) -> (String, String) {
        let from = mailbox(&self.mail_from);
        let name = from.as_ref().and_then(|from| from.name.clone()).unwrap_or_else(|| self.name.clone());
        (name, from.map_or_else(String::new, |from| from.email.to_string()))
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        let wrong = |key: &str, message: &str| Err(SettingsError::new(key, message));
        if self.name.trim().is_empty() || self.name.contains(char::is_control) {
            return wrong("name", "must be a name on one line, as customers know it");
        }
        self.validate_time_zone()?;
        validate_locales(&self.locales)?;
        if mailbox(&self.mail_from).is_none() {
            return wrong(
                "mail_from",
                "must be an address, with a name if you like: \"Acme Status <status@acme.example>\"",
            );
        }
        for (key, address) in [("reply_to", &self.reply_to), ("bounce_address", &self.bounce_address)] {
            if address.as_deref().is_some_and(|address| address.parse::<Address>().is_err()) {
                return wrong(key, "must be an address without a name, such as \"support@acme.example\"");
            }
        }
        Ok(())
    }

    fn validate_time_zone(&self) -> Result<(), SettingsError> {
        if TimeZone::get(&self.time_zone).is_ok() {
            return Ok(());
        }
        let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.as_str().to_owned()).collect();
        let what = format!("{:?} is not a zone of the IANA database", self.time_zone);
        let message = match wording::nearest(&self.time_zone, known.iter().map(String::as_str)) {
            Some(near) => format!("{what}; did you mean {near:?}?"),
            None => format!("{what}; write it like \"Europe/London\""),
        };
        Err(SettingsError::new("time_zone", message))
    }
}

fn validate_locales(locales: &[String]) -> Result<(), SettingsError> {
    if locales.is_empty() {
        return Err(SettingsError::new("locales", "is empty; give at least one language, such as [\"en\"]"));
    }
    let mut seen = HashSet::new();
    for (place, locale) in locales.iter().enumerate() {
        let key = format!("locales[{place}]");
        if !is_language_tag(locale) {
            let message = format!("{locale:?} is not a language tag; write it like \"en\", \"pt-BR\" or \"zh-Hant\"");
            return Err(SettingsError::new(&key, message));
        }
        if !seen.insert(locale.to_ascii_lowercase()) {
            return Err(SettingsError::new(&key, format!("{locale:?} is there twice; take one out")));
        }
    }
    Ok(())
}

/// The part of BCP 47 that people write: a language of two or three letters in lower case, then script, region and
/// variants of two to eight letters or digits.
fn is_language_tag(locale: &str) -> bool {
    let mut parts = locale.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn mailbox(text: &str) -> Option<Mailbox> {
    if text.contains(char::is_control) { None } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags() {
        for good in ["en", "de", "fil", "pt-BR", "zh-Hant-TW", "es-419", "ca-valencia"] {
            assert!(is_language_tag(good), "{good}");
        }
        for bad in ["", "e", "EN", "english", "en_GB", "en-", "de DE", "-"] {
            assert!(!is_language_tag(bad), "{bad}");
        }
    }
}
