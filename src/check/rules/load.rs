//! Reads the rules' files, and names the file, line and key of a mistake.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{Check, Language, Rule, Rules};
use crate::check::BUILT_IN_RULES;

/// The file that says what each rule is.
const RULES: &str = "rules.toml";

/// The files that come with the program.
const BUILT_IN: [(&str, &str); 3] = [
    (RULES, include_str!("../../../config/rules/rules.toml")),
    ("en.toml", include_str!("../../../config/rules/en.toml")),
    ("de.toml", include_str!("../../../config/rules/de.toml")),
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

impl Rules {
    /// Loads the built-in rules, with the files of `dir` in their place or beside them.
    ///
    /// # Errors
    /// [`RuleError`] for a file that cannot be read, an unknown key, a pattern that is no regular expression, words
    /// for a rule that does not exist, and a rule that the program needs and `rules.toml` lacks.
    pub fn load(dir: Option<&Path>) -> Result<Rules, RuleError> {
        let built_in = BUILT_IN.iter().map(|(name, text)| {
            let path = Path::new("config/rules").join(name);
            (String::from(*name), File { path, text: String::from(*text) })
        });
        let mut files: BTreeMap<String, File> = built_in.collect();
        if let Some(dir) = dir {
            files.extend(read_dir(dir)?);
        }
        let rules = rules(&files.remove(RULES).expect("built in"))?;
        let mut languages = BTreeMap::new();
        for (name, file) in &files {
            languages.insert(name.trim_end_matches(".toml").to_owned(), language(file, &rules)?);
        }
        Ok(Rules { rules, languages })
    }
}

/// A file being read.
struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn error(&self, at: Option<usize>, key: impl Into<String>, message: impl Into<String>) -> RuleError {
        let line = at.map_or(0, |at| self.text[..at].matches('\n').count() + 1);
        RuleError { file: self.path.clone(), line, key: key.into(), message: message.into() }
    }

    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, RuleError> {
        toml::from_str(&self.text).map_err(|error| {
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

fn rules(file: &File) -> Result<BTreeMap<String, Rule>, RuleError> {
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
        if (rule.check == Check::BuiltIn) != BUILT_IN_RULES.contains(&id.as_str()) {
            let message = "`check = \"built_in\"` belongs to exactly the rules that the program knows by name";
            return Err(file.error(file.header(id), format!("{id}.check"), message));
        }
    }
    match BUILT_IN_RULES.iter().find(|id| !rules.contains_key(**id)) {
        Some(id) => Err(file.error(None, *id, "the program needs this rule: copy it from the built-in rules.toml")),
        None => Ok(rules),
    }
}

fn language(file: &File, rules: &BTreeMap<String, Rule>) -> Result<Language, RuleError> {
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

fn read_dir(dir: &Path) -> Result<Vec<(String, File)>, RuleError> {
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
        files.push((name.to_owned(), File { path: path.clone(), text }));
    }
    Ok(files)
}
