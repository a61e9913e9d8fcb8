//! Rules: which prepared message an alert becomes.

use std::collections::BTreeMap;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::alert::Fields;
use crate::{
    compose::status::Status,
    config::intake::{Intake, Rule, Source, whole},
    world::hex,
};

/// What a voice has to say: the same for every alert that says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Saying {
    /// The prepared message, by number or name.
    pub playbook: String,
    /// Components that are concerned.
    pub components: Vec<String>,
    /// Its values.
    pub variables: BTreeMap<String, String>,
    /// The stage that is announced first.
    pub first: Status,
    /// Seconds for which it has to fire.
    pub hold_seconds: u32,
    /// Seconds for which it has to be quiet.
    pub clear_seconds: u32,
    /// True for practice.
    pub exercise: bool,
}

/// What an alert gives a voice to.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
    /// The rule.
    pub rule: String,
    /// What it says.
    pub saying: Saying,
}

impl Voice {
    /// Its name: the rule, and a digest of what it says. Alerts that say the same have one voice.
    pub fn name(&self) -> String {
        let said = (&self.saying.playbook, &self.saying.components, &self.saying.variables, self.saying.exercise);
        let digest = Sha256::digest(serde_json::to_vec(&said).unwrap_or_default());
        format!("{}/{}", self.rule, hex(&digest[..8]))
    }
}

/// The rules of a configuration, with their expressions read once for a call.
pub struct Rules<'a> {
    intake: &'a Intake,
    source: &'a Source,
    rules: Vec<(&'a Rule, Vec<(&'a str, Regex)>)>,
}

impl<'a> Rules<'a> {
    /// Those that are for a source.
    pub fn of(intake: &'a Intake, source: &'a Source) -> Rules<'a> {
        let patterns = |rule: &'a Rule| {
            rule.pattern.iter().filter_map(|(field, pattern)| Some((field.as_str(), whole(pattern)?))).collect()
        };
        let concerns = |rule: &&Rule| rule.source.as_ref().is_none_or(|name| *name == source.name);
        let rules = intake.rule.iter().filter(concerns).map(|rule| (rule, patterns(rule))).collect();
        Rules { intake, source, rules }
    }

    /// The voice that an alert has, by the first rule that fits.
    pub fn voice(&self, fields: &Fields) -> Option<Voice> {
        let fits = |(rule, patterns): &&(&Rule, Vec<(&str, Regex)>)| {
            let get = |field: &str| fields.get(field).unwrap_or_default();
            rule.exact.iter().all(|(field, value)| get(field) == value.as_str())
                && patterns.iter().all(|(field, pattern)| pattern.is_match(&get(field)))
        };
        let (rule, _) = self.rules.iter().find(fits)?;
        let variables = rule.variables.iter();
        let saying = Saying {
            playbook: rule.playbook.clone(),
            components: rule.components.iter().filter_map(|text| fields.fill(text)).map(cut).collect(),
            variables: variables.filter_map(|(name, text)| Some((name.clone(), cut(fields.fill(text)?)))).collect(),
            first: rule.first,
            hold_seconds: rule.hold_seconds.unwrap_or(self.intake.hold_seconds),
            clear_seconds: rule.clear_seconds.unwrap_or(self.intake.clear_seconds),
            exercise: self.source.exercise,
        };
        Some(Voice { rule: rule.name.clone(), saying })
    }
}

/// A value is never longer than one that could be used and one character more, which says that it cannot.
fn cut(value: String) -> String {
    let most = crate::schedule::playbook::fill::LONGEST_TEXT + 1;
    if value.chars().count() > most { value.chars().take(most).collect() } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::intake::SourceKind;

    fn intake(rules: &str) -> Intake {
        toml::from_str(&format!("[storm]\nplaybook = \"all\"\n{rules}")).unwrap()
    }

    fn source() -> Source {
        Source {
            name: "prometheus".to_owned(),
            kind: SourceKind::Alertmanager,
            person: "ana@acme.example".to_owned(),
            bearer: None,
            basic: None,
            hmac: None,
            max_body_kb: 1024,
            exercise: false,
            fields: None,
        }
    }

    fn labels(fields: &[(&str, &str)]) -> Fields {
        Fields::Named(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_first_rule_that_fits_says_what_is_announced() {
        let intake = intake(
            r#"
            [[rule]]
            name = "other"
            source = "grafana"
            playbook = "never"
            [[rule]]
            name = "pay"
            match = { team = "payments" }
            match_regex = { alertname = "Down|Slow" }
            playbook = "payments-fail"
            components = ["{component}"]
            variables = { what = "{what}", do = "Wait" }
            hold_seconds = 0
            [[rule]]
            name = "rest"
            playbook = "something"
            "#,
        );
        let source = source();
        let rules = Rules::of(&intake, &source);
        let voice = |fields: &[(&str, &str)]| rules.voice(&labels(fields)).unwrap();
        let pay = voice(&[("team", "payments"), ("alertname", "Slow"), ("component", "Search")]);
        assert_eq!((pay.rule.as_str(), pay.saying.components.as_slice()), ("pay", &["Search".to_owned()][..]));
        assert_eq!(
            pay.saying.variables,
            BTreeMap::from([("do".to_owned(), "Wait".to_owned())]),
            "{{what}} is not there"
        );
        assert_eq!((pay.saying.hold_seconds, pay.saying.clear_seconds), (0, 300));
        for fields in [&[("team", "payments"), ("alertname", "Slower")][..], &[("alertname", "Down")], &[]] {
            assert_eq!(voice(fields).rule, "rest");
        }
        // Alerts that say the same have one voice, whatever else is said of them.
        let same = voice(&[("team", "payments"), ("alertname", "Down"), ("component", "Search"), ("instance", "b")]);
        let other = voice(&[("team", "payments"), ("alertname", "Down"), ("component", "Accounts")]);
        assert!(pay.name() == same.name() && pay.name() != other.name());
    }
}
