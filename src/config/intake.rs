//! `[intake]`: what monitoring systems send, and which prepared message it becomes.

use std::collections::{BTreeMap, BTreeSet};

use onevoice_channels::{registry::SettingsError, secret::Secret};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::compose::status::{Kind, Status};

/// What monitoring systems send, and which prepared message it becomes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    /// Seconds for which an alert has to fire before customers are told.
    pub hold_seconds: u32,
    /// Seconds for which it has to be over before they are told that it is.
    pub clear_seconds: u32,
    /// Days for which calls are kept as they came.
    pub keep_days: u32,
    /// Megabytes of calls that are kept; the oldest go first.
    pub keep_mb: u32,
    /// The prepared message that speaks where much breaks at once: `[intake.storm]`. Rules need it.
    pub storm: Option<Storm>,
    /// Who may call: `[[intake.source]]`.
    pub source: Vec<Source>,
    /// Which alert becomes which prepared message, the first that fits: `[[intake.rule]]`.
    pub rule: Vec<Rule>,
}

/// Where much breaks at once, one prepared message speaks for all of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Storm {
    /// The prepared message, by number or name.
    pub playbook: String,
    /// How many things.
    #[serde(default = "five")]
    pub voices: u32,
    /// Within so many seconds.
    #[serde(default = "minute")]
    pub within_seconds: u32,
}

/// A monitoring system.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name: unique, of lower-case letters, digits and hyphens.
    pub name: String,
    /// What it speaks; it calls `/intake/KIND`.
    pub kind: SourceKind,
    /// The mail address of the person in whose name it speaks: an author at least.
    pub person: String,
    /// Proves itself by `Authorization: Bearer`, or `OAuth`.
    #[serde(default)]
    pub bearer: Option<Secret>,
    /// Proves itself by a user name and password.
    #[serde(default)]
    pub basic: Option<Basic>,
    /// Proves itself by a signature over the body.
    #[serde(default)]
    pub hmac: Option<Hmac>,
    /// The largest call, in kilobytes.
    #[serde(default = "megabyte")]
    pub max_body_kb: u32,
    /// True for practice: nothing of what it says leaves.
    #[serde(default)]
    pub exercise: bool,
    /// Of `json`: where in the body what is.
    #[serde(default)]
    pub fields: Option<Fields>,
}

/// What a monitoring system speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Alertmanager's webhook, version 4.
    Alertmanager,
    /// Grafana's webhook contact point.
    Grafana,
    /// PagerDuty's webhooks, version 3.
    Pagerduty,
    /// Any JSON.
    Json,
    /// Statuspage's manage API, version 1, at `/intake/statuspage/NAME/v1`.
    Statuspage,
}

impl SourceKind {
    /// Each kind.
    pub const ALL: [SourceKind; 5] = [
        SourceKind::Alertmanager,
        SourceKind::Grafana,
        SourceKind::Pagerduty,
        SourceKind::Json,
        SourceKind::Statuspage,
    ];

    /// The name in the configuration and the address.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceKind::Alertmanager => "alertmanager",
            SourceKind::Grafana => "grafana",
            SourceKind::Pagerduty => "pagerduty",
            SourceKind::Json => "json",
            SourceKind::Statuspage => "statuspage",
        }
    }

    /// Reads a name written by [`SourceKind::as_str`].
    pub fn parse(name: &str) -> Option<SourceKind> {
        SourceKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A user name and password.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// HMAC-SHA256 over the body, in hexadecimal.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// The header in which the signature is.
    pub header: String,
    /// What stands before it there: `sha256=`.
    #[serde(default)]
    pub prefix: String,
    /// What it is made with.
    pub secret: Secret,
}

/// Where in a JSON body what is, as JSON pointers (RFC 6901).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// The list of alerts; left out, the body is one alert.
    #[serde(default)]
    pub alerts: Option<String>,
    /// In an alert: what it is called, the same when it is over.
    pub key: String,
    /// In an alert: whether it fires.
    pub status: String,
    /// The values of that which say that it is over.
    pub resolved: Vec<String>,
}

/// Which alert becomes which prepared message.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: unique, of lower-case letters, digits and hyphens.
    pub name: String,
    /// The source that it is for; every one when left out.
    #[serde(default)]
    pub source: Option<String>,
    /// Fields and the values that they have: labels, `annotation.NAME`, or JSON pointers.
    #[serde(default, rename = "match")]
    pub exact: BTreeMap<String, String>,
    /// Fields and the regular expressions that their whole values match.
    #[serde(default, rename = "match_regex")]
    pub pattern: BTreeMap<String, String>,
    /// The prepared message, by number or name.
    pub playbook: String,
    /// Components that are concerned, by number or name; `{FIELD}` stands for a field's value.
    #[serde(default)]
    pub components: Vec<String>,
    /// The prepared message's values; `{FIELD}` stands for a field's value.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// The stage that is announced first.
    #[serde(default = "investigating")]
    pub first: Status,
    /// In place of `hold_seconds` above.
    #[serde(default)]
    pub hold_seconds: Option<u32>,
    /// In place of `clear_seconds` above.
    #[serde(default)]
    pub clear_seconds: Option<u32>,
}

fn five() -> u32 {
    5
}
fn minute() -> u32 {
    60
}
fn megabyte() -> u32 {
    1024
}
fn investigating() -> Status {
    Status::Investigating
}

/// The regular expression, for a whole value.
pub fn whole(pattern: &str) -> Option<Regex> {
    regex::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(1 << 20).build().ok()
}

impl Default for Intake {
    fn default() -> Self {
        let (source, rule) = Default::default();
        Intake { hold_seconds: 90, clear_seconds: 300, keep_days: 30, keep_mb: 256, storm: None, source, rule }
    }
}

/// A day, in seconds.
const DAY: u32 = 24 * 60 * 60;

impl Intake {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        let wrong = |key: &str, message: &str| Err(SettingsError::new(key, message));
        if self.hold_seconds > DAY || self.clear_seconds > DAY {
            return wrong("hold_seconds", "and `clear_seconds` are at most 86400 (a day)");
        }
        if !(1..=3_650).contains(&self.keep_days) || !(1..=102_400).contains(&self.keep_mb) {
            return wrong("keep_days", "must be 1 to 3650, and `keep_mb` 1 to 102400");
        }
        if let Some(storm) = &self.storm
            && (storm.voices < 2 || !(1..=DAY).contains(&storm.within_seconds) || storm.playbook.trim().is_empty())
        {
            let message = "needs a `playbook`, `voices` of 2 or more, and `within_seconds` from 1 to 86400";
            return wrong("storm", message);
        }
        if self.storm.is_none() && !self.rule.is_empty() {
            let message = "is missing: say which prepared message speaks where much breaks at once, so that a storm of \
                           alerts is one message: [intake.storm] playbook = \"several-services\"";
            return wrong("storm", message);
        }
        let mut names = BTreeSet::new();
        for (place, source) in self.source.iter().enumerate() {
            let fresh = names.insert(source.name.as_str());
            source.validate(fresh).map_err(|error| under(&format!("source[{place}]"), error))?;
        }
        let mut rules = BTreeSet::new();
        for (place, rule) in self.rule.iter().enumerate() {
            let fresh = rules.insert(rule.name.as_str());
            rule.validate(fresh, &names).map_err(|error| under(&format!("rule[{place}]"), error))?;
        }
        Ok(())
    }
}

fn under(place: &str, error: SettingsError) -> SettingsError {
    SettingsError { key: format!("{place}.{}", error.key), ..error }
}

fn named(name: &str, fresh: bool) -> Result<(), SettingsError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(1..=40).contains(&name.len()) || !name.chars().all(plain) {
        return Err(SettingsError::new(
            "name",
            "must be lower-case letters, digits and hyphens, such as \"prometheus\"",
        ));
    }
    if !fresh || name == "storm" {
        return Err(SettingsError::new("name", "is there twice, or \"storm\"; choose another"));
    }
    Ok(())
}

fn pointer(key: &str, text: &str) -> Result<(), SettingsError> {
    if text.starts_with('/') {
        return Ok(());
    }
    Err(SettingsError::new(key, "must be a JSON pointer, which begins with a slash: \"/incident/id\""))
}

impl Source {
    fn validate(&self, fresh: bool) -> Result<(), SettingsError> {
        named(&self.name, fresh)?;
        if self.person.parse::<lettre::Address>().is_err() {
            return Err(SettingsError::new(
                "person",
                "must be the mail address of an author, such as \"ana@acme.example\"",
            ));
        }
        let proofs = [self.bearer.is_some(), self.basic.is_some(), self.hmac.is_some()];
        if proofs.iter().filter(|given| **given).count() != 1 {
            let message = "give one of `bearer`, `basic` and `hmac`, so that nobody else speaks in its name: \
                           bearer = { file = \"secrets/prometheus\" }";
            return Err(SettingsError::new("bearer", message));
        }
        if let Some(hmac) = &self.hmac
            && (hmac.header.is_empty() || hmac.header.contains(|c: char| c.is_whitespace() || c == ':'))
        {
            return Err(SettingsError::new("hmac.header", "must be a header's name, such as \"X-Signature\""));
        }
        if !(1..=16_384).contains(&self.max_body_kb) {
            return Err(SettingsError::new("max_body_kb", "must be 1 to 16384"));
        }
        match (self.kind, &self.fields) {
            (SourceKind::Json, None) => {
                let message = "is missing: say where in the body what is: \
                               { key = \"/id\", status = \"/status\", resolved = [\"ok\"] }";
                Err(SettingsError::new("fields", message))
            }
            (SourceKind::Json, Some(fields)) => {
                fields.alerts.iter().try_for_each(|text| pointer("fields.alerts", text))?;
                pointer("fields.key", &fields.key)?;
                pointer("fields.status", &fields.status)?;
                if fields.resolved.is_empty() {
                    return Err(SettingsError::new("fields.resolved", "must name the values that say that it is over"));
                }
                Ok(())
            }
            (_, Some(_)) => Err(SettingsError::new("fields", "is for the kind json; take it out")),
            (_, None) => Ok(()),
        }
    }
}

impl Rule {
    fn validate(&self, fresh: bool, sources: &BTreeSet<&str>) -> Result<(), SettingsError> {
        named(&self.name, fresh)?;
        if let Some(source) = &self.source
            && !sources.contains(source.as_str())
        {
            return Err(SettingsError::new(
                "source",
                "names no [[intake.source]]; give the name of one, or leave it out",
            ));
        }
        if self.playbook.trim().is_empty() {
            return Err(SettingsError::new("playbook", "must be a prepared message, by number or name"));
        }
        if let Some(field) = self.pattern.iter().find(|(_, pattern)| whole(pattern).is_none()).map(|(field, _)| field) {
            let message = "is no regular expression that can be read; write \"pay.*\"";
            return Err(SettingsError::new(&format!("match_regex.{field}"), message));
        }
        let statuses = Kind::Incident.statuses();
        if !statuses.contains(&self.first) || self.first.is_final() {
            return Err(SettingsError::new("first", "must be investigating, identified or monitoring"));
        }
        if [self.hold_seconds, self.clear_seconds].into_iter().flatten().any(|seconds| seconds > DAY) {
            return Err(SettingsError::new("hold_seconds", "and `clear_seconds` are at most 86400 (a day)"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(rest: &str) -> String {
        format!("[[source]]\nname = \"a\"\nkind = \"alertmanager\"\nperson = \"ana@acme.example\"\n{rest}")
    }

    const BEARER: &str = "bearer = { env = \"CARGO_PKG_NAME\" }\n";

    /// The key at fault.
    fn fault(text: &str) -> String {
        let intake: Intake = toml::from_str(text).unwrap();
        intake.validate().err().map(|error| error.key).unwrap_or_default()
    }

    #[test]
    fn bad_settings_name_the_key() {
        let rule = |rest: &str| format!("[storm]\nplaybook = \"x\"\n[[rule]]\nname = \"r\"\nplaybook = \"p\"\n{rest}");
        let json = |rest: &str| source(&format!("{BEARER}{rest}")).replace("alertmanager", "json");
        for (text, key) in [
            ("hold_seconds = 86401".to_owned(), "hold_seconds"),
            ("keep_days = 0".to_owned(), "keep_days"),
            ("[storm]\nplaybook = \"x\"\nvoices = 1".to_owned(), "storm"),
            (rule("").replace("[storm]\nplaybook = \"x\"\n", ""), "storm"),
            (source(""), "source[0].bearer"),
            (
                source(&format!("{BEARER}basic = {{ user = \"x\", password = {{ env = \"CARGO_PKG_NAME\" }} }}")),
                "source[0].bearer",
            ),
            (source(BEARER).replace("ana@", "ana"), "source[0].person"),
            (source(BEARER).replace("\"a\"", "\"A b\""), "source[0].name"),
            (source(BEARER) + &source(BEARER), "source[1].name"),
            (source(&format!("{BEARER}max_body_kb = 0")), "source[0].max_body_kb"),
            (source("hmac = { header = \"\", secret = { env = \"CARGO_PKG_NAME\" } }"), "source[0].hmac.header"),
            (json(""), "source[0].fields"),
            (json("fields = { key = \"id\", status = \"/s\", resolved = [\"ok\"] }"), "source[0].fields.key"),
            (json("fields = { key = \"/id\", status = \"/s\", resolved = [] }"), "source[0].fields.resolved"),
            (rule("source = \"nobody\""), "rule[0].source"),
            (rule("match_regex = { a = \"(\" }"), "rule[0].match_regex.a"),
            (rule("first = \"resolved\""), "rule[0].first"),
            (rule("clear_seconds = 86401"), "rule[0].hold_seconds"),
        ] {
            assert_eq!(fault(&text), key, "{text}");
        }
        assert_eq!(fault(&(rule("source = \"a\"\n") + &source(BEARER))), "");
        assert!(toml::from_str::<Intake>("hold = 1").is_err(), "unknown keys are refused");
    }

    #[test]
    fn what_the_documents_show_can_be_used_as_written() {
        let text = include_str!("../../docs/machines.md");
        let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
        let whole: String = blocks.collect::<Vec<_>>().join("\n").replace("intake.", "").replace("[intake]\n", "");
        let secrets = regex::Regex::new("file = \"secrets/[a-z]+\"").unwrap();
        assert_eq!(fault(&secrets.replace_all(&whole, "env = \"CARGO_PKG_NAME\"")), "");
    }
}
