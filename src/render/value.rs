//! What is done to a person's value before it stands in a text. Names come from sign-up forms that strangers fill in.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::rendering::{Attribute, Escape};

/// The value of `attribute` as it may be shown, with what stands before it: control characters are spaces, invisible
/// ones are gone, it is at most `max` grapheme clusters long. The fallback, where nothing readable is left or where
/// it holds a web address: nobody gets to place a link in our mail by way of a name.
pub(super) fn shown<'a>(attribute: &'a Attribute, value: Option<&'a str>) -> (&'a str, Cow<'a, str>) {
    let value = value.map(clean).filter(|value| !value.is_empty() && !holds_address(value));
    match value {
        Some(value) => (attribute.before.as_str(), shorten(value, attribute.max)),
        None => ("", Cow::Borrowed(attribute.fallback.as_str())),
    }
}

/// Passes `text` on in runs, escaped.
pub(super) fn escaped(escape: Escape, text: &str, mut push: impl FnMut(&str)) {
    if escape == Escape::Text {
        return push(text);
    }
    let mut rest = text;
    while let Some(place) = rest.find(['&', '<', '>', '"', '\'']) {
        push(&rest[..place]);
        push(match rest.as_bytes()[place] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[place + 1..];
    }
    push(rest);
}

/// One line without control and invisible characters, without spaces at its ends or two in a row.
fn clean(value: &str) -> Cow<'_, str> {
    let trimmed = value.trim_matches(' ');
    let plain = trimmed.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !trimmed.contains("  ");
    if plain {
        return Cow::Borrowed(trimmed);
    }
    let mut cleaned = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_control() || c.is_whitespace() {
            if !cleaned.is_empty() && !cleaned.ends_with(' ') {
                cleaned.push(' ');
            }
        } else if joins_letters(c) {
            // Persian and Indic names need the joiners between their letters; elsewhere they only hide.
            if cleaned.chars().next_back().is_some_and(|last| !last.is_ascii() && last.is_alphabetic()) {
                cleaned.push(c);
            }
        } else if !is_invisible(c) {
            cleaned.push(c);
        }
    }
    cleaned.truncate(cleaned.trim_end_matches(|c| c == ' ' || joins_letters(c)).len());
    Cow::Owned(cleaned)
}

fn joins_letters(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Bidirectional controls, zero-width characters, tags, and what has no place in interchange.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{10ffff}')
}

fn holds_address(value: &str) -> bool {
    value.contains("://") || (value.contains('.') && value.to_ascii_lowercase().contains("www."))
}

fn shorten(value: Cow<'_, str>, max: u32) -> Cow<'_, str> {
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    if value.len() <= max {
        return value;
    }
    // A cluster can hold any number of marks; eight octets for each leave room for every name that is one.
    let room = max.saturating_mul(8);
    let cut = value
        .grapheme_indices(true)
        .enumerate()
        .find(|(place, (at, cluster))| *place == max || at + cluster.len() > room);
    let Some((_, (end, _))) = cut else { return value };
    let kept = value[..end].trim_end();
    match &value {
        Cow::Borrowed(whole) => Cow::Borrowed(&whole[..kept.len()]),
        Cow::Owned(_) => Cow::Owned(kept.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &str) -> String {
        let attribute = Attribute { name: "name".into(), before: " ".into(), fallback: "there".into(), max: 10 };
        let (before, value) = shown(&attribute, Some(value));
        format!("{before}{value}")
    }

    #[test]
    fn a_value_is_one_line_of_readable_characters() {
        assert_eq!(name("Maria"), " Maria");
        assert_eq!(name("  Maria\r\n\tJ "), " Maria J");
        assert_eq!(name("M\u{202e}ari\u{200b}a\u{0}"), " Maria");
        assert_eq!(name("\u{200b}\u{feff} \n"), "there");
        assert_eq!(name(""), "there");
        assert_eq!(name("علی\u{200c}رضا"), " علی\u{200c}رضا");
    }

    #[test]
    fn a_value_is_cut_between_graphemes() {
        assert_eq!(name("abcdefghijkl"), " abcdefghij");
        assert_eq!(name("abcdefghi e\u{301}x"), " abcdefghi");
        assert_eq!(name("abcdefghie\u{301}x"), " abcdefghie\u{301}");
    }

    #[test]
    fn nobody_places_a_link_by_way_of_a_name() {
        assert_eq!(name("Win https://evil.example"), "there");
        assert_eq!(name("WWW.evil.example"), "there");
    }
}
