//! The rules as data: `rules.toml` says what each rule is, a file for each language says which words it is about.
//!
//! The built-in files stand in `config/rules/`. An operator's directory may hold files of the same names, each of
//! which replaces the built-in one, and files for further languages (`fr.toml`).

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;

use super::{
    finding::{self, Finding, Severity},
    words::Words,
};
use crate::compose::status::{Kind, Status};

mod load;

pub use load::RuleError;

/// Every rule, ready to be applied.
#[derive(Debug)]
pub struct Rules {
    rules: BTreeMap<String, Rule>,
    languages: BTreeMap<String, Language>,
}

/// What one rule is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// Its name; the key of its table.
    #[serde(skip)]
    pub id: String,
    /// The line of the guidance that it puts into practice: `G5`.
    pub guidance: String,
    pub severity: Severity,
    pub title: String,
    pub why: String,
    /// False where no reason can keep a finding.
    #[serde(default = "yes", rename = "override")]
    pub overridable: bool,
    /// True where a finding asks who confirmed the fact.
    #[serde(default)]
    pub confirmable: bool,
    /// True where the words are a secret that a finding must not repeat.
    #[serde(default)]
    pub mask: bool,
    #[serde(default)]
    pub check: Check,
    /// The fields it reads, by their first part (`options`); empty means every prose field.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Where an absence is shown.
    pub at: Option<String>,
    /// Satisfied as soon as this field says anything.
    pub unless_filled: Option<String>,
    #[serde(default)]
    pub kinds: Vec<Kind>,
    #[serde(default)]
    pub statuses: Vec<Status>,
    pub when: Option<When>,
    /// The number that a measuring rule compares with; a language may have its own.
    pub limit: Option<u32>,
    /// True where the addresses of links are read too.
    #[serde(default)]
    pub urls: bool,
    /// True where the words need not stand between word boundaries.
    #[serde(default)]
    pub anywhere: bool,
    /// The words that are the same in every language.
    #[serde(default)]
    pub everywhere: Words,
}

/// How a rule looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    /// Words that should not be there.
    #[default]
    Words,
    /// Words of which at least one should be somewhere.
    NoWords,
    /// A field that should not be empty.
    Empty,
    /// A field that should be empty.
    Filled,
    /// Written in code, under the rule's name.
    BuiltIn,
}

/// A condition on the update as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    /// A component is down for some or all, or the update is critical.
    SevereImpact,
    /// It got worse, or it came back.
    WentBack,
}

/// One language's words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Language {
    pub reading: Reading,
    /// Parts of patterns by name, written `{name}` in a pattern.
    #[serde(default)]
    define: BTreeMap<String, String>,
    /// Measures that differ from the rule's own.
    #[serde(default)]
    pub limits: BTreeMap<String, u32>,
    #[serde(default)]
    pub rules: BTreeMap<String, Words>,
}

/// Flesch's reading ease for this language: `base - per_word * words/sentences - per_syllable * syllables/words`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reading {
    pub base: f64,
    pub per_word: f64,
    pub per_syllable: f64,
    /// The least ease that is not flagged.
    pub least: f64,
}

/// Where a finding is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    pub variant: Option<&'a str>,
    pub locale: Option<&'a str>,
    pub field: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub fn field(self, field: &'a str) -> Place<'a> {
        Place { field: Some(field), ..self }
    }
}

impl Rule {
    /// A finding that is not at words; `measure` ("6 parts") is part of its id, so that a reason for 6 parts does
    /// not keep 7.
    pub fn about(&self, place: Place<'_>, measure: impl Into<String>) -> Finding {
        self.finding(place, 0..0, measure.into())
    }

    /// A finding at `text[range]`.
    pub fn at_words(&self, place: Place<'_>, text: &str, range: Range<usize>) -> Finding {
        let words = text[range.clone()].to_owned();
        self.finding(place, range, words)
    }

    fn finding(&self, place: Place<'_>, range: Range<usize>, words: String) -> Finding {
        let owned = |part: Option<&str>| part.map(str::to_owned);
        let id = finding::id(&self.id, [place.variant, place.locale, place.field], &words);
        let masked = || words.chars().take(4).chain(['…']).collect();
        Finding {
            id,
            rule: self.id.clone(),
            severity: self.severity,
            variant: owned(place.variant),
            locale: owned(place.locale),
            field: owned(place.field),
            start: range.start,
            end: range.end,
            words: if self.mask { masked() } else { words },
            title: self.title.clone(),
            why: self.why.clone(),
            instead: None,
            overridable: self.overridable,
            confirmable: self.confirmable,
            kept: None,
            confirmed: None,
        }
    }
}

impl Rules {
    /// The rule that the program knows by this name; loading made sure that it is there.
    pub(super) fn built_in(&self, id: &str) -> &Rule {
        self.rules.get(id).unwrap_or_else(|| panic!("rule {id} is not in the list of built-in rules"))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// The words of a locale's language; None where nobody wrote a file for it.
    pub(super) fn language(&self, locale: &str) -> Option<&Language> {
        let language = locale.split('-').next().unwrap_or(locale);
        self.languages.get(locale).or_else(|| self.languages.get(language))
    }

    /// Every word list of a rule in a locale: those for every language, then the language's.
    pub(super) fn words<'a>(&'a self, rule: &'a Rule, locale: &str) -> impl Iterator<Item = &'a Words> {
        let own = self.language(locale).and_then(|language| language.rules.get(&rule.id));
        [Some(&rule.everywhere), own].into_iter().flatten()
    }

    /// The number that a measuring rule compares with.
    pub(super) fn limit(&self, rule: &Rule, locale: Option<&str>) -> u32 {
        locale
            .and_then(|locale| self.language(locale)?.limits.get(&rule.id).copied())
            .or(rule.limit)
            .unwrap_or(u32::MAX)
    }

    /// The names of the languages that have words.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    #[cfg(test)]
    pub(super) fn all_words(&self) -> impl Iterator<Item = (&Rule, &str, &Words)> {
        let own = self.rules.values().map(|rule| (rule, "en", &rule.everywhere));
        let by_language = self.languages.iter().flat_map(move |(name, language)| {
            language.rules.iter().map(move |(id, words)| (&self.rules[id], name.as_str(), words))
        });
        own.chain(by_language)
    }
}

fn yes() -> bool {
    true
}
