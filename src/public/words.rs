//! The page's own words, by language. A test holds that every language says everything.

mod subscribe;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::locale::language;
use crate::compose::status::{ComponentStatus, Status, Step};
pub use subscribe::SubscribeWords;

/// One language's words. Those in braces are filled in by [`fill`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// The language's name in itself.
    pub language: String,
    /// The page's title: `{organisation}`.
    pub page: String,
    /// The name of the list of languages.
    pub languages: String,
    /// To the main part of the page, for those who use the keyboard.
    pub skip: String,
    /// Headline while no incident is open and all components work.
    pub all_well: String,
    /// Headline while no incident is open and some component does not work.
    pub not_all_well: String,
    /// `{time}`.
    pub next_update: String,
    /// Heading of an incident's updates.
    pub told: String,
    /// `{title}`.
    pub also_open: String,
    /// Heading of announced work.
    pub planned: String,
    /// `{time}`.
    pub planned_for: String,
    /// Heading of the contact routes.
    pub reach_us: String,
    /// Heading of the components.
    pub services: String,
    /// What the days of a component say without a picture, where there was no trouble.
    pub days_clear: String,
    /// `{n}`: on how many there was.
    pub days_troubled: String,
    /// The same of a component that is newer; `{date}` is its first day.
    pub days_clear_since: String,
    /// `{n}`, `{date}`.
    pub days_troubled_since: String,
    /// Heading of what is over.
    pub past: String,
    /// What stands there when nothing is.
    pub past_none: String,
    /// To all that is over.
    pub past_all: String,
    /// Back to the first page.
    pub back: String,
    /// Heading of the page for an address that leads nowhere.
    pub missing: String,
    /// What to do then.
    pub missing_text: String,
    /// `{status}` and `{from}`, `{to}`.
    pub over: String,
    /// The foot of each page.
    pub foot: String,
    /// Before the names of the feeds.
    pub also_as: String,
    /// `{time}`: an update that came in time.
    pub kept: String,
    /// `{time}` and `{late}`: one that did not.
    pub late: String,
    /// `{duration}`: the first update.
    pub after_start: String,
    /// `{time}` in the reader's own zone.
    pub yours: String,
    /// What the banner is, for a screen reader.
    pub banner: String,
    /// The button that takes the banner away.
    pub dismiss: String,
    /// The words of its link where an update gives none.
    pub details: String,
    /// About subscribing.
    pub subscribe: SubscribeWords,
    /// How times are written.
    pub time: TimeWords,
    /// What the first, a setback and a reopening are called, by step.
    pub step: BTreeMap<String, String>,
    /// What a status is called.
    pub status: BTreeMap<String, String>,
    /// What a component's status is called.
    pub component: BTreeMap<String, String>,
}

/// How times are written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeWords {
    /// `{city}`: a zone's name.
    pub zone: String,
    /// `{time}`, `{day}`, `{month}`.
    pub moment: String,
    /// `{from}`, `{until}`.
    pub span: String,
    /// `{time}`, `{zone}`, `{day}`, `{month}`.
    pub deadline: String,
    /// `{day}`, `{month}`, `{year}`.
    pub date: String,
    /// `{time}`.
    pub clock: String,
    /// `{n}`.
    pub minutes: String,
    /// `{h}` and `{n}` minutes.
    pub hours: String,
    /// `{n}`.
    pub days: String,
    /// The twelve months, January first.
    pub months: [String; 12],
}

/// The languages that the page speaks; others get the first.
static CATALOGUE: LazyLock<[(&str, Words); 2]> = LazyLock::new(|| {
    [("en", include_str!("words/en.toml")), ("de", include_str!("words/de.toml"))].map(|(language, text)| {
        (language, toml::from_str(text).expect("the words are part of the program and tested to be whole"))
    })
});

/// The words of a locale's language.
pub(super) fn words(locale: &str) -> &'static Words {
    let wanted = language(locale);
    let known = CATALOGUE.iter().find(|(language, _)| language.eq_ignore_ascii_case(wanted));
    &known.unwrap_or(&CATALOGUE[0]).1
}

/// A locale's words about subscribing.
pub fn subscribe_words(locale: &str) -> &'static SubscribeWords {
    &words(locale).subscribe
}

/// What somebody agrees to who subscribes, in the language of their page.
pub fn consent(locale: &str, organisation: &str) -> String {
    fill(&subscribe_words(locale).consent, &[("organisation", organisation)])
}

/// The language in which the page's own words are, for a locale.
pub(super) fn spoken(locale: &str) -> &'static str {
    let wanted = language(locale);
    CATALOGUE.iter().find(|(language, _)| language.eq_ignore_ascii_case(wanted)).unwrap_or(&CATALOGUE[0]).0
}

/// The name of a locale in its own language; its code where we do not speak it.
pub(super) fn name(locale: &str) -> &str {
    if spoken(locale).eq_ignore_ascii_case(language(locale)) { &words(locale).language } else { locale }
}

/// A pattern with its `{names}` replaced. Values are not searched again, so what they say cannot be taken for a name.
pub fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled + rest
}

impl Words {
    /// What a status is called.
    pub fn status(&self, status: Status) -> &str {
        self.status.get(status.as_str()).map_or(status.as_str(), String::as_str)
    }

    /// What a component's status is called.
    pub fn component(&self, status: ComponentStatus) -> &str {
        self.component.get(status.as_str()).map_or(status.as_str(), String::as_str)
    }

    /// What an update is headed with: how it moved where that is news, else where the incident stands.
    pub fn heading(&self, step: Step, status: Status) -> &str {
        let name = match step {
            Step::First => "first",
            Step::Setback => "setback",
            Step::Reopened => "reopened",
            Step::Progress => return self.status(status),
        };
        self.step.get(name).map_or_else(|| self.status(status), String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_names_every_status_and_step() {
        for (language, words) in CATALOGUE.iter() {
            for status in Status::ALL {
                assert!(words.status.contains_key(status.as_str()), "{language}: status {}", status.as_str());
            }
            for status in ComponentStatus::ALL {
                assert!(words.component.contains_key(status.as_str()), "{language}: component {}", status.as_str());
            }
            assert_eq!(words.step.keys().collect::<Vec<_>>(), ["first", "reopened", "setback"], "{language}");
        }
    }

    /// Every text with its place and the names in braces that it uses.
    fn names(place: &str, value: &serde_json::Value) -> Vec<String> {
        match value {
            serde_json::Value::Object(fields) => {
                fields.iter().flat_map(|(key, value)| names(&format!("{place}/{key}"), value)).collect()
            }
            serde_json::Value::String(text) => {
                assert!(!text.is_empty(), "{place} says nothing");
                let mut found: Vec<_> = text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
                found.sort_unstable();
                vec![format!("{place}: {}", found.join(" "))]
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_language_uses_the_same_names_in_braces() {
        let [first, others @ ..] = CATALOGUE.each_ref().map(|(_, words)| {
            let mut names = names("", &serde_json::to_value(words).unwrap());
            names.sort();
            names
        });
        for other in others {
            assert_eq!(other, first);
        }
    }

    #[test]
    fn a_value_is_not_searched_for_names() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
        assert_eq!(fill("{a", &[]), "");
        assert_eq!(fill("{unknown}.", &[]), ".");
    }
}
