//! How Mastodon counts characters: graphemes, a URL as 23, and of somebody at another instance only the name.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use unicode_segmentation::UnicodeSegmentation;

/// The most that a status may have, its content warning included.
pub const MOST_CHARACTERS: usize = 500;

static URL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"https?://[^\s<>"]+"#).expect("a valid expression"));
static MENTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(^|[^\w/])(@\w+)@[\w.-]+").expect("a valid expression"));

/// How many characters a text counts for.
pub fn count(text: &str) -> usize {
    let text = URL.replace_all(text, "x".repeat(23));
    let text = MENTION.replace_all(&text, |found: &Captures| format!("{}{}", &found[1], &found[2]));
    text.graphemes(true).count()
}

/// The text as HTML: escaped, paragraphs and line breaks kept.
pub fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let linked = URL.replace_all(&escaped, |found: &Captures| format!(r#"<a href="{0}">{0}</a>"#, &found[0]));
    let paragraphs = linked.split("\n\n").map(|paragraph| format!("<p>{}</p>", paragraph.replace('\n', "<br />")));
    paragraphs.collect()
}

#[test]
fn a_url_counts_23_however_long_it_is() {
    assert_eq!(count("https://status.example.test/incidents/0123456789?from=mastodon&long=yes"), 23);
    assert_eq!(count("see http://a.test now"), 4 + 23 + 4);
}

#[test]
fn graphemes_count_and_the_instance_of_a_mention_does_not() {
    assert_eq!(count("👩‍🚒é"), 2);
    assert_eq!(count("@anna@far.example hello"), "@anna hello".len());
}
