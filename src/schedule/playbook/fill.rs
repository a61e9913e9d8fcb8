//! From a playbook and values to content: approved words, with checked values in the places that were approved for them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Change, Playbook, Stage, Variable, VariableKind};
use crate::{
    compose::{
        content::{Content, Facts, PlannedTime, Variant},
        staff::StaffSheet,
        status::{Kind, Status},
    },
    problem::Problem,
};

/// The most characters of a value in words.
pub const LONGEST_TEXT: usize = 200;
/// Minutes after the planned end of work until which its next word is promised.
const AFTERWARDS: u32 = 30;

/// What somebody asks of a playbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AskedOfPlaybook")]
pub struct Asked {
    /// The stage.
    pub stage: Status,
    /// The values by the variables' names. One that is left out takes the first choice, where there are choices.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Minutes to the next update; left out, the first that the stage offers.
    #[serde(default)]
    pub next_update_minutes: Option<u32>,
    /// Of planned work: when it begins and ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<PlannedTime>,
    /// Of planned work: what of the plan has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

impl Asked {
    /// A stage with values.
    pub fn new(stage: Status, values: BTreeMap<String, String>) -> Asked {
        Asked { stage, values, next_update_minutes: None, window: None, change: None }
    }
}

/// A bound that was passed, and why, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exceeded {
    /// Which bound: `value`, `channels`, `audience`, `rate`, `sender`, `sign_off`, `next_update`; of a machine also
    /// `component`, `approval`, `expired`, `retired`, `stopped`, and of a timer `late`, `before`, `owner`.
    pub bound: String,
    /// Why, in words.
    pub detail: String,
}

impl Exceeded {
    /// One.
    pub fn new(bound: &str, detail: impl Into<String>) -> Exceeded {
        Exceeded { bound: bound.to_owned(), detail: detail.into() }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Filled {
    /// What is said. Its channels are the bounds'.
    pub content: Content,
    /// What was asked, with every value as it was taken.
    pub asked: Asked,
    /// The values that lie outside their bounds.
    pub exceeded: Vec<Exceeded>,
    /// The instant from which its times were counted.
    pub at: Timestamp,
}

/// A checked value: how it is kept, what it reads as by locale, and what of it is out of bounds.
struct Value {
    kept: String,
    texts: BTreeMap<String, String>,
    outside: Option<String>,
}

/// Fills the content of a stage. The same playbook, question and instant always give the same.
///
/// # Errors
/// 422 at what cannot be used at all; a value that only lies outside its bounds is told in [`Filled::exceeded`].
pub fn fill(playbook: &Playbook, asked: &Asked, at: Timestamp, zone: &TimeZone) -> Result<Filled, Problem> {
    let Some(stage) = playbook.said(asked) else {
        let known: Vec<&str> = playbook.stages.keys().map(|stage| stage.as_str()).collect();
        let detail = format!(
            "“{}” says nothing for {}; its stages are {}",
            playbook.name,
            asked.stage.as_str(),
            known.join(", ")
        );
        return Err(Problem::invalid("/stage", detail));
    };
    if asked.window.is_some() && asked.stage.kind() != Kind::Maintenance {
        return Err(Problem::invalid("/window", "only planned work has a beginning and an end that are told before"));
    }
    if let Some(name) = asked.values.keys().find(|name| playbook.variables.iter().all(|known| known.name != **name)) {
        let known: Vec<&str> = playbook.variables.iter().map(|known| known.name.as_str()).collect();
        let detail = format!("there is no variable {name:?}; the variables are {}", known.join(", "));
        return Err(Problem::invalid(format!("/values/{name}"), detail));
    }
    let (mut exceeded, mut kept, mut texts) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let mut components = BTreeMap::from([(playbook.component, stage.component_status)]);
    for variable in &playbook.variables {
        let typed = asked.values.get(&variable.name).map_or("", |value| value.trim());
        let value = value(variable, typed, at, zone)?;
        if let Some(outside) = value.outside {
            exceeded.push(Exceeded::new("value", format!("{} {outside}", variable.question)));
        }
        if let (VariableKind::Component { .. }, Ok(id)) = (&variable.kind, value.kept.parse()) {
            components.insert(id, stage.component_status);
        }
        kept.insert(variable.name.clone(), value.kept);
        texts.insert(variable.name.as_str(), value.texts);
    }
    let minutes = asked.next_update_minutes.or(stage.next_update_minutes.first().copied());
    if let Some(minutes) = minutes.filter(|minutes| !stage.next_update_minutes.contains(minutes)) {
        exceeded.push(Exceeded::new(
            "next_update",
            format!("The next update in {minutes} min is not one of the times approved."),
        ));
    }
    let content = Content {
        status: asked.stage,
        components,
        variants: vec![Variant {
            name: "everyone".to_owned(),
            segment: None,
            list: Default::default(),
            subscribers: Default::default(),
            stage: 0,
            facts: stage
                .facts
                .iter()
                .map(|(locale, facts)| (locale.clone(), facts_in(facts, locale, &texts)))
                .collect(),
        }],
        channels: playbook.bounds.channels.clone(),
        next_update_at: minutes.map(|minutes| ahead(at, minutes)).or_else(|| after(asked)),
        window: asked.window,
        contact_routes: Vec::new(),
        severity: playbook.severity,
        start_at: None,
        quiet_hours: Default::default(),
        spread_minutes: None,
        stage_percent: None,
        required_by_law: None,
        replaces_everywhere: None,
        correction: correction(stage, &texts),
        holding: BTreeMap::new(),
        staff: staff(stage, &texts),
        kept_findings: BTreeMap::new(),
        over_ceiling: None,
    };
    let asked = Asked { values: kept, next_update_minutes: minutes, ..asked.clone() };
    Ok(Filled { content, asked, exceeded, at })
}

/// So many minutes later, rounded up to five: a promise is a time that people can say.
fn ahead(at: Timestamp, minutes: u32) -> Timestamp {
    let second = (at + SignedDuration::from_mins(i64::from(minutes))).as_second();
    Timestamp::from_second((second + 299).div_euclid(300) * 300).unwrap_or(at)
}

/// Work that goes on has its next word once it is to be over, with some time for that to be said.
fn after(asked: &Asked) -> Option<Timestamp> {
    let goes_on = matches!(asked.stage, Status::InProgress | Status::Verifying);
    asked.window.filter(|_| goes_on).map(|window| ahead(window.until, AFTERWARDS))
}

fn value(variable: &Variable, typed: &str, at: Timestamp, zone: &TimeZone) -> Result<Value, Problem> {
    let refuse = |detail: String| {
        Problem::invalid(format!("/values/{}", variable.name), format!("{} {detail}", variable.question))
    };
    let everywhere = |text: String| BTreeMap::from([(String::new(), text)]);
    match &variable.kind {
        VariableKind::Choice { options } => {
            let chosen = if typed.is_empty() { options.first() } else { options.iter().find(|one| one.label == typed) };
            let known = || options.iter().map(|one| one.label.as_str()).collect::<Vec<_>>().join("; ");
            let chosen = chosen.ok_or_else(|| refuse(format!("Choose one of: {}.", known())))?;
            Ok(Value { kept: chosen.label.clone(), texts: chosen.text.clone(), outside: None })
        }
        VariableKind::Number { min, max } => {
            let number: i64 =
                typed.parse().map_err(|_| refuse(format!("Give a whole number, from {min} to {max}.")))?;
            let outside =
                (!(*min..=*max).contains(&number)).then(|| format!("{number} is not between {min} and {max}."));
            Ok(Value { kept: number.to_string(), texts: everywhere(number.to_string()), outside })
        }
        VariableKind::Component { components } => {
            let chosen = if typed.is_empty() {
                components.first_key_value()
            } else {
                typed.parse().ok().and_then(|id: i64| components.get_key_value(&id))
            };
            let known = || components.iter().map(|(id, name)| format!("{id} ({name})")).collect::<Vec<_>>().join("; ");
            let (id, name) = chosen.ok_or_else(|| refuse(format!("Choose one of: {}.", known())))?;
            Ok(Value { kept: id.to_string(), texts: everywhere(name.clone()), outside: None })
        }
        VariableKind::Time { from_minutes, to_minutes } => {
            let instant = time(typed, at, zone, (*from_minutes, *to_minutes))
                .ok_or_else(|| refuse("Give a time of day, like 14:30.".to_owned()))?;
            let minutes = instant.duration_since(at).as_secs().div_euclid(60);
            let outside = (minutes < *from_minutes || minutes > *to_minutes).then(|| {
                format!("The time lies {minutes} min from now; {from_minutes} to {to_minutes} min are approved.")
            });
            let text = instant.to_zoned(zone.clone()).strftime("%H:%M").to_string();
            Ok(Value { kept: instant.to_string(), texts: everywhere(text), outside })
        }
        VariableKind::Text { pattern, max_length } => {
            if typed.is_empty() || typed.chars().count() > LONGEST_TEXT || typed.chars().any(is_unfit) {
                return Err(refuse(format!("Give one line of 1 to {max_length} characters.")));
            }
            let lower = typed.to_lowercase();
            if typed.contains('@') || lower.contains("://") || lower.contains("www.") {
                return Err(refuse("Leave out mail and web addresses: nothing of one person belongs here, and links are approved in advance.".to_owned()));
            }
            let long = typed.chars().count() > *max_length;
            let matches = whole(pattern).is_some_and(|pattern| pattern.is_match(typed));
            let outside = (long || !matches)
                .then(|| format!("“{typed}” is longer than {max_length} characters, or not of the approved form."));
            Ok(Value { kept: typed.to_owned(), texts: everywhere(typed.to_owned()), outside })
        }
    }
}

/// The pattern, for a whole value.
pub(super) fn whole(pattern: &str) -> Option<Regex> {
    regex::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(1 << 20).build().ok()
}

/// Control characters, and those that turn the direction of writing or are not seen.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}')
}

/// An instant; or a time of day, as the one that lies nearest to the middle of what is approved.
fn time(typed: &str, at: Timestamp, zone: &TimeZone, (from, to): (i64, i64)) -> Option<Timestamp> {
    if let Ok(instant) = typed.parse::<Timestamp>() {
        return Some(instant);
    }
    let clock: jiff::civil::Time = typed.parse().ok()?;
    let middle = at + SignedDuration::from_mins((from + to) / 2);
    let today = at.to_zoned(zone.clone()).date();
    [today.yesterday().ok()?, today, today.tomorrow().ok()?]
        .into_iter()
        .filter_map(|day| Some(zone.to_ambiguous_zoned(day.to_datetime(clock)).compatible().ok()?.timestamp()))
        .min_by_key(|instant| instant.duration_since(middle).as_secs().unsigned_abs())
}

type Texts<'a> = BTreeMap<&'a str, BTreeMap<String, String>>;

/// The names of the places in a text, in order.
pub(super) fn places(text: &str) -> impl Iterator<Item = &str> {
    cut(text).filter_map(|(_, place)| place)
}

/// A text as runs of literal text, each with the place after it.
fn cut(mut text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let mut from = 0;
        while let Some(open) = text[from..].find('{').map(|at| from + at) {
            let close = text[open..].find('}').map(|at| open + at);
            if let Some(close) = close.filter(|close| is_name(&text[open + 1..*close])) {
                let (run, name) = (&text[..open], &text[open + 1..close]);
                text = &text[close + 1..];
                return Some((run, Some(name)));
            }
            from = open + 1;
        }
        Some((std::mem::take(&mut text), None))
    })
}

/// Puts values into one text, in one pass: a value is never read for places.
fn put(text: &str, locale: &str, texts: &Texts<'_>) -> String {
    let mut whole = String::with_capacity(text.len());
    for (run, place) in cut(text) {
        whole.push_str(run);
        let Some(name) = place else { continue };
        let language = locale.split('-').next().unwrap_or(locale);
        match texts.get(name) {
            Some(by_locale) => {
                let found = [locale, language, ""].iter().find_map(|key| by_locale.get(*key));
                whole.push_str(found.or_else(|| by_locale.values().next()).map_or("", String::as_str));
            }
            None => whole.push_str(&format!("{{{name}}}")),
        }
    }
    whole
}

fn correction(stage: &Stage, texts: &Texts<'_>) -> BTreeMap<String, String> {
    stage.correction.iter().map(|(locale, text)| (locale.clone(), put(text, locale, texts))).collect()
}

fn staff(stage: &Stage, texts: &Texts<'_>) -> BTreeMap<String, StaffSheet> {
    let filled = |(locale, sheet): (&String, &StaffSheet)| {
        let mut sheet = sheet.clone();
        sheet.each(&mut |text| *text = put(text, locale, texts));
        (locale.clone(), sheet)
    };
    stage.staff.iter().map(filled).collect()
}

fn facts_in(facts: &Facts, locale: &str, texts: &Texts<'_>) -> Facts {
    let mut facts = facts.clone();
    each(&mut facts, &mut |text| *text = put(text, locale, texts));
    facts
}

/// Every text of some facts that places may stand in.
pub(super) fn each(facts: &mut Facts, with: &mut dyn FnMut(&mut String)) {
    let Facts {
        headline,
        what_happened,
        impact,
        apology,
        why,
        doing,
        prevention,
        next_steps,
        risks,
        reassurance,
        options,
        links,
        short,
        confirmed: _,
    } = facts;
    for text in [headline, what_happened, impact, apology, why, doing, prevention, next_steps, risks, reassurance] {
        with(text);
    }
    for option in options {
        with(&mut option.text);
        with(&mut option.reason);
    }
    links.iter_mut().for_each(|link| with(&mut link.label));
    short.values_mut().for_each(with);
}
