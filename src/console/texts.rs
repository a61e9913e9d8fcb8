//! A text as its place shows it: the bubble, the mail, the post, the strip. With what limits it, and with marks at the
//! words that findings are about.

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    time::{length, money, number},
    words::say,
};
use crate::{check::Finding, compose::content::Severity, plan::Forecast, preview::Text};

/// One text for the `text` template. `marks` are the words of findings.
pub(super) fn shown(text: &Text, marks: &[(String, &'static str)], severity: Severity) -> Value {
    let kind = match text.channel {
        Channel::Email => "mail",
        Channel::Sms => "sms",
        Channel::Mastodon | Channel::Bluesky => "post",
        Channel::Banner => "banner",
        Channel::StatusPage => "page",
    };
    let posts: Vec<Value> = text.posts.iter().map(|post| json!({ "pieces": marked(post, marks) })).collect();
    let (first, rest) = text.text.split_once('\n').unwrap_or((&text.text, ""));
    json!({
        "kind": kind,
        "severity": severity.as_str(),
        "channel": text.channel.as_str(),
        "label": say("channel", text.channel.as_str()),
        "language": say("language", &text.locale),
        "locale": text.locale,
        "subject": text.subject,
        "pieces": marked(&text.text, marks),
        "first": first,
        "rest": marked(rest.trim(), marks),
        "posts": posts,
        "limit": limit(text),
        "over": text.size.of > 0 && text.size.used > text.size.of,
        "forcing": text.size.forcing.join(" "),
    })
}

/// "2 parts · 235 of 306".
fn limit(text: &Text) -> String {
    let size = &text.size;
    match text.channel {
        Channel::Sms => format!("{} · {} of {} characters", plural(size.parts, "part"), size.used, size.of),
        Channel::Mastodon | Channel::Bluesky if size.parts > 1 => {
            format!("{} posts · longest {} / {}", size.parts, size.used, size.of)
        }
        Channel::Mastodon | Channel::Bluesky => format!("{} / {}", size.used, size.of),
        _ => String::new(),
    }
}

fn plural(n: u32, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// "€1,807.50 · 12,051 people · last one in 14 min".
pub(super) fn weight(channel: Channel, forecast: &Forecast, currency: &str) -> String {
    let mut parts = Vec::new();
    if forecast.cost > 0.0 {
        let least = money(forecast.cost_at_least, currency);
        let most = money(forecast.cost, currency);
        parts.push(if least == most { most } else { format!("{least} to {most}") });
    }
    let unit = match (channel.is_personal(), forecast.messages) {
        (true, 1) => "address",
        (true, _) => "addresses",
        (false, 1) => "place",
        (false, _) => "places",
    };
    parts.push(format!("{} {unit}", number(forecast.messages)));
    if channel.is_personal() {
        parts.push(format!("last one in {}", length(forecast.seconds.ceil().max(0.0) as u64)));
    }
    parts.join(" · ")
}

/// The words that findings are about, with their marks.
pub(super) fn marks(findings: &[Finding]) -> Vec<(String, &'static str)> {
    let at_words = findings.iter().filter(|finding| finding.end > finding.start && finding.kept.is_none());
    at_words.map(|finding| (finding.words.clone(), if finding.blocks() { "block" } else { "warn" })).collect()
}

/// A text cut where marked words begin and end.
fn marked(text: &str, marks: &[(String, &'static str)]) -> Vec<Value> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((at, words, class)) = marks
        .iter()
        .filter(|(words, _)| !words.is_empty())
        .filter_map(|(words, class)| rest.find(words.as_str()).map(|at| (at, words, *class)))
        .min_by_key(|(at, words, _)| (*at, std::cmp::Reverse(words.len())))
    {
        pieces.push(json!({ "text": &rest[..at], "mark": null }));
        pieces.push(json!({ "text": words, "mark": class }));
        rest = &rest[at + words.len()..];
    }
    pieces.push(json!({ "text": rest, "mark": null }));
    pieces.retain(|piece| piece["text"] != "");
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_marked_wherever_they_stand_and_nothing_is_lost() {
        let marks = [("lost".to_owned(), "warn"), ("No money is lost".to_owned(), "block")];
        let pieces = marked("No money is lost; <b> lost", &marks);
        let whole: String = pieces.iter().filter_map(|piece| piece["text"].as_str()).collect();
        assert_eq!(whole, "No money is lost; <b> lost");
        let classes: Vec<&str> = pieces.iter().filter_map(|piece| piece["mark"].as_str()).collect();
        assert_eq!(classes, ["block", "warn"]);
    }
}
