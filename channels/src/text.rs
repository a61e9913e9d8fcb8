//! How places count a text, and how a long one becomes a thread.
//!
//! Mastodon counts as its `StatusLengthValidator` does: grapheme clusters, each http(s) link as 23, and `@user@host`
//! as `@user`. Bluesky's lexicon counts grapheme clusters, and bounds the UTF-8 bytes too.

mod weighted;

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::contract::{TextLimit, TextUnit};

/// What Mastodon counts for a link of any length.
const MASTODON_LINK: u32 = 23;
/// UTF-8 bytes for each grapheme cluster of a limit (Bluesky: 300 and 3,000).
const BYTES_PER_GRAPHEME: usize = 10;

/// How many units a text counts.
pub fn count(text: &str, unit: TextUnit) -> u32 {
    match unit {
        TextUnit::Graphemes => graphemes(text),
        TextUnit::XCharacters => weighted::count(text),
        TextUnit::Utf16 => text.chars().map(|c| c.len_utf16() as u32).sum(),
        TextUnit::Bytes => u32::try_from(text.len()).unwrap_or(u32::MAX),
        TextUnit::MastodonCharacters => {
            let mut units = 0;
            let mut end = 0;
            for link in links(text) {
                units += without_hosts(&text[end..link.start]) + MASTODON_LINK;
                end = link.end;
            }
            units + without_hosts(&text[end..])
        }
    }
}

/// True where the text fits into one post.
pub fn fits(text: &str, limit: TextLimit) -> bool {
    let bytes_fit = limit.unit != TextUnit::Graphemes || text.len() <= limit.max as usize * BYTES_PER_GRAPHEME;
    bytes_fit && count(text, limit.unit) <= limit.max
}

/// The posts of a text: itself where it fits, else parts that end in `1/3`, `2/3`, `3/3`.
///
/// Parts break at white space. A word longer than a whole part (a script without spaces) breaks between words as
/// Unicode sees them (UAX #29), and if need be between grapheme clusters. A link is never cut: one that is longer than
/// a part stays whole in a part that does not fit.
pub fn split(text: &str, limit: TextLimit) -> Vec<String> {
    if fits(text, limit) {
        return vec![text.to_owned()];
    }
    // More parts need a wider number, which makes more parts: three rounds settle up to 9,999.
    let mut parts = Vec::new();
    for digits in 1..=4_u32 {
        let number = 2 + 2 * digits;
        let room = TextLimit { max: limit.max.saturating_sub(number).max(1), unit: limit.unit };
        parts = pack(text, room);
        if parts.len() < 10_usize.pow(digits) {
            break;
        }
    }
    let total = parts.len();
    parts.iter().enumerate().map(|(place, part)| format!("{part} {}/{total}", place + 1)).collect()
}

/// Where the http(s) links of a text are, in bytes. A full stop, bracket or quote that ends a sentence is not part of
/// the link before it.
pub fn links(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = next_link(text, from) {
        let length = text[start..].find(|c: char| !is_link_character(c)).unwrap_or(text.len() - start);
        let link = trim_link(&text[start..start + length]);
        // A bare scheme is no link.
        if link.ends_with("://") {
            from = start + link.len();
            continue;
        }
        from = start + link.len();
        found.push(start..from);
    }
    found
}

fn next_link(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let start = from + ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min()?;
    let glued = text[..start].chars().next_back().is_some_and(|before| before.is_alphanumeric());
    if glued { next_link(text, start + "http".len()) } else { Some(start) }
}

fn is_link_character(c: char) -> bool {
    c.is_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

fn trim_link(mut link: &str) -> &str {
    loop {
        let Some(last) = link.chars().next_back() else { return link };
        let balanced = last == ')' && link.matches('(').count() >= link.matches(')').count();
        if last.is_alphanumeric() || "=_#/+-".contains(last) || balanced {
            return link;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
}

fn graphemes(text: &str) -> u32 {
    u32::try_from(text.graphemes(true).count()).unwrap_or(u32::MAX)
}

/// Grapheme clusters, with `@user@host` as `@user`.
fn without_hosts(text: &str) -> u32 {
    let mut hosts = 0;
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || "@._-".contains(c))) {
        let Some((user, host)) = word.strip_prefix('@').and_then(|mention| mention.split_once('@')) else { continue };
        let host = host.trim_end_matches(['.', '-', '_']);
        if !user.is_empty() && !host.is_empty() && !host.contains('@') {
            hosts += 1 + graphemes(host);
        }
    }
    graphemes(text) - hosts
}

/// Words into as few parts as they need, in order, with the white space between them kept inside a part.
fn pack(text: &str, room: TextLimit) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = 0..0;
    for piece in pieces(text, room) {
        if part.is_empty() {
            part = piece;
        } else if fits(&text[part.start..piece.end], room) {
            part.end = piece.end;
        } else {
            parts.push(text[part].to_owned());
            part = piece;
        }
    }
    if !part.is_empty() {
        parts.push(text[part].to_owned());
    }
    parts
}

/// What must not be cut: the words between white space; for a word that fits nowhere, its own pieces.
fn pieces(text: &str, room: TextLimit) -> Vec<Range<usize>> {
    let links = links(text);
    let mut pieces = Vec::new();
    for word in words(text) {
        if fits(&text[word.clone()], room) {
            pieces.push(word);
            continue;
        }
        let mut from = word.start;
        for link in links.iter().filter(|link| word.start <= link.start && link.end <= word.end) {
            pieces.extend(fragments(text, from..link.start, room));
            pieces.push(link.clone());
            from = link.end;
        }
        pieces.extend(fragments(text, from..word.end, room));
    }
    pieces
}

/// What lies between white space. A space that carries a combining mark is a cluster of its own, and no place to break.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (place, cluster) in text.grapheme_indices(true).filter(|(_, cluster)| !cluster.trim().is_empty()) {
        let end = place + cluster.len();
        match words.last_mut() {
            Some(word) if word.end == place => word.end = end,
            _ => words.push(place..end),
        }
    }
    words
}

fn fragments(text: &str, range: Range<usize>, room: TextLimit) -> Vec<Range<usize>> {
    let at = |place: usize, piece: &str| range.start + place..range.start + place + piece.len();
    text[range.clone()]
        .split_word_bound_indices()
        .flat_map(|(place, word)| {
            if fits(word, room) {
                vec![at(place, word)]
            } else {
                word.grapheme_indices(true).map(|(within, cluster)| at(place + within, cluster)).collect()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn graphemes_of(max: u32) -> TextLimit {
        TextLimit { max, unit: TextUnit::Graphemes }
    }

    #[test]
    fn mastodon_counts_links_and_mentions_its_own_way() {
        let count = |text| count(text, TextUnit::MastodonCharacters);
        assert_eq!(count("see https://status.example.com/incidents/4711?full=yes."), 4 + 23 + 1);
        assert_eq!(count("(https://e.x/a_(b)) http://x.yz"), 1 + 23 + 1 + 1 + 23);
        assert_eq!(count("@press@social.example.org: hello"), "@press: hello".len() as u32);
        assert_eq!(count("a@b.example is mail"), "a@b.example is mail".len() as u32);
        assert_eq!(count("👩‍👩‍👧 é"), 3);
        assert_eq!(count("https://"), 8);
        assert_eq!(count("xhttps://a.b"), 12);
    }

    #[test]
    fn bluesky_bounds_bytes_too() {
        let family = "👩‍👩‍👧‍👦";
        assert_eq!(count(family, TextUnit::Graphemes), 1);
        assert!(fits(&"a".repeat(300), graphemes_of(300)));
        assert!(!fits(&"a".repeat(301), graphemes_of(300)));
        assert!(!fits(&family.repeat(150), graphemes_of(300)), "150 graphemes, 3,750 bytes");
    }

    #[test]
    fn a_thread_is_numbered_and_breaks_between_words() {
        assert_eq!(split("fits", graphemes_of(10)), ["fits"]);
        assert_eq!(split("one two three four five", graphemes_of(14)), ["one two 1/3", "three four 2/3", "five 3/3"]);
    }

    #[test]
    fn a_script_without_spaces_still_breaks_and_a_link_never_does() {
        let parts = split(&"計画停電".repeat(10), graphemes_of(20));
        assert!(parts.len() > 1 && parts.iter().all(|part| fits(part, graphemes_of(20))), "{parts:?}");
        let link = format!("https://example.com/{}", "a".repeat(40));
        let parts = split(&format!("停電({link})停電 more words that follow it"), graphemes_of(30));
        assert!(parts.iter().any(|part| part.contains(&link)), "{parts:?}");
    }

    #[test]
    fn a_space_with_a_combining_mark_is_no_place_to_break() {
        assert_eq!(words("a \u{301}b c"), [0..5, 6..7]);
    }

    #[test]
    fn ten_parts_and_more_have_room_for_their_number() {
        let parts = split(&"abcd ".repeat(60), graphemes_of(12));
        assert!(parts.len() >= 10 && parts.iter().all(|part| fits(part, graphemes_of(12))), "{parts:?}");
    }

    /// What a reader has after joining a thread, with white space folded.
    fn joined(parts: &[String]) -> String {
        let bare: Vec<&str> = match parts {
            [one] => vec![one],
            many => many.iter().map(|part| part.rsplit_once(' ').unwrap().0).collect(),
        };
        bare.join("").split_whitespace().collect()
    }

    proptest! {
        #[test]
        fn parts_fit_and_hold_every_word_in_order(
            words in prop::collection::vec(
                prop_oneof![
                    "[a-zé]{1,12}", "👩‍👩‍👧{1,2}", "https://[a-z]{3,8}\\.example/[a-z0-9]{0,10}", "@[a-z]{2,5}@[a-z]{3,5}\\.org",
                ], 0..80),
            max in 50_u32..200,
            unit in prop::sample::select(vec![
                TextUnit::Graphemes, TextUnit::MastodonCharacters, TextUnit::XCharacters, TextUnit::Utf16, TextUnit::Bytes,
            ]),
        ) {
            let limit = TextLimit { max, unit };
            let text = words.join(" ");
            let parts = split(&text, limit);
            for part in &parts {
                prop_assert!(fits(part, limit), "{:?}", part);
            }
            prop_assert_eq!(joined(&parts), words.concat());
            // Every word lies whole in one part.
            let whole: Vec<&str> = parts.iter().flat_map(|part| part.split_whitespace()).collect();
            for word in &words {
                prop_assert!(whole.contains(&word.as_str()), "{:?} was cut", word);
            }
        }

        #[test]
        fn any_text_is_cut_between_grapheme_clusters(text in "\\PC{0,200}", max in 10_u32..60) {
            let parts = split(&text, graphemes_of(max));
            prop_assert!(!parts.is_empty());
            if parts.len() > 1 {
                // Taking every other character out again leaves each cluster where it was.
                let clusters: Vec<&str> = text.graphemes(true).filter(|g| !g.trim().is_empty()).collect();
                let again: Vec<String> = parts.iter().map(|part| part.rsplit_once(' ').unwrap().0.to_owned()).collect();
                let kept: Vec<&str> =
                    again.iter().flat_map(|part| part.graphemes(true)).filter(|g| !g.trim().is_empty()).collect();
                prop_assert_eq!(clusters, kept);
            }
        }
    }
}
