//! Whether a text can be read by somebody in a hurry: long sentences, and Flesch's reading ease.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{Checker, Finding, rules::Place};

/// Fewer words than this say nothing about ease: one long name would decide.
const ENOUGH_WORDS: usize = 30;

/// Long sentences and hard texts in one field. Hand-written short texts have limits of their own, addresses have no
/// sentences.
pub(super) fn check(check: Checker<'_>, place: Place<'_>, text: &str) -> Vec<Finding> {
    let field = place.field.unwrap_or_default();
    if field.starts_with("short/") || field.ends_with("/url") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if let Some(rule) = check.rule("long_sentence") {
        let limit = check.rules.limit(rule, place.locale) as usize;
        let long = sentences(text).filter(|range| words(&text[range.clone()]) > limit);
        findings.extend(long.map(|range| rule.at_words(place, text, range)));
    }
    let language = place.locale.and_then(|locale| check.rules.language(locale));
    if let (Some(rule), Some(language)) = (check.rule("hard_to_read"), language) {
        let reading = language.reading;
        let (sentences, words, syllables) = (sentences(text).count(), words(text), syllables(text));
        if words >= ENOUGH_WORDS {
            let per_sentence = words as f64 / sentences.max(1) as f64;
            let per_word = syllables as f64 / words as f64;
            if reading.base - reading.per_word * per_sentence - reading.per_syllable * per_word < reading.least {
                findings.push(rule.about(place, format!("{words} words")));
            }
        }
    }
    findings
}

/// The sentences of a text, without the space around them. A number or a single letter before the full stop does not
/// end one (`11. November`, `z. B.`): better to miss a long sentence than to cut a short one wrongly.
fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut ends = Vec::new();
    let mut before = [' ', ' '];
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let at_space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        let abbreviation = c == '.' && (before[1].is_numeric() || !before[0].is_alphanumeric());
        if c == '\n' || (matches!(c, '.' | '!' | '?' | '…') && at_space && !abbreviation) {
            ends.push(at + c.len_utf8());
        }
        before = [before[1], c];
    }
    ends.push(text.len());
    let mut start = 0;
    ends.into_iter().filter_map(move |end| {
        let part = &text[std::mem::replace(&mut start, end)..end];
        let lead = part.len() - part.trim_start().len();
        let range = end - part.len() + lead..end - part.len() + lead + part.trim().len();
        (!range.is_empty()).then_some(range)
    })
}

fn words(text: &str) -> usize {
    text.unicode_words().count()
}

/// Groups of vowels, at least one a word. The same rough count serves both formulas: they only sort easy from hard.
fn syllables(text: &str) -> usize {
    text.unicode_words()
        .map(|word| {
            let lower = word.to_lowercase();
            let is_vowel = |c: char| "aeiouyäöüáàâéèêíìîóòôúùû".contains(c);
            lower.split(|c| !is_vowel(c)).filter(|group| !group.is_empty()).count().max(1)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        let text = "Um 11.30 Uhr, am 21. November, z. B. in Köln. Wirklich?  Ja …\nNeu";
        let found: Vec<&str> = sentences(text).map(|range| &text[range]).collect();
        assert_eq!(found, ["Um 11.30 Uhr, am 21. November, z. B. in Köln.", "Wirklich?", "Ja …", "Neu"]);
        assert_eq!(sentences("").count(), 0);
    }
}
