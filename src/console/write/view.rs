//! From the content to the page.

use std::collections::{BTreeMap, BTreeSet};

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    super::{
        enter::Desk,
        texts,
        time::{Times, length, money},
        timing,
        words::say,
    },
    notes, read,
};
use crate::{
    approve::State,
    check::Finding,
    compose::{
        content::{Content, Facts, Severity},
        status::{ComponentStatus, Step},
    },
    plan::{Forecast, Measured, forecast::Arrival},
    preview::{self, Preview},
    problem::Problem,
    render::MessageKind,
    store::incidents::{Incident, Update},
};

/// Fields that are open from the start; the others are behind "More".
const FIRST: usize = 5;

/// Findings by the field of the form that they stand under.
struct Slots {
    left: BTreeMap<String, Vec<Value>>,
    shown: Vec<Value>,
}

impl Slots {
    fn new(content: &Content, findings: &[Finding]) -> Slots {
        let mut left: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for finding in findings {
            let key = key(content, finding);
            left.entry(key.clone()).or_default().push(found(content, finding, &key));
        }
        Slots { left, shown: Vec::new() }
    }

    /// The findings under a field. The place is remembered even when it is empty: a script puts later ones there.
    fn take(&mut self, key: &str) -> Value {
        let findings = json!(self.left.remove(key).unwrap_or_default());
        let slot = json!({ "slot": key, "findings": findings });
        self.shown.push(slot.clone());
        slot
    }
}

/// The form's field that a finding is about.
fn key(content: &Content, finding: &Finding) -> String {
    let place = content.variants.iter().position(|variant| Some(&variant.name) == finding.variant.as_ref());
    match (place, &finding.locale, &finding.field) {
        (Some(place), Some(locale), Some(field)) => format!("v{place}.{locale}.{}", field.replace('/', ".")),
        (None, Some(locale), Some(field)) => format!("{field}.{locale}"),
        (_, _, Some(field)) => field.clone(),
        _ => "all".to_owned(),
    }
}

fn found(content: &Content, finding: &Finding, key: &str) -> Value {
    let place =
        content.variants.iter().position(|variant| Some(&variant.name) == finding.variant.as_ref()).unwrap_or_default();
    json!({
        "note": null,
        "id": finding.id,
        "class": if finding.blocks() { "block" } else { "warn" },
        "title": finding.title,
        "why": finding.why,
        "words": finding.words,
        "at_words": finding.end > finding.start,
        "instead": finding.instead,
        "for": dashed(key),
        "overridable": finding.overridable,
        "confirmable": finding.confirmable,
        "kept": finding.kept,
        "confirmed": finding.confirmed,
        "confirm_name": format!("v{place}.{}.confirmed.{}", finding.locale.as_deref().unwrap_or_default(), finding.id),
        "ceiling": finding.rule == "cost_ceiling" || finding.rule == "day_ceiling",
        "place": finding.variant.iter().chain(&finding.locale).cloned().collect::<Vec<_>>().join(", "),
    })
}

/// A name as an element's id.
fn dashed(key: &str) -> String {
    key.replace(['.', '/'], "-")
}

/// The page's values. Content that cannot be looked at is shown all the same, with what is wrong.
pub(super) async fn view(
    desk: &Desk,
    update: &Update,
    incident: &Incident,
    content: Content,
    problem: Option<Problem>,
) -> Result<Value, Problem> {
    let app = &desk.app;
    let times = Times::of(app);
    let looked = preview::preview(app, update.id, Some(content.clone())).await;
    let (looked, unlooked) = match looked {
        Ok(looked) => (Some(looked), None),
        Err(problem) => (None, Some(problem.detail)),
    };
    let none = Vec::new();
    let findings = looked.as_ref().map_or(&none, |looked| &looked.findings);
    let mut slots = Slots::new(&content, findings);
    for (field, notes) in notes::by_field(desk, update, &content).await? {
        slots.left.entry(field).or_default().extend(notes);
    }
    let segments = app.store.segments().await?;
    let names: Vec<&str> = segments.iter().map(|segment| segment.name.as_str()).collect();
    let variants: Vec<Value> =
        (0..content.variants.len()).map(|place| variant(desk, &content, place, &names, &mut slots)).collect();
    let before = previous(desk, update).await?;
    let kept = words_kept(findings);
    let channels = app.channels().into_iter().map(|channel| {
        json!({ "name": channel.as_str(), "label": say("channel", channel.as_str()), "checked": content.uses(channel) })
    });
    let locales = &app.config.organisation.locales;
    let mut own = |field: &str, texts: &BTreeMap<String, String>| {
        let row = |locale: &String| {
            let key = format!("{field}.{locale}");
            json!({ "key": key, "id": dashed(&key), "language": say("language", locale),
                "text": texts.get(locale).cloned().unwrap_or_default(), "found": slots.take(&key) })
        };
        locales.iter().map(row).collect::<Vec<_>>()
    };
    let (correction, holding) = (own("correction", &content.correction), own("holding", &content.holding));
    let next = next(&times, &content, looked.as_ref());
    let next_found = slots.take("next_update_at");
    let status_found = slots.take("status");
    // Whatever has no field of its own on this page stands at its top.
    let rest: Vec<Value> = std::mem::take(&mut slots.left).into_values().flatten().collect();
    slots.shown.push(json!({ "slot": "all", "findings": rest.clone() }));
    let blocking = findings.iter().filter(|finding| finding.blocks()).count();
    let asking = findings.len() - blocking - kept;
    Ok(json!({
        "id": update.id,
        "version": update.version,
        "number": update.number,
        "title": incident.title,
        "exercise": incident.exercise,
        "incident": incident.id,
        "saved": times.near(update.saved_at),
        "submitted": update.state == State::Submitted,
        "returned": update.return_reason.clone().filter(|_| update.state == State::Returned || update.state == State::Draft),
        "problem": problem.map(|problem| problem.detail).or(unlooked),
        "statuses": statuses(incident, before.as_ref(), &content),
        "status_found": status_found,
        "variants": variants,
        "several": content.variants.len() > 1,
        "next": next,
        "next_found": next_found,
        "zone": times.name,
        "routes": routes(desk, &content).await?,
        "severities": severities(&content),
        "components": components(desk, &content).await?,
        "channels": channels.collect::<Vec<_>>(),
        "timing": timing::controls(app, &content),
        "start": content.start_at.as_ref().map(|start| times.input(start.at)),
        "law": content.required_by_law,
        "over_ceiling": content.over_ceiling,
        "correction": correction,
        "holding": holding,
        "rest": { "slot": "all", "findings": rest },
        "slots": slots.shown,
        "blocking": blocking,
        "asking": asking,
        "ready": looked.as_ref().is_some_and(|looked| looked.ready),
        "preview": looked.as_ref().map(|looked| previews(desk, &times, &content, update.id, looked)),
    }))
}

fn words_kept(findings: &[Finding]) -> usize {
    findings
        .iter()
        .filter(|finding| !finding.blocks() && (finding.kept.is_some() || finding.confirmed.is_some()))
        .count()
}

async fn previous(desk: &Desk, update: &Update) -> Result<Option<Content>, Problem> {
    let updates = desk.app.store.updates(update.incident_id).await?;
    Ok(updates
        .into_iter()
        .rev()
        .find(|other| other.number < update.number && other.state == State::Approved)
        .map(|other| other.content))
}

fn statuses(incident: &Incident, before: Option<&Content>, content: &Content) -> Vec<Value> {
    let from = before.map(|content| content.status);
    let offered =
        incident.kind.statuses().iter().filter_map(|status| Some((status, incident.kind.step(from, *status)?)));
    offered
        .map(|(status, step)| {
            let word = say("status", status.as_str());
            let label = match step {
                Step::Setback => format!("{}: {}", say("step", "setback"), word.to_lowercase()),
                Step::Reopened => format!("{}: {}", say("step", "reopened"), word.to_lowercase()),
                Step::First | Step::Progress => word.to_owned(),
            };
            json!({ "name": status.as_str(), "label": label, "checked": *status == content.status })
        })
        .collect()
}

fn severities(content: &Content) -> Vec<Value> {
    let one = |severity: &Severity| json!({ "name": severity.as_str(), "label": say("severity", severity.as_str()), "checked": *severity == content.severity });
    [Severity::Info, Severity::Warning, Severity::Critical].iter().map(one).collect()
}

async fn components(desk: &Desk, content: &Content) -> Result<Vec<Value>, Problem> {
    let components = desk.app.store.components().await?;
    let one = |component: &crate::store::incidents::Component| {
        let chosen = content.components.get(&component.id);
        let options = ComponentStatus::ALL.iter().map(|status| {
            json!({ "name": status.as_str(), "label": say("component", status.as_str()), "selected": chosen == Some(status) })
        });
        json!({ "id": component.id, "name": component.name, "now": say("component", component.status.as_str()),
            "options": options.collect::<Vec<_>>() })
    };
    Ok(components.iter().map(one).collect())
}

async fn routes(desk: &Desk, content: &Content) -> Result<Vec<Value>, Problem> {
    let default = desk.app.default_locale();
    let one = |route: &crate::compose::route::ContactRoute| {
        let need = crate::compose::route::in_locale(&route.need, default, default);
        json!({ "id": route.id, "need": need, "how": route.how, "overloaded": route.overloaded, "checked": content.contact_routes.contains(&route.id) })
    };
    Ok(desk.app.store.routes().await?.iter().map(one).collect())
}

/// The offered times. They are instants, so that saving twice promises the same.
fn next(times: &Times, content: &Content, looked: Option<&Preview>) -> Value {
    let mut chosen = content.next_update_at;
    let mut offers: Vec<Value> = Vec::new();
    for (minutes, label) in [(15, "15 min"), (30, "30 min"), (60, "1 hour")] {
        let at = times.ahead(minutes);
        let checked = chosen == Some(at);
        if checked {
            chosen = None;
        }
        offers.push(
            json!({ "at": at.to_string(), "label": format!("{label} · {}", times.near(at)), "checked": checked }),
        );
    }
    if let Some(at) = chosen {
        offers.insert(0, json!({ "at": at.to_string(), "label": times.full(at), "checked": true }));
    }
    // The time that works, where the promised one does not.
    let last = looked.map(|looked| looked.numbers.last_at);
    let works = match (content.next_update_at, last) {
        (Some(promised), Some(last)) if promised <= last || promised <= times.now => {
            let minutes = last.duration_since(times.now).as_secs().max(0) / 60 + 30;
            let at = times.ahead(minutes);
            Some(json!({ "at": at.to_string(), "label": times.full(at) }))
        }
        _ => None,
    };
    json!({ "offers": offers, "none": content.next_update_at.is_none(), "works": works,
        "last": last.map(|last| times.near(last)) })
}

fn variant(desk: &Desk, content: &Content, place: usize, segments: &[&str], slots: &mut Slots) -> Value {
    let known = &desk.app.config.organisation.locales;
    let variant = &content.variants[place];
    let options =
        segments.iter().map(|name| json!({ "name": name, "selected": variant.segment.as_deref() == Some(*name) }));
    let locales: Vec<Value> = known
        .iter()
        .filter_map(|locale| Some((locale, variant.facts.get(locale)?)))
        .map(|(locale, facts)| facts_view(desk, place, locale, facts, slots))
        .collect();
    let missing = known.iter().filter(|locale| !variant.facts.contains_key(*locale));
    json!({
        "place": place,
        "name": variant.name,
        "segment": variant.segment,
        "segments": options.collect::<Vec<_>>(),
        "removable": place > 0,
        "places": timing::places(content, place),
        "locales": locales,
        "missing": missing.map(|locale| json!({ "code": locale, "language": say("language", locale) })).collect::<Vec<_>>(),
    })
}

fn facts_view(desk: &Desk, place: usize, locale: &str, facts: &Facts, slots: &mut Slots) -> Value {
    let prefix = format!("v{place}.{locale}.");
    let mut copy = facts.clone();
    let mut fields: Vec<Value> = read::PROSE
        .iter()
        .map(|name| {
            let key = format!("{prefix}{name}");
            let text = read::prose(&mut copy, name).cloned().unwrap_or_default();
            let found = slots.take(&key);
            let wrong = found["findings"].as_array().is_some_and(|list| list.iter().any(|finding| finding["class"] == "block"));
            json!({ "key": key, "id": dashed(&key), "label": say("field", name), "hint": say("hint", name), "text": text,
                "line": *name == "headline", "found": found, "wrong": wrong })
        })
        .collect();
    let more = fields.split_off(FIRST);
    let more_open = more
        .iter()
        .any(|field| field["text"] != "" || field["found"]["findings"].as_array().is_some_and(|list| !list.is_empty()));
    let mut row_found = |key: String| slots.take(&key);
    let options: Vec<Value> = (0..(facts.options.len() + 1).clamp(3, 10))
        .map(|row| {
            let option = facts.options.get(row).cloned().unwrap_or_default();
            let key = format!("{prefix}options.{row}");
            json!({ "key": key, "id": dashed(&key), "text": option.text, "recommended": option.recommended, "reason": option.reason, "n": row + 1,
                "found": [row_found(format!("{key}.text")), row_found(format!("{key}.reason"))] })
        })
        .collect();
    let options_found = row_found(format!("{prefix}options"));
    let links: Vec<Value> = (0..(facts.links.len() + 1).clamp(1, 10))
        .map(|row| {
            let link = facts.links.get(row).cloned().unwrap_or_default();
            let key = format!("{prefix}links.{row}");
            json!({ "key": key, "id": dashed(&key), "label": link.label, "url": link.url, "n": row + 1,
                "found": [row_found(format!("{key}.label")), row_found(format!("{key}.url"))] })
        })
        .collect();
    let shorts: Vec<Value> = desk
        .app
        .channels()
        .into_iter()
        .filter(|channel| !matches!(channel, Channel::Email | Channel::StatusPage))
        .map(|channel| {
            let key = format!("{prefix}short.{channel}");
            json!({ "key": key, "id": dashed(&key), "label": say("channel", channel.as_str()),
                "text": facts.short.get(&channel).cloned().unwrap_or_default(), "found": row_found(key.clone()) })
        })
        .collect();
    json!({
        // Other languages are folded while nothing in them blocks: a phone shows one at a time.
        "open": locale == desk.app.default_locale() || fields.iter().any(|field| field["wrong"] == true || field["text"] == ""),
        "code": locale,
        "language": say("language", locale),
        "removable": locale != desk.app.default_locale(),
        "fields": fields,
        "more": more,
        "more_open": more_open,
        "options": options,
        "options_found": options_found,
        "links": links,
        "shorts": shorts,
        "shorts_open": !facts.short.is_empty(),
    })
}

/// Everything beside the facts: the texts, the table of facts, the numbers.
fn previews(desk: &Desk, times: &Times, content: &Content, id: i64, looked: &Preview) -> Value {
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
                    card["frame"] = json!(
                        (text.channel == Channel::Email)
                            .then(|| format!("/console/updates/{id}/mail/{place}/{locale}"))
                    );
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
        .filter(|text| text.message != MessageKind::Update)
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
        "suppressed": numbers.count.suppressed.iter().map(|(channel, n)| json!({ "label": say("channel", channel.as_str()), "n": n })).collect::<Vec<_>>(),
        "by_variant": content.variants.iter().zip(&numbers.count.by_variant).map(|(variant, n)| json!({ "name": variant.name, "n": n })).collect::<Vec<_>>(),
        "in_two": numbers.division.in_two,
        "in_two_examples": numbers.division.in_two_examples.join(", "),
        "in_none": numbers.division.in_none,
        "in_none_examples": numbers.division.in_none_examples.join(", "),
        "fallback": fallback.collect::<Vec<_>>(),
        "cost": (numbers.cost > 0.0).then(|| money(numbers.cost, &numbers.currency)),
        "last": length(seconds),
        "timing": timed(times, content, numbers),
        "refreshed": numbers.refreshed_at.map(|at| times.away(at)),
    })
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
        let cells = ordered.iter().map(|channel| say("presence", row.by_channel.get(channel).map_or("no", name)));
        json!({ "fact": say("fact", &fact(row.fact)), "cells": cells.collect::<Vec<_>>() })
    });
    json!({
        "name": if several { format!("{}, {}", parity.variant, say("language", &parity.locale)) } else { String::new() },
        "channels": ordered.iter().map(|channel| say("channel", channel.as_str())).collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
    })
}

/// The content as names and texts, for comparing two people's words.
pub(super) fn plain(content: &Content) -> Vec<(String, String)> {
    let mut texts = vec![("Where we are".to_owned(), say("status", content.status.as_str()).to_owned())];
    if let Some(at) = content.next_update_at {
        texts.push(("Next update".to_owned(), at.to_string()));
    }
    texts.push(("People who sleep".to_owned(), say("night", content.quiet_hours.as_str()).to_owned()));
    if let Some(minutes) = content.spread_minutes {
        texts.push(("Spread over".to_owned(), length(u64::from(minutes) * 60)));
    }
    for variant in &content.variants {
        for (locale, facts) in &variant.facts {
            for (field, text) in facts.prose().filter(|(_, text)| !text.is_empty()) {
                texts.push((
                    format!("{} ({}, {})", say("field", &field), variant.name, say("language", locale)),
                    text.to_owned(),
                ));
            }
        }
    }
    for (name, own) in [("Correction", &content.correction), ("“No news yet”", &content.holding)] {
        texts.extend(own.iter().map(|(locale, text)| (format!("{name} ({})", say("language", locale)), text.clone())));
    }
    texts
}
