//! Beside the facts: every text as its place shows it, the table of facts, the numbers.

use std::collections::BTreeSet;

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    super::{
        enter::Desk,
        texts,
        time::{Times, length, money},
        timing,
        words::{say, word},
    },
    alphabet,
    slots::dashed,
};
use crate::{
    compose::content::Content,
    plan::{Forecast, Measured, forecast::Arrival},
    preview::{self, Preview},
    render::MessageKind,
};

/// Everything beside the facts: the texts, the table of facts, the numbers.
pub(super) fn previews(desk: &Desk, times: &Times, content: &Content, looked: &Preview, typed: Option<u64>) -> Value {
    let marks = texts::marks(&looked.findings);
    let numbers = &looked.numbers;
    let several = content.variants.len() > 1 || content.variants.iter().any(|variant| variant.facts.len() > 1);
    let mut groups = Vec::new();
    for (place, variant) in content.variants.iter().enumerate() {
        for locale in desk.app.config.organisation.locales.iter().filter(|locale| variant.facts.contains_key(*locale)) {
            let of_group = looked.texts.iter().filter(|text| {
                text.variant == variant.name && text.locale == *locale && text.message == MessageKind::Update
            });
            let cards: Vec<Value> = of_group
                .map(|text| {
                    let mut card = texts::shown(text, &marks, content.severity);
                    let forecast = numbers.forecast.get(&text.channel).filter(|_| groups.is_empty());
                    card["weight"] =
                        json!(forecast.map(|forecast| texts::weight(text.channel, forecast, &numbers.currency)));
                    let of = typed.map_or(format!("version={}", looked.version), |serial| format!("typed={serial}"));
                    let frame = format!("/console/updates/{}/mail/{place}/{locale}?{of}", looked.update_id);
                    let alone = looked
                        .texts
                        .iter()
                        .filter(|other| other.channel == Channel::Sms && other.message == text.message);
                    let cost = (alone.count() == 1).then_some((numbers.cost, numbers.currency.as_str()));
                    card["plain"] = alphabet::offer(text, place, cost);
                    card["looks"] = if text.channel == Channel::Email { looks(&frame) } else { json!([]) };
                    card["id"] = json!(format!("{place}-{locale}"));
                    card
                })
                .collect();
            groups.push(json!({ "id": format!("group-{place}-{locale}"), "name": variant.name, "language": say("language", locale),
                "open": groups.is_empty(), "several": several, "cards": cards }));
        }
    }
    let parity: Vec<Value> = looked.parity.iter().map(|parity| parity_view(desk, parity, several)).collect();
    let spare: Vec<Value> = looked
        .texts
        .iter()
        // Those of later turns differ in their times alone; the approver reads each.
        .filter(|text| text.message != MessageKind::Update && text.turn == 0)
        .map(|text| json!({ "id": format!("spare-{}-{}-{}-{}", text.message.as_str(), text.channel, text.locale, dashed(&text.variant)), "message": say("message", text.message.as_str()), "text": texts::shown(text, &marks, content.severity), "variant": if content.variants.len() > 1 { text.variant.as_str() } else { "" } }))
        .collect();
    let fallback = numbers.fallback.iter().map(|(locale, n)| json!({ "language": say("language", locale), "n": n }));
    let seconds = numbers.last_at.duration_since(numbers.starts_at).as_secs().max(0).unsigned_abs();
    json!({
        "groups": groups,
        "parity": parity,
        "spare": spare,
        "people": numbers.count.people,
        "unreached": numbers.count.unreached,
        "suppressed": numbers.count.suppressed.iter().map(|(channel, n)| json!({ "label": say("channel", channel.as_str()), "name": channel, "n": n })).collect::<Vec<_>>(),
        "by_variant": content.variants.iter().zip(&numbers.count.by_variant).map(|(variant, n)| json!({ "name": variant.name, "n": n })).collect::<Vec<_>>(),
        "in_two": numbers.division.in_two,
        "in_two_examples": numbers.division.in_two_examples.join(&*word("list-comma")),
        "in_none": numbers.division.in_none,
        "in_none_examples": numbers.division.in_none_examples.join(&*word("list-comma")),
        "fallback": fallback.collect::<Vec<_>>(),
        "cost": (numbers.cost > 0.0).then(|| money(numbers.cost, &numbers.currency)),
        "texts": numbers.texts.as_ref().and_then(|told| texts::cost(told, numbers.cost, &numbers.currency)),
        "last": length(seconds),
        "timing": timed(times, content, numbers),
        "refreshed": numbers.refreshed_at.map(|at| times.away(at)),
    })
}

/// The ways in which a mail is looked at. Each frame is asked for when it is looked at first.
fn looks(frame: &str) -> Value {
    let one = |name: &str| {
        json!({ "name": name, "label": say("look", name), "checked": name == "desktop",
            "frame": (name != "text").then(|| format!("{frame}&look={name}")) })
    };
    json!(["desktop", "phone", "dark", "text"].map(one))
}

fn timed(times: &Times, content: &Content, numbers: &Measured) -> Vec<String> {
    let arrival = |forecast: &Forecast| Arrival {
        seconds: forecast.seconds,
        in_the_morning: forecast.in_their_morning as f64,
        last_morning_at: forecast.last_morning_at,
        not_at_all: forecast.not_at_all as f64,
    };
    let arrivals = numbers.forecast.iter().map(|(channel, forecast)| (*channel, arrival(forecast))).collect();
    timing::sentences(times, numbers.timing.as_ref(), &content.variants, &arrivals, &numbers.asleep)
}

fn parity_view(desk: &Desk, parity: &preview::Parity, several: bool) -> Value {
    let channels: BTreeSet<Channel> = parity.rows.iter().flat_map(|row| row.by_channel.keys().copied()).collect();
    let ordered: Vec<Channel> = desk.app.channels().into_iter().filter(|channel| channels.contains(channel)).collect();
    let name = |presence: &crate::check::Presence| match presence {
        crate::check::Presence::Yes => "yes",
        crate::check::Presence::ByLink => "by_link",
        crate::check::Presence::No => "no",
    };
    let fact = |fact: crate::check::Fact| {
        serde_json::to_value(fact).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let rows = parity.rows.iter().map(|row| {
        let cells = ordered.iter().map(|channel| {
            let presence = row.by_channel.get(channel).map_or("no", name);
            json!({ "class": presence, "word": say("presence", presence), "said": presence == "yes" })
        });
        json!({ "fact": say("fact", &fact(row.fact)), "cells": cells.collect::<Vec<_>>() })
    });
    json!({
        "name": if several { [parity.variant.as_str(), say("language", &parity.locale)].join(&*word("list-comma")) } else { String::new() },
        "channels": ordered.iter().map(|channel| say("channel", channel.as_str())).collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
    })
}
