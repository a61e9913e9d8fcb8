//! The rules as data: `rules.toml` says what each rule is, a file for each language says which words it is about.
//!
//! The built-in files stand in `config/rules/`. An operator's directory may hold files of the same names, each of
//! which replaces the built-in one, and files for further languages (`fr.toml`).

use std::{
    collections::BTreeMap,
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    finding::{self, Finding, Severity},
    words::Words,
};
use crate::compose::status::{Kind, Status};

/// The file that says what each rule is.
const RULES: &str = "rules.toml";

/// The files that come with the program.
const BUILT_IN: [(&str, &str); 3] = [
    (RULES, include_str!("../../config/rules/rules.toml")),
    ("en.toml", include_str!("../../config/rules/en.toml")),
    ("de.toml", include_str!("../../config/rules/de.toml")),
];

/// Why rules cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {key}: {message}", file.display())]
pub struct RuleError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 where the file as a whole is at fault.
    pub line: usize,
    /// The key at fault, such as `rules.blame.words`.
    pub key: String,
    /// What is wrong with it, and how to mend it.
    pub message: String,
}

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
    /// Loads the built-in rules, with the files of `dir` in their place or beside them.
    ///
    /// # Errors
    /// [`RuleError`] for a file that cannot be read, an unknown key, a pattern that is no regular expression, words
    /// for a rule that does not exist, and a rule that the program needs and `rules.toml` lacks.
    pub fn load(dir: Option<&Path>) -> Result<Rules, RuleError> {
        let mut files: BTreeMap<String, (PathBuf, String)> = BUILT_IN
            .iter()
            .map(|(name, text)| (String::from(*name), (Path::new("config/rules").join(name), String::from(*text))))
            .collect();
        if let Some(dir) = dir {
            files.extend(read_dir(dir)?);
        }
        let (path, text) = files.remove(RULES).expect("built in");
        let rules = rules(File { path: &path, text: &text })?;
        let mut languages = BTreeMap::new();
        for (name, (path, text)) in &files {
            let language = language(File { path, text }, &rules)?;
            languages.insert(name.trim_end_matches(".toml").to_owned(), language);
        }
        Ok(Rules { rules, languages })
    }

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

/// A file being read.
#[derive(Clone, Copy)]
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn error(&self, at: Option<usize>, key: impl Into<String>, message: impl Into<String>) -> RuleError {
        let line = at.map_or(0, |at| self.text[..at].matches('\n').count() + 1);
        RuleError { file: self.path.to_owned(), line, key: key.into(), message: message.into() }
    }

    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, RuleError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map(|span| span.start.min(self.text.len()));
            let start = self.text[..at.unwrap_or(0)].rfind("\n[").map_or(0, |found| found + 1);
            let table = self.text[start..].lines().next().unwrap_or_default().trim_matches(['[', ']']);
            self.error(at, table, error.message())
        })
    }

    fn header(&self, table: &str) -> Option<usize> {
        self.text.find(&format!("\n[{table}]")).map(|found| found + 1)
    }
}

fn rules(file: File<'_>) -> Result<BTreeMap<String, Rule>, RuleError> {
    let mut rules: BTreeMap<String, Rule> = file.read()?;
    for (id, rule) in &mut rules {
        rule.id.clone_from(id);
        rule.everywhere
            .compile(rule.anywhere, &BTreeMap::new())
            .map_err(|(at, message)| file.error(Some(at), format!("{id}.everywhere"), message))?;
        if !(1..=16).any(|line| rule.guidance == format!("G{line}")) {
            return Err(file.error(
                file.header(id),
                format!("{id}.guidance"),
                "name the line of the guidance, G1 to G16",
            ));
        }
        let needs_field = matches!(rule.check, Check::Empty | Check::Filled);
        if needs_field && rule.fields.is_empty() {
            return Err(file.error(file.header(id), format!("{id}.fields"), "name the fields that the rule is about"));
        }
        if (rule.check == Check::BuiltIn) != super::BUILT_IN_RULES.contains(&id.as_str()) {
            let message = "`check = \"built_in\"` belongs to exactly the rules that the program knows by name";
            return Err(file.error(file.header(id), format!("{id}.check"), message));
        }
    }
    match super::BUILT_IN_RULES.iter().find(|id| !rules.contains_key(**id)) {
        Some(id) => Err(file.error(None, *id, "the program needs this rule: copy it from the built-in rules.toml")),
        None => Ok(rules),
    }
}

fn language(file: File<'_>, rules: &BTreeMap<String, Rule>) -> Result<Language, RuleError> {
    let mut language: Language = file.read()?;
    for (id, words) in &mut language.rules {
        let key = format!("rules.{id}");
        let Some(rule) = rules.get(id) else {
            return Err(file.error(file.header(&key), key, "there is no such rule in rules.toml"));
        };
        words
            .compile(rule.anywhere, &language.define)
            .map_err(|(at, message)| file.error(Some(at), format!("{key}.words"), message))?;
    }
    match language.limits.keys().find(|id| rules.get(*id).is_none_or(|rule| rule.limit.is_none())) {
        Some(id) => Err(file.error(file.header("limits"), format!("limits.{id}"), "that rule measures nothing")),
        None => Ok(language),
    }
}

fn read_dir(dir: &Path) -> Result<Vec<(String, (PathBuf, String))>, RuleError> {
    let failed = |path: &Path, error: io::Error| RuleError {
        file: path.to_owned(),
        line: 0,
        key: "file".to_owned(),
        message: format!("cannot be read: {error}"),
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| failed(dir, error))? {
        let path = entry.map_err(|error| failed(dir, error))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".toml")) else {
            continue;
        };
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        files.push((name.to_owned(), (path.clone(), text)));
    }
    Ok(files)
}

fn yes() -> bool {
    true
}
