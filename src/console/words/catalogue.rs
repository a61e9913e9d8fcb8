//! One language: its file, read, held against English, and ready to speak.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::markup;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", path.display())]
pub struct LanguageError {
    path: PathBuf,
    message: String,
}

pub(super) struct Language {
    pub tag: LanguageIdentifier,
    bundle: FluentBundle<FluentResource>,
    /// What has no values, ready.
    words: BTreeMap<String, String>,
    /// What each sentence is made from.
    pub shapes: BTreeMap<String, Shape>,
    /// English, for what this one lacks.
    otherwise: Option<&'static Language>,
    /// How many sentences of English it lacks.
    pub lacking: usize,
    /// Its names that English does not have: of another version, or misspelt.
    pub unknown: Vec<String>,
}

/// What a sentence is made from: where it stands, its values, its marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    line: usize,
    pub values: BTreeSet<String>,
    pub marks: BTreeSet<String>,
}

/// Every `<language>.ftl` of a directory, by its name.
pub(super) fn read_all(directory: &Path, english: &'static Language) -> Result<Vec<Language>, LanguageError> {
    let of = |path: &Path| {
        let path = path.to_owned();
        move |message: String| LanguageError { path, message }
    };
    let unreadable = |error: std::io::Error| of(directory)(format!("cannot be read: {error}"));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "ftl"));
    paths.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|error| of(path)(format!("cannot be read: {error}")))?;
        let tag = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        Language::read(tag, &text, Some(english)).map_err(of(path))
    };
    paths.iter().map(read).collect()
}

impl Language {
    /// Reads a catalogue and holds it against English, so that no page loses a value or gains a mark.
    pub fn read(tag: &str, text: &str, english: Option<&'static Language>) -> Result<Language, String> {
        let tag: LanguageIdentifier =
            tag.parse().map_err(|_| format!("{tag:?} is no language tag; name the file like de.ftl or pt-BR.ftl"))?;
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
            let first = errors.first().map(|error| (error.pos.start, error.kind.to_string()));
            let (at, why) = first.unwrap_or_default();
            format!("line {}: {why}", 1 + text.get(..at).unwrap_or(text).matches('\n').count())
        })?;
        let shapes = shapes(text);
        let mut bundle = FluentBundle::new_concurrent(vec![tag.clone()]);
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) => Some(super::super::time::number(number.value as i64)),
            _ => None,
        }));
        bundle.add_resource(resource).map_err(|errors| {
            errors.iter().map(|error| format!("{error}; take one of them out")).collect::<Vec<_>>().join("; ")
        })?;
        for (id, shape) in &shapes {
            if let Some(mark) = shape.marks.iter().find(|mark| !markup::is_known(mark)) {
                return Err(format!("line {}: {id} has <{mark}>, which is none of {}", shape.line, markup::KNOWN));
            }
            let Some(model) = english.and_then(|english| english.shapes.get(id)) else { continue };
            if let Some(value) = shape.values.difference(&model.values).next() {
                let known = model.values.iter().map(|value| format!("${value}")).collect::<Vec<_>>().join(", ");
                let known = if known.is_empty() { "no value".to_owned() } else { known };
                return Err(format!("line {}: {id} is given {known}, and not ${value}", shape.line));
            }
            if shape.marks != model.marks {
                let marks = model.marks.iter().map(|mark| format!("<{mark}>")).collect::<Vec<_>>().join(", ");
                let marks = if marks.is_empty() { "no mark".to_owned() } else { marks };
                return Err(format!(
                    "line {}: {id} has other marks than the English one, which has {marks}",
                    shape.line
                ));
            }
        }
        let (mut lacking, mut unknown) = (0, Vec::new());
        if let Some(english) = english {
            lacking = english.shapes.keys().filter(|id| !shapes.contains_key(*id)).count();
            unknown = shapes.keys().filter(|id| !english.shapes.contains_key(*id)).cloned().collect();
        }
        let mut language =
            Language { tag, bundle, words: BTreeMap::new(), shapes, otherwise: english, lacking, unknown };
        let plain = language.shapes.iter().filter(|(_, shape)| shape.values.is_empty());
        let none = FluentArgs::new();
        language.words =
            plain.filter_map(|(id, _)| Some((id.clone(), language.own(id, &none)?.into_owned()))).collect();
        Ok(language)
    }

    /// A sentence that takes no values.
    pub fn word(&self, id: &str) -> Option<&str> {
        self.words.get(id).map(String::as_str).or_else(|| self.otherwise?.word(id))
    }

    /// A sentence with its values; its name where nobody wrote it.
    pub fn sentence(&self, id: &str, values: &FluentArgs<'_>) -> Cow<'static, str> {
        let own = self.own(id, values).or_else(|| self.otherwise?.own(id, values));
        own.unwrap_or_else(|| {
            tracing::error!(id, "the console has no such sentence");
            Cow::Owned(id.to_owned())
        })
    }

    fn own(&self, id: &str, values: &FluentArgs<'_>) -> Option<Cow<'static, str>> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(values), &mut errors).into_owned();
        if let Some(error) = errors.first() {
            tracing::error!(id, %error, "a sentence of the console lacks a value");
        }
        Some(Cow::Owned(text))
    }
}

/// What each sentence of a catalogue is made from.
fn shapes(text: &str) -> BTreeMap<String, Shape> {
    let mut found: BTreeMap<String, Shape> = BTreeMap::new();
    let mut current = None;
    for (place, line) in text.lines().enumerate() {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let head = line.split_once('=').map(|(id, _)| id.trim_end());
        if let Some(id) = head.filter(|id| id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.chars().all(is_name))
        {
            found.insert(id.to_owned(), Shape { line: place + 1, ..Shape::default() });
            current = Some(id.to_owned());
        } else if line.starts_with('#') {
            current = None;
        }
        let Some(shape) = current.as_ref().and_then(|id| found.get_mut(id)) else { continue };
        for after in line.split('$').skip(1) {
            shape.values.insert(after.chars().take_while(|c| is_name(*c)).collect());
        }
        shape.marks.extend(markup::marks(line).map(str::to_owned));
    }
    found
}
