//! Which of the offered locales a reader gets, and which words stand in for a missing translation.

use std::collections::BTreeMap;

/// The offered locale that fits best: the one asked for by name, else the first fit of the browser's
/// `Accept-Language` (RFC 9110, section 12.5.4), else the default.
pub fn choose(asked: Option<&str>, accept_language: Option<&str>, offered: &[String], default: &str) -> String {
    let wishes = asked.into_iter().map(str::to_owned).chain(wishes(accept_language.unwrap_or_default()));
    wishes.into_iter().find_map(|wish| fit(&wish, offered)).unwrap_or_else(|| default.to_owned())
}

/// The value for a locale: its own, its language's, the default's, or any; with the locale it is in.
pub fn pick<'a, T>(by_locale: &'a BTreeMap<String, T>, locale: &str, default: &str) -> Option<(&'a str, &'a T)> {
    [locale, language(locale), default]
        .into_iter()
        .find_map(|name| by_locale.get_key_value(name))
        .or_else(|| by_locale.iter().next())
        .map(|(name, value)| (name.as_str(), value))
}

/// The language of a locale: `de` of `de-AT`.
pub fn language(locale: &str) -> &str {
    locale.split('-').next().unwrap_or(locale)
}

/// The offered locale for one wish: the same, or else of the same language.
fn fit(wish: &str, offered: &[String]) -> Option<String> {
    let same = |locale: &&String| locale.eq_ignore_ascii_case(wish);
    let related = |locale: &&String| language(locale).eq_ignore_ascii_case(language(wish));
    offered.iter().find(same).or_else(|| offered.iter().find(related)).cloned()
}

/// The languages of an `Accept-Language` header, the most wanted first. At most 20 are read, as it is a stranger's.
fn wishes(header: &str) -> Vec<String> {
    let mut wishes: Vec<(u32, &str)> = header.split(',').take(20).filter_map(wish).collect();
    wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wishes.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// One entry with its weight in thousandths; None where it is refused (`q=0`) or not to be read.
fn wish(entry: &str) -> Option<(u32, &str)> {
    let mut parts = entry.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = match parts.find_map(|part| part.strip_prefix("q=")) {
        Some(weight) => weight.parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight))?,
        None => 1.0,
    };
    let thousandths = (weight * 1000.0) as u32;
    (thousandths > 0).then_some((thousandths, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Vec<String> {
        vec!["en".to_owned(), "de".to_owned(), "fr-CH".to_owned()]
    }

    #[test]
    fn the_name_in_the_address_wins_over_the_browser() {
        assert_eq!(choose(Some("de"), Some("en"), &offered(), "en"), "de");
        assert_eq!(choose(Some("xx"), Some("de"), &offered(), "en"), "de");
    }

    #[test]
    fn the_browsers_weights_decide_and_a_language_stands_in_for_its_regions() {
        let table = [
            ("de-AT,en;q=0.5", "de"),
            ("en;q=0.4, de;q=0.9", "de"),
            ("fr", "fr-CH"),
            ("DE", "de"),
            ("de;q=0, it", "en"),
            ("*", "en"),
            (";;q=,,", "en"),
            ("de;q=NaN", "en"),
        ];
        for (header, expected) in table {
            assert_eq!(choose(None, Some(header), &offered(), "en"), expected, "{header}");
        }
    }

    #[test]
    fn a_missing_translation_falls_back_to_the_language_then_the_default_then_any() {
        let texts = BTreeMap::from([("de".to_owned(), 1), ("en".to_owned(), 2)]);
        assert_eq!(pick(&texts, "de-AT", "en"), Some(("de", &1)));
        assert_eq!(pick(&texts, "fr", "en"), Some(("en", &2)));
        assert_eq!(pick(&texts, "fr", "it"), Some(("de", &1)));
        assert_eq!(pick(&BTreeMap::<String, u8>::new(), "fr", "it"), None);
    }
}
