//! A text as its place shows it: the bubble, the mail, the post, the strip. With what limits it, and with marks at the
//! words that findings are about.

use onevoice_channels::{
    contract::{Channel, Form},
    sms::encoding,
};
use serde_json::{Value, json};

use super::{
    time::{length, money},
    words::{say, text},
};
use crate::{
    check::Finding,
    compose::content::Severity,
    plan::{Forecast, texts::Texts},
    preview::Text,
    render::{PageDocument, Section},
};

/// Words to mark, and the class of the mark.
pub(super) type Mark = (String, &'static str);

/// One text for the `text` template. `marks` are the words of findings.
pub(super) fn shown(text: &Text, marks: &[Mark], severity: Severity) -> Value {
    let kind = match text.channel.form() {
        Form::Mail => "mail",
        Form::Text => "sms",
        Form::Post(_) => "post",
        Form::Page if text.channel == Channel::Banner => "banner",
        Form::Page => "page",
    };
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
        "parts": if text.channel == Channel::Sms { bubbles(&text.text, marks) } else { Vec::new() },
        "posts": posts(text, marks),
        "banner": {
            "headline": text.banner.as_ref().map_or(first, |banner| &banner.headline),
            "pieces": marked(text.banner.as_ref().map_or(rest.trim(), |banner| &banner.text), marks),
            "link": text.banner.as_ref().map(|banner| &banner.link_label),
        },
        "entry": text.page.as_ref().map(|page| entry(page, marks)),
        "limit": limit(text),
        "over": text.size.of > 0 && text.size.used > text.size.of,
        "forcing": forcing(text),
    })
}

/// A text message part by part, as the network cuts it; what forces the larger alphabet is marked and named.
fn bubbles(text: &str, marks: &[Mark]) -> Vec<Value> {
    let measured = encoding::measure(text);
    let mut marks = marks.to_vec();
    for (_, c) in &measured.forcing {
        let mark = (c.to_string(), "forcing");
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    let parts = encoding::split(text);
    let several = parts.len() > 1;
    let part = |(place, part): (usize, &&str)| json!({ "n": place + 1, "of": parts.len(), "several": several, "pieces": marked(part, &marks) });
    parts.iter().enumerate().map(part).collect()
}

/// What forces the larger alphabet: each character as it is written, and its name.
fn forcing(text: &Text) -> Vec<Value> {
    let mut seen = std::collections::BTreeSet::new();
    let each = text.size.forcing.iter().filter_map(|text| text.chars().next()).filter(|c| seen.insert(*c));
    each.map(|c| json!({ "text": c, "name": named(c) })).collect()
}

/// A character in words: "apostrophe as in print", "the letter ć", or its number in Unicode.
fn named(c: char) -> String {
    let mut buffer = [0; 4];
    let own: &str = c.encode_utf8(&mut buffer);
    match say("character", own) {
        name if name != own => name.to_owned(),
        _ if c.is_alphabetic() => text!("text-letter", letter = c.to_string()),
        _ if c.is_control() || c.is_whitespace() => text!("text-unseen", number = unicode(c)),
        _ => text!("text-character", character = c.to_string(), number = unicode(c)),
    }
}

/// A character's number in Unicode.
fn unicode(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

fn posts(text: &Text, marks: &[Mark]) -> Vec<Value> {
    let one = |(place, post): (usize, &String)| {
        let used = text.size.each.get(place).copied().unwrap_or_default();
        json!({ "n": place + 1, "of": text.posts.len(), "several": text.posts.len() > 1, "used": used, "most": text.size.of,
            "over": used > text.size.of, "pieces": marked(post, marks) })
    };
    text.posts.iter().enumerate().map(one).collect()
}

/// An entry of the status page in its sections.
fn entry(page: &PageDocument, marks: &[Mark]) -> Value {
    let section = |section: &Section| {
        let items = section.items.iter().map(|item| {
            json!({ "before": item.before, "pieces": marked(&item.text, marks), "note": item.note, "strong": item.strong,
                "url": item.url })
        });
        json!({ "label": section.label, "lead": section.lead, "items": items.collect::<Vec<_>>(),
            "pieces": if section.items.is_empty() { marked(&section.text, marks) } else { Vec::new() } })
    };
    json!({
        "status": page.status_label,
        "pieces": marked(&page.headline, marks),
        "sections": page.sections.iter().map(section).collect::<Vec<_>>(),
        "components": page.components.iter().map(|component| format!("{}: {}", component.name, component.label)).collect::<Vec<_>>(),
    })
}

/// "2 parts · 235 of 306".
fn limit(text: &Text) -> String {
    let size = &text.size;
    match text.channel {
        Channel::Sms => text!("text-size-parts", parts = size.parts, used = size.used, of = size.of),
        channel if channel.is_post() && size.parts > 1 => {
            text!("text-size-posts", posts = size.parts, used = size.used, of = size.of)
        }
        channel if channel.is_post() => format!("{} / {}", size.used, size.of),
        _ => String::new(),
    }
}

/// "€1,807.50 · 12,051 people · last one in 14 min".
pub(super) fn weight(channel: Channel, forecast: &Forecast, currency: &str) -> String {
    let mut parts = Vec::new();
    if forecast.cost > 0.0 {
        let least = money(forecast.cost_at_least, currency);
        let most = money(forecast.cost, currency);
        parts.push(if least == most { most } else { text!("text-cost", least = least, most = most) });
    }
    if channel.is_personal() {
        parts.push(text!("text-addresses", n = forecast.messages));
        parts.push(text!("text-last", length = length(forecast.seconds.ceil().max(0.0) as u64)));
    } else {
        parts.push(text!("text-places", n = forecast.messages));
    }
    parts.join(" · ")
}

/// "About €4,321.00 for 12,345 texts of 2 parts; 17 numbers are in countries without a price." None without texts.
pub(super) fn cost(texts: &Texts, cost: f64, currency: &str) -> Option<String> {
    let Texts { numbers, least_parts, most_parts, without_price, .. } = *texts;
    let parts = match least_parts {
        least if least == most_parts => text!("texts-parts-all", n = most_parts),
        least => text!("texts-parts", least = least, most = most_parts),
    };
    let (cost, without) = (money(cost, currency), without_price);
    (numbers > 0).then(|| text!("texts-cost", cost = cost, n = numbers, parts = parts, without = without))
}

/// The words that findings are about, with their marks.
pub(super) fn marks(findings: &[Finding]) -> Vec<Mark> {
    open_at_words(findings).map(|finding| (finding.words.clone(), class(finding))).collect()
}

/// Findings about words that are neither kept nor confirmed.
fn open_at_words(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings
        .iter()
        .filter(|finding| finding.end > finding.start && finding.kept.is_none() && finding.confirmed.is_none())
}

/// The class of a finding's mark.
fn class(finding: &Finding) -> &'static str {
    if finding.blocks() { "block" } else { "warn" }
}

/// A field's text, marked exactly where its findings stand.
pub(super) fn at_their_places(text: &str, findings: &[&Finding]) -> Vec<Value> {
    let mut found: Vec<&&Finding> = findings
        .iter()
        .filter(|finding| finding.kept.is_none() && finding.confirmed.is_none())
        .filter(|finding| text.get(finding.start..finding.end) == Some(finding.words.as_str()))
        .collect();
    found.sort_by_key(|finding| (finding.start, std::cmp::Reverse(finding.end)));
    let (mut pieces, mut end) = (Vec::new(), 0);
    for finding in found {
        if finding.start >= end && finding.end > finding.start {
            pieces.push(piece(&text[end..finding.start], None));
            pieces.push(piece(&finding.words, Some(class(finding))));
            end = finding.end;
        }
    }
    pieces.push(piece(&text[end..], None));
    pieces
}

fn piece(text: &str, mark: Option<&str>) -> Value {
    let name = (mark == Some("forcing")).then(|| text.chars().next().map(named)).flatten();
    json!({ "text": text, "mark": mark, "name": name })
}

/// A text cut where marked words begin and end.
pub(super) fn marked(text: &str, marks: &[Mark]) -> Vec<Value> {
    let mut pieces = Vec::new();
    cut(text, marks, |text, mark| pieces.push(piece(text, mark)));
    pieces
}

/// Passes a text on in runs, each with the class of its mark.
pub(super) fn cut<'a>(text: &'a str, marks: &[Mark], mut push: impl FnMut(&'a str, Option<&'static str>)) {
    let mut rest = text;
    while let Some((at, words, class)) = marks
        .iter()
        .filter(|(words, _)| !words.is_empty())
        .filter_map(|(words, class)| rest.find(words.as_str()).map(|at| (at, words, *class)))
        .min_by_key(|(at, words, _)| (*at, std::cmp::Reverse(words.len())))
    {
        let (before, found) = rest.split_at(at);
        if !before.is_empty() {
            push(before, None);
        }
        push(&found[..words.len()], Some(class));
        rest = &found[words.len()..];
    }
    if !rest.is_empty() {
        push(rest, None);
    }
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

    #[test]
    fn a_long_text_message_is_cut_as_the_network_cuts_it_and_says_what_makes_it_long() {
        let text = format!("It’s late 😀 ć {}", "x".repeat(70));
        let parts = bubbles(&text, &[]);
        let whole: String = parts
            .iter()
            .flat_map(|part| part["pieces"].as_array().unwrap())
            .filter_map(|piece| piece["text"].as_str())
            .collect();
        assert_eq!((parts.len(), whole), (2, text));
        let names: Vec<&str> =
            parts[0]["pieces"].as_array().unwrap().iter().filter_map(|piece| piece["name"].as_str()).collect();
        assert_eq!(names, ["the apostrophe ’, as printed", "the character 😀 (U+1F600)", "the letter ć"]);
        assert_eq!(bubbles("Short.", &[])[0]["several"], false);
    }
}
