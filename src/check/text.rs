//! Applies the rules that look for words, and for their absence, to the fields of one language.

use super::{
    Checker, Finding, Telling,
    rules::{Check, Place, Rule},
};
use crate::compose::content::Facts;

/// Every field that is read, addresses of links included.
pub(super) fn fields(facts: &Facts) -> Vec<(String, &str)> {
    let links = facts.links.iter().enumerate();
    facts.prose().chain(links.map(|(index, link)| (format!("links/{index}/url"), link.url.as_str()))).collect()
}

/// What stands in one field and should not.
pub(super) fn check(check: Checker<'_>, place: Place<'_>, text: &str) -> Vec<Finding> {
    let (rules, subject) = (check.rules, check.subject);
    let (Some(field), Some(locale)) = (place.field, place.locale) else { return Vec::new() };
    let next_update = subject.next_update_text.get(locale).map(String::as_str);
    let mut findings = Vec::new();
    let concerned = |rule: &&Rule| rule.check == Check::Words && reads(rule, field) && subject.concerns(rule);
    for rule in rules.iter().filter(concerned) {
        for hit in rules.words(rule, locale).flat_map(|words| words.find(text, next_update)) {
            let finding = rule.at_words(place, text, hit.range);
            findings.push(Finding { instead: hit.instead, ..finding });
        }
    }
    if let Some(rule) = check.rule("guarded_term") {
        for term in subject.guarded {
            findings.extend(occurrences(text, term).map(|range| rule.at_words(place, text, range)));
        }
    }
    findings
}

/// What should be in a language's fields and is not, or the other way round.
pub(super) fn absences(check: Checker<'_>, telling: Telling<'_>, fields: &[(String, &str)]) -> Vec<Finding> {
    let rules = check.rules;
    let filled = |name: &str| fields.iter().any(|(field, text)| field == name && !text.trim().is_empty());
    let mut findings = Vec::new();
    for rule in rules.iter().filter(|rule| check.subject.concerns(rule)) {
        match rule.check {
            Check::Empty | Check::Filled => {
                let wanted = rule.fields.iter().filter(|field| filled(field) == (rule.check == Check::Filled));
                findings.extend(wanted.map(|field| rule.about(telling.place().field(field), "")));
            }
            Check::NoWords if !rule.unless_filled.as_deref().is_some_and(filled) => {
                let mut said = fields.iter().filter(|(field, _)| reads(rule, field));
                let no_words = rules.words(rule, telling.locale).all(|words| words.is_empty());
                // Without words for this language, silence proves nothing unless a field of its own was left empty.
                let silent = !no_words || rule.unless_filled.is_some();
                let found = said.any(|(_, text)| rules.words(rule, telling.locale).any(|words| words.any_in(text)));
                if silent && !found {
                    let place = Place { field: rule.at.as_deref(), ..telling.place() };
                    findings.push(rule.about(place, ""));
                }
            }
            _ => {}
        }
    }
    findings
}

/// Whether a rule reads a field: by the first part of its name, and addresses only where it says so.
pub(super) fn reads(rule: &Rule, field: &str) -> bool {
    let first = field.split('/').next().unwrap_or(field);
    let is_address = field.starts_with("links/") && field.ends_with("/url");
    (rule.urls || !is_address) && (rule.fields.is_empty() || rule.fields.iter().any(|known| known == first))
}

/// Where `term` stands in `text` as a whole word, case ignored.
fn occurrences<'t>(text: &'t str, term: &'t str) -> impl Iterator<Item = std::ops::Range<usize>> + 't {
    let term = term.trim();
    let mut before = None;
    text.char_indices().filter_map(move |(start, first)| {
        let at_edge = !before.is_some_and(char::is_alphanumeric) || !first.is_alphanumeric();
        before = Some(first);
        let end = if at_edge && !term.is_empty() { start + prefix(&text[start..], term)? } else { return None };
        let last_joins = term.chars().next_back().is_some_and(char::is_alphanumeric);
        let joined = last_joins && text[end..].chars().next().is_some_and(char::is_alphanumeric);
        (!joined).then_some(start..end)
    })
}

/// How many bytes of `text` say `term`, character by character in lower case; None where it does not start so.
fn prefix(text: &str, term: &str) -> Option<usize> {
    let mut left = text.char_indices();
    for wanted in term.chars() {
        let (_, found) = left.next()?;
        if found != wanted && !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(text.len() - left.as_str().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guarded_terms_are_found_as_whole_words_in_any_case() {
        let found = |text, term| occurrences(text, term).map(|range| &text[range]).collect::<Vec<_>>();
        assert_eq!(found("Ask ACME, not acmes.", "acme"), ["ACME"]);
        assert_eq!(found("Die MÜLLER GmbH & Co", "Müller GmbH"), ["MÜLLER GmbH"]);
        assert_eq!(found("x@acme y", "@acme"), ["@acme"]);
        assert!(found("anything", " ").is_empty());
    }
}
