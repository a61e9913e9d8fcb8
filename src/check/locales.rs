//! Whether the languages of one variant say the same.

use std::sync::LazyLock;

use regex::Regex;

use super::{Checker, Finding, Place, Telling};
use crate::compose::content::{Facts, Variant};

/// A time of day as people write it. Group 1 is the hour, 2 the minute, 3 what makes a bare hour a time.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?i)\b(\d{1,2})(?:[:.](\d{2}))?(?:\s*(a\.?m\b|p\.?m\b|uhr\b|h\b)|\b)";
    Regex::new(pattern).expect("a constant pattern")
});

/// Digits with what groups them: `48,213`, `48.213`, `1.5`.
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d+(?:[.,'’\u{a0}\u{202f}]\d+)*").expect("a constant pattern"));

impl<'a> Checker<'a> {
    /// Compares every language of `variant` with the default one.
    pub(super) fn locales(self, variant: &'a Variant) -> Vec<Finding> {
        let default = self.subject.default_locale();
        let at = |locale| Place { variant: Some(&variant.name), locale: Some(locale), field: None };
        let Some(original) = variant.facts.get(default) else {
            let rule = self.rule("missing_default_locale");
            return rule.map(|rule| rule.about(at(default), default)).into_iter().collect();
        };
        let mut findings = Vec::new();
        for locale in self.subject.locales.iter().filter(|locale| !variant.facts.contains_key(*locale)) {
            findings.extend(self.rule("missing_locale").map(|rule| rule.about(at(locale), locale)));
        }
        for (locale, facts) in variant.facts.iter().filter(|(locale, _)| *locale != default) {
            findings.extend(self.compare(original, Telling { variant: &variant.name, locale, facts }));
        }
        findings
    }

    fn compare(self, original: &Facts, telling: Telling<'a>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut report = |id: &str, field: &str, measure: String| {
            let place = telling.place().field(field);
            findings.extend(self.rule(id).map(|rule| rule.about(place, measure)));
        };
        for (field, count, expected) in [
            ("options", telling.facts.options.len(), original.options.len()),
            ("links", telling.facts.links.len(), original.links.len()),
        ] {
            if count != expected {
                report("counts_differ", field, format!("{count}, not {expected}"));
            }
        }
        let texts: Vec<(String, &str)> = telling.facts.prose().collect();
        for (field, expected) in original.prose() {
            let Some((_, text)) = texts.iter().find(|(name, _)| *name == field) else { continue };
            // Short texts are written by hand to fit, and may leave out what they like; the fact table shows that.
            if field.starts_with("short/") || (text.trim().is_empty() && expected.trim().is_empty()) {
                continue;
            }
            if text.trim().is_empty() != expected.trim().is_empty() {
                report("locale_field_missing", &field, String::new());
                continue;
            }
            for (id, read) in [("times_differ", times as fn(&str) -> Vec<String>), ("numbers_differ", numbers)] {
                let (found, expected) = (read(text), read(expected));
                if found != expected {
                    let shown = |list: &[String]| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
                    report(id, &field, format!("{}, not {}", shown(&found), shown(&expected)));
                }
            }
        }
        findings
    }
}

/// The times of day in a text as `HH:MM`, sorted.
fn times(text: &str) -> Vec<String> {
    let mut times: Vec<String> = TIME.captures_iter(text).filter_map(|found| time(&found)).collect();
    times.sort();
    times
}

fn time(found: &regex::Captures<'_>) -> Option<String> {
    let half = found.get(3).map(|word| word.as_str().to_ascii_lowercase());
    let colon = found[0].contains(':');
    // `11.30` alone may be an amount or a date; with a colon, or with `Uhr` or `pm` behind it, it is a time.
    if half.is_none() && !colon {
        return None;
    }
    let hour: u32 = found[1].parse().ok()?;
    let minute: u32 = found.get(2).map_or(Ok(0), |minute| minute.as_str().parse()).ok()?;
    let hour = match half.as_deref().and_then(|half| half.chars().next()) {
        Some('p') if hour < 12 => hour + 12,
        Some('a') if hour == 12 => 0,
        _ => hour,
    };
    (hour <= 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

/// The numbers of at least two digits in a text that are no times, as bare digits, sorted. Small ones are written as
/// words in one language and as digits in another.
fn numbers(text: &str) -> Vec<String> {
    let spans: Vec<_> =
        TIME.captures_iter(text).filter(|found| time(found).is_some()).map(|f| f.get_match().range()).collect();
    let mut numbers: Vec<String> = NUMBER
        .find_iter(text)
        .filter(|found| !spans.iter().any(|span| span.contains(&found.start())))
        .map(|found| found.as_str().chars().filter(char::is_ascii_digit).collect())
        .filter(|digits: &String| digits.len() > 1)
        .collect();
    numbers.sort();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_time_is_read_from_either_language() {
        assert_eq!(times("by 2 pm, at 11:30, 9.15 a.m."), ["09:15", "11:30", "14:00"]);
        assert_eq!(times("um 14 Uhr, 11.30 Uhr, 9:15"), ["09:15", "11:30", "14:00"]);
        assert_eq!(times("11.30 EUR, 25:00, 3 of 10"), Vec::<String>::new());
        assert_eq!(times("12 am, 12 pm"), ["00:00", "12:00"]);
    }

    #[test]
    fn the_same_number_is_read_from_either_language() {
        assert_eq!(numbers("48,213 people at 11:30, 2 banks"), ["48213"]);
        assert_eq!(numbers("48.213 Personen um 11.30 Uhr, zwei Banken"), ["48213"]);
        assert_eq!(numbers("1.5 million"), numbers("1,5 Millionen"));
    }
}
