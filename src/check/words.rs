//! Words that a rule looks for, and the better words it offers.

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

use regex::{Captures, Regex, RegexBuilder};
use serde::Deserialize;
use toml::Spanned;

/// What a compiled pattern may take, so that an operator's slip costs an error and not the memory.
const PATTERN_BYTES: usize = 4 << 20;

/// A rule's words, in one language or for all.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Words {
    /// Each a pattern, and the better words if there are any. Patterns are regular expressions; case is ignored, and
    /// a match starts and ends at a word's edge. Better words may hold `$1` (a group), `$0` (the match), `{words}`
    /// (the match with a small first letter), `{lower}` (all of it in lower case) and `{next_update}` (when the next
    /// update is promised for; without a promise nothing is offered).
    words: Vec<Vec<Spanned<String>>>,
    /// Patterns of what is fine: a match that lies within one of theirs is none.
    unless: Vec<Spanned<String>>,
    /// Sentences that it must find, for the tests.
    pub bad: Vec<String>,
    /// Sentences that it must not find.
    pub good: Vec<String>,
    #[serde(skip)]
    patterns: Vec<(Regex, Option<String>)>,
    #[serde(skip)]
    exceptions: Vec<Regex>,
}

/// Words that were found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub range: Range<usize>,
    pub instead: Option<String>,
}

impl Words {
    /// Makes the patterns ready. The error is a byte of the file, and what is wrong there.
    pub fn compile(&mut self, anywhere: bool, define: &BTreeMap<String, String>) -> Result<(), (usize, String)> {
        for entry in &self.words {
            let [pattern, instead @ ..] = entry.as_slice() else {
                return Err((0, "an empty entry: write [pattern] or [pattern, better words]".to_owned()));
            };
            if instead.len() > 1 {
                return Err((instead[1].span().start, "an entry has a pattern and at most one replacement".to_owned()));
            }
            let instead = instead.first().map(|instead| instead.get_ref().clone());
            self.patterns.push((regex(pattern, anywhere, define)?, instead));
        }
        for pattern in &self.unless {
            self.exceptions.push(regex(pattern, anywhere, define)?);
        }
        Ok(())
    }

    /// Whether any of the words is in `text`.
    pub fn any_in(&self, text: &str) -> bool {
        self.patterns.iter().any(|(pattern, _)| pattern.is_match(text))
    }

    /// Whether there are words at all.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Where the words are in `text`, first to last, none within another.
    pub fn find(&self, text: &str, next_update: Option<&str>) -> Vec<Hit> {
        let fine: Vec<Range<usize>> =
            self.exceptions.iter().flat_map(|pattern| pattern.find_iter(text)).map(|found| found.range()).collect();
        let mut hits: Vec<Hit> = Vec::new();
        for (pattern, instead) in &self.patterns {
            for captures in pattern.captures_iter(text) {
                let range = captures.get_match().range();
                let excused = fine.iter().any(|fine| fine.start <= range.start && range.end <= fine.end);
                if !excused && !range.is_empty() {
                    let instead = instead.as_ref().and_then(|instead| expand(instead, &captures, text, next_update));
                    hits.push(Hit { range, instead });
                }
            }
        }
        hits.sort_by_key(|hit| (hit.range.start, Reverse(hit.range.end)));
        let mut end = 0;
        hits.retain(|hit| {
            let apart = hit.range.start >= end;
            end = if apart { hit.range.end } else { end };
            apart
        });
        hits
    }
}

fn regex(
    pattern: &Spanned<String>,
    anywhere: bool,
    define: &BTreeMap<String, String>,
) -> Result<Regex, (usize, String)> {
    let mut whole = pattern.get_ref().clone();
    for (name, part) in define {
        whole = whole.replace(&format!("{{{name}}}"), &format!("(?:{part})"));
    }
    if !anywhere {
        whole = format!(r"\b{{start-half}}(?:{whole})\b{{end-half}}");
    }
    RegexBuilder::new(&whole).case_insensitive(true).size_limit(PATTERN_BYTES).build().map_err(|error| {
        let last = error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        (pattern.span().start, format!("not a regular expression: {last}"))
    })
}

fn expand(instead: &str, captures: &Captures<'_>, text: &str, next_update: Option<&str>) -> Option<String> {
    let found = captures.get_match();
    let mut words = String::new();
    captures.expand(instead, &mut words);
    let words = words.replace("{lower}", &found.as_str().to_lowercase());
    let words = words.replace("{words}", &first(found.as_str(), |c| c.to_lowercase().collect()));
    let words = match (words.contains("{next_update}"), next_update) {
        (true, None) => return None,
        (true, Some(when)) => words.replace("{next_update}", when),
        (false, _) => words,
    };
    let before = text[..found.start()].trim_end_matches([' ', '"', '“', '„', '(']);
    let starts_sentence = before.is_empty() || before.ends_with(['.', '!', '?', ':', '\n']);
    Some(if starts_sentence { first(&words, |c| c.to_uppercase().collect()) } else { words })
}

/// `text` with its first letter changed.
fn first(text: &str, change: fn(char) -> String) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| change(first) + chars.as_str()).unwrap_or_default()
}
