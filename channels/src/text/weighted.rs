//! How X counts (twitter-text, configuration version 3): most letters of alphabets one, all else two, each link 23 and
//! each emoji two, whatever it is put together from.
//!
//! X knows every top-level domain, and sees links in words that nobody meant as such; we do not. Where we cannot tell, the
//! larger of what it could count is taken: never fewer than X counts.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// What X counts for a link of any length, and what a link of four characters, the shortest, gains by it.
const LINK: u32 = 23;
const GAIN: u32 = 19;
/// What counts one; all else counts two.
const LIGHT: [Range<u32>; 4] = [0..4352, 8192..8206, 8208..8224, 8242..8248];

/// Domains at the top that X surely knows; those of two letters are countries.
const KNOWN: &[&str] =
    &["com", "net", "org", "info", "biz", "edu", "gov", "mil", "int", "app", "dev", "cloud", "online"];

/// The weighted length of a text.
pub(super) fn count(text: &str) -> u32 {
    let text: String = text.nfc().collect();
    let mut units = 0;
    let mut end = 0;
    for run in runs(&text) {
        let Some((length, counts)) = dotted(&text, run.clone()) else { continue };
        units += plain(&text[end..run.start]) + counts;
        end = run.start + length;
    }
    units + plain(&text[end..])
}

fn plain(text: &str) -> u32 {
    text.graphemes(true).map(cluster).sum()
}

fn cluster(cluster: &str) -> u32 {
    if is_emoji(cluster) {
        // What would join it to another, and does not, is a letter of its own.
        2 + u32::from(cluster.ends_with('\u{200d}'))
    } else {
        cluster.chars().map(weight).sum()
    }
}

fn weight(c: char) -> u32 {
    if LIGHT.iter().any(|range| range.contains(&u32::from(c))) { 1 } else { 2 }
}

/// True for a cluster that is one picture: an emoji with its colour, its presentation, or others joined to it.
fn is_emoji(cluster: &str) -> bool {
    let Some(first) = cluster.chars().next() else { return false };
    let is_picture =
        matches!(u32::from(first), 0x1F000..=0x1FAFF | 0x2190..=0x2BFF | 0x3030 | 0x303D | 0x3297 | 0x3299);
    let is_keycap = cluster.ends_with('\u{20e3}') && matches!(first, '0'..='9' | '#' | '*');
    is_picture || is_keycap
}

/// Runs of the characters that addresses are made from.
fn runs(text: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%|".contains(c);
    let mut runs = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(|c: char| c.is_ascii_alphanumeric()).map(|at| from + at) {
        from = text[start..].find(|c: char| !is_part(c)).map_or(text.len(), |length| start + length);
        runs.push(start..from);
    }
    runs
}

/// The length of what could be links at the beginning of a run, and what it counts; None where there is none.
fn dotted(text: &str, run: Range<usize>) -> Option<(usize, u32)> {
    let (before, after) = (&text[..run.start], &text[run.start..]);
    let run = &text[run];
    let word = run.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || "/=_-#&".contains(c)));
    let letters =
        |at: usize| word.as_bytes().get(at..at + 2).is_some_and(|two| two.iter().all(u8::is_ascii_alphabetic));
    let names = word.match_indices('.').filter(|(at, _)| *at > 0 && letters(at + 1)).count();
    if names == 0 {
        return None;
    }
    let glued = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || "@#$_-./".contains(c));
    let goes_on = after[word.len()..].starts_with(|c: char| !c.is_ascii() && c.is_alphanumeric());
    let is_whole = !glued && (!goes_on || word.get(8..).is_some_and(|rest| rest.contains('/')));
    let own = plain(word);
    let counts = match is_whole.then(|| link(word)).flatten() {
        Some(true) => LINK,
        Some(false) => own.max(LINK),
        None if is_mail(run) => return None,
        None => own + GAIN * u32::try_from(names).unwrap_or(u32::MAX / GAIN),
    };
    Some((word.len(), counts))
}

/// Whether the domain of a plain link is one that X surely knows; None for what is no such link.
fn link(word: &str) -> Option<bool> {
    let (scheme, rest) = word.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
    let (name, top) = host.rsplit_once('.')?;
    let is = |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    let is_link = !name.is_empty()
        && is(host, ".-")
        && top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && is(path, "/-._:?=&");
    is_link.then(|| top.len() == 2 || KNOWN.contains(&&*top.to_ascii_lowercase()))
}

/// X sees no link in a mail address whose name has no dot.
fn is_mail(run: &str) -> bool {
    run.split_once('@').is_some_and(|(name, host)| !name.contains('.') && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the conformance suite of twitter-text, and beside it.
    #[test]
    fn letters_pictures_and_links_have_their_weights() {
        for (text, units) in [
            ("", 0),
            ("This is a test.", 15),
            ("café", 4),
            ("cafe\u{301}", 4),
            ("我是谁", 6),
            ("“quoted” – and…", 16),
            ("한글", 4),
            ("Привет", 6),
            ("😷", 2),
            ("👨‍👩‍👧‍👦", 2),
            ("👍🏿👍", 4),
            ("🇩🇪🇫🇷", 4),
            ("1️⃣ ☀️", 5),
            ("http://test.com", 23),
            ("see https://status.acme.com/incidents/7?full=yes.", 4 + 23 + 1),
            ("https://a.de https://b.de", 47),
            ("mail@acme.com", 13),
        ] {
            assert_eq!(count(text), units, "{text:?}");
        }
    }

    #[test]
    fn what_may_be_a_link_counts_as_the_longer_of_both() {
        // Without a scheme, or at a domain that X may not know.
        assert_eq!(count("acme.com"), 8 + 19);
        let unknown = "https://status.acme.example/incidents/7";
        assert_eq!(count(unknown), unknown.len() as u32);
        assert_eq!(count("https://a.bank"), 23);
        assert_eq!(count("11.30 or 3.5 percent, e.g. now"), 30);
    }
}
