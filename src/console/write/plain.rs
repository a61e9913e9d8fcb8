//! A content as names and texts: what versions are compared by, and what two people wrote.

use serde_json::{Value, json};

use super::super::{
    diff::{self, Change},
    sheet,
    time::{Times, length},
    words::{say, text, word},
};
use crate::{
    audience::listed::OnList,
    compose::content::{Content, Subscribers},
};

/// How `new` differs from `old`, place by place: the name, and the runs of words.
pub(in crate::console) fn differences(times: &Times, old: &Content, new: &Content) -> Vec<Value> {
    let (old, new) = (plain(times, old), plain(times, new));
    let text = |texts: &[(String, String)], name: &str| {
        texts.iter().find(|(known, _)| known == name).map_or_else(String::new, |(_, text)| text.clone())
    };
    let gone = old.iter().filter(|(name, _)| !new.iter().any(|(known, _)| known == name));
    let names = new.iter().chain(gone).map(|(name, _)| name);
    names
        .filter_map(|name| {
            let (old, new) = (text(&old, name), text(&new, name));
            (old != new).then(|| json!({ "name": name, "runs": runs(&old, &new) }))
        })
        .collect()
}

/// The runs of words in which two texts differ, for the `runs` template.
pub(super) fn runs(old: &str, new: &str) -> Vec<Value> {
    let run = |(change, text): (Change, String)| json!({ "text": text, "new": change == Change::New, "gone": change == Change::Gone });
    diff::words(old, new).into_iter().map(run).collect()
}

/// The content as names and texts, for comparing.
pub(super) fn plain(times: &Times, content: &Content) -> Vec<(String, String)> {
    let mut texts = vec![
        (text!("plain-status"), say("status", content.status.as_str()).to_owned()),
        (text!("plain-severity"), say("severity", content.severity.as_str()).to_owned()),
    ];
    let mut add = |name: String, text: Option<String>| texts.extend(text.map(|text| (name, text)));
    add(text!("plain-next"), content.next_update_at.map(|at| times.full(at)));
    let window = content.window.as_ref();
    add(text!("plain-window-from"), window.map(|window| times.full(window.from)));
    add(text!("plain-window-until"), window.map(|window| times.full(window.until)));
    add(text!("plain-start"), content.start_at.as_ref().map(|start| times.full(start.at)));
    let channels: Vec<&str> = content.channels.iter().map(|channel| say("channel", channel.as_str())).collect();
    add(text!("plain-channels"), (!channels.is_empty()).then(|| channels.join(&*word("list-comma"))));
    add(text!("plain-night"), Some(say("night", content.quiet_hours.as_str()).to_owned()));
    add(text!("plain-spread"), content.spread_minutes.map(|minutes| length(u64::from(minutes) * 60)));
    add(text!("plain-law"), content.required_by_law.clone());
    for variant in &content.variants {
        let list = (variant.list != OnList::Any).then(|| say("on_list", variant.list.as_str()));
        let subscribers =
            (variant.subscribers != Subscribers::Any).then(|| say("subscribers", variant.subscribers.as_str()));
        let who: Vec<&str> = variant.segment.as_deref().into_iter().chain(list).chain(subscribers).collect();
        let who = if who.is_empty() { text!("plain-everyone") } else { who.join(&*word("list-comma")) };
        texts.push((text!("plain-who", name = variant.name.as_str()), who));
        for (locale, facts) in &variant.facts {
            let place = [variant.name.as_str(), say("language", locale)].join(&*word("list-comma"));
            let links =
                facts.links.iter().enumerate().map(|(row, link)| (format!("links/{row}/url"), link.url.as_str()));
            for (field, text) in facts.prose().chain(links).filter(|(_, text)| !text.is_empty()) {
                texts.push((format!("{} ({place})", named(&field)), text.to_owned()));
            }
        }
    }
    for (name, own) in [(text!("plain-correction"), &content.correction), (text!("plain-holding"), &content.holding)] {
        texts.extend(own.iter().map(|(locale, text)| (format!("{name} ({})", say("language", locale)), text.clone())));
    }
    texts.extend(sheet::plain(&content.staff));
    texts
}

/// A field as the page calls it: `options/0/reason` is "Why option 1".
fn named(field: &str) -> String {
    let mut parts = field.splitn(3, '/');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let row = second.and_then(|row| row.parse::<usize>().ok()).map(|row| row + 1);
    match (first, row, third) {
        ("options", Some(row), Some("text")) => text!("write-option", n = row),
        ("options", Some(row), _) => text!("plain-option-why", n = row),
        ("links", Some(row), Some("label")) => text!("plain-link", n = row),
        ("links", Some(row), _) => text!("write-link-address", n = row),
        ("short", _, _) => text!("plain-by-hand", channel = say("channel", second.unwrap_or_default())),
        _ => say("field", field).to_owned(),
    }
}
