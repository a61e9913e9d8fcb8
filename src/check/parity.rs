//! Whether every channel tells the same facts: read from what was rendered, not from what was meant.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Place, Rules};
use crate::compose::content::Facts;

/// A fact that a reader of any channel should find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// What is the matter.
    Status,
    /// That we are sorry.
    Sorry,
    /// When the next update comes.
    NextUpdate,
    /// What the reader can do meanwhile.
    WhatToDo,
    /// A contact route.
    HowToReachUs,
    /// A helpful link.
    Link,
}

/// How a channel tells a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// In its own text.
    Yes,
    /// Behind its link to the status page.
    ByLink,
    /// Not at all.
    No,
}

/// One fact on every channel; a fact that the update does not have gives no row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactRow {
    /// The fact.
    pub fact: Fact,
    /// How each channel tells it.
    pub by_channel: BTreeMap<Channel, Presence>,
}

/// By which texts the facts are recognised in a rendering; any one of a list is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needles {
    /// How the status is written. The headline counts too.
    pub status_words: Vec<String>,
    /// How the promised time is written; None where there is no promise.
    pub next_update_text: Option<String>,
    /// The contact routes' numbers, addresses and labels.
    pub contact_routes: Vec<String>,
    /// The address of this incident on the status page, as renderings write it, short link or long.
    pub status_link: Option<String>,
}

/// Finds the facts in the plain text of each channel's rendering, for one variant and locale.
pub fn parity(
    rules: &Rules,
    locale: &str,
    facts: &Facts,
    texts: &BTreeMap<Channel, String>,
    needles: &Needles,
) -> Vec<FactRow> {
    let mut status = needles.status_words.clone();
    status.push(facts.headline.clone());
    let best = facts.options.iter().find(|option| option.recommended).or(facts.options.first());
    let wanted = [
        (Fact::Status, status),
        (Fact::Sorry, vec![facts.apology.clone()]),
        (Fact::NextUpdate, needles.next_update_text.iter().cloned().collect()),
        (Fact::WhatToDo, best.iter().map(|option| option.text.clone()).collect()),
        (Fact::HowToReachUs, needles.contact_routes.clone()),
        (Fact::Link, facts.links.iter().map(|link| link.url.clone()).collect()),
    ];
    let link: Vec<String> = needles.status_link.iter().map(|link| plain(link)).collect();
    let sorry = rules.iter().filter(|rule| rule.id == "no_apology").flat_map(|rule| rules.words(rule, locale));
    let sorry: Vec<_> = sorry.collect();
    let mut rows = Vec::new();
    for (fact, wanted) in wanted {
        let wanted: Vec<String> = wanted.iter().map(|text| plain(text)).filter(|text| !text.is_empty()).collect();
        if wanted.is_empty() {
            continue;
        }
        let presence = |text: &String| {
            let read = plain(text);
            let said = |needles: &[String]| needles.iter().any(|needle| read.contains(needle));
            // A short text says sorry in fewer words than the field.
            let in_other_words = fact == Fact::Sorry && sorry.iter().any(|words| words.any_in(text));
            match () {
                _ if said(&wanted) || in_other_words => Presence::Yes,
                _ if said(&link) => Presence::ByLink,
                _ => Presence::No,
            }
        };
        let by_channel = texts.iter().map(|(channel, text)| (*channel, presence(text))).collect();
        rows.push(FactRow { fact, by_channel });
    }
    rows
}

/// A finding for each fact that a channel neither tells nor links to. Settled by the caller ([`super::settle`]).
pub fn check_parity(rules: &Rules, variant: &str, locale: &str, rows: &[FactRow]) -> Vec<Finding> {
    let rule = rules.built_in("left_out");
    let missing = rows.iter().flat_map(|row| {
        let left_out = row.by_channel.iter().filter(|(_, presence)| **presence == Presence::No);
        left_out.map(|(channel, _)| (row.fact, *channel))
    });
    missing
        .map(|(fact, channel)| {
            let place = Place { variant: Some(variant), locale: Some(locale), field: Some(channel.as_str()) };
            let finding = rule.about(place, fact.in_words());
            let name = channel.in_words();
            Finding { title: finding.title.replace("{channel}", name), ..finding }
        })
        .collect()
}

impl Fact {
    /// As the table of facts names it.
    pub fn in_words(self) -> &'static str {
        match self {
            Fact::Status => "status",
            Fact::Sorry => "sorry",
            Fact::NextUpdate => "next update",
            Fact::WhatToDo => "what to do",
            Fact::HowToReachUs => "how to reach us",
            Fact::Link => "link",
        }
    }
}

/// As compared: lower case, every run of white space one space, no full stop at the end.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase().trim_end_matches('.').to_owned()
}
