//! From the form to the content. What the form does not show is kept as it was.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;

use super::super::{form::Form, sheet, time::Times, words::text};
use crate::{
    app::App,
    audience::listed::OnList,
    compose::{
        content::{ChoiceOption, Content, Facts, Link, PlannedTime, Severity, StartAt, Subscribers, Variant},
        status::{ComponentStatus, Status},
    },
    pace::AtNight,
    problem::Problem,
};

/// Fields of prose, in the order of the page.
pub(in crate::console) const PROSE: [&str; 10] = [
    "headline",
    "what_happened",
    "impact",
    "apology",
    "doing",
    "why",
    "prevention",
    "next_steps",
    "risks",
    "reassurance",
];

/// Rows that a form may have for options and links, and variants of an update.
const MOST_ROWS: usize = 10;
/// Variants that a form may have.
const MOST_VARIANTS: usize = 8;

/// The field of some facts by its name.
pub(in crate::console) fn prose<'a>(facts: &'a mut Facts, name: &str) -> Option<&'a mut String> {
    Some(match name {
        "headline" => &mut facts.headline,
        "what_happened" => &mut facts.what_happened,
        "impact" => &mut facts.impact,
        "apology" => &mut facts.apology,
        "why" => &mut facts.why,
        "doing" => &mut facts.doing,
        "prevention" => &mut facts.prevention,
        "next_steps" => &mut facts.next_steps,
        "risks" => &mut facts.risks,
        "reassurance" => &mut facts.reassurance,
        _ => return None,
    })
}

/// What of a form could not be read, and all the rest of it.
pub(super) struct Wrong {
    /// What the form says otherwise.
    pub rest: Box<Content>,
    /// What cannot be read, and how to mend it.
    pub problem: Problem,
}

/// Reads the form over `base`, the content that it was made from.
///
/// # Errors
/// [`Wrong`] with a 422 at what cannot be read.
pub(super) fn content(app: &App, times: &Times, form: &Form, base: &Content) -> Result<Content, Wrong> {
    let mut content = base.clone();
    let mut problems = Vec::new();
    match Status::parse(form.get("status")) {
        Some(status) => content.status = status,
        None => problems.push(Problem::invalid("/status", text!("write-no-status"))),
    }
    content.severity = match form.get("severity") {
        "info" => Severity::Info,
        "critical" => Severity::Critical,
        _ => Severity::Warning,
    };
    for (id, status) in form.under("component.") {
        let Ok(id) = id.parse::<i64>() else { continue };
        match ComponentStatus::parse(status) {
            Some(status) => content.components.insert(id, status),
            None => content.components.remove(&id),
        };
    }
    let chosen: Vec<Channel> = form.all("channels").filter_map(Channel::parse).collect();
    content.channels = if chosen.len() == app.customer_channels().len() { Vec::new() } else { chosen };
    content.contact_routes = form.all("routes").filter_map(|id| id.parse().ok()).collect();
    match next(times, form) {
        Ok(at) => content.next_update_at = at,
        Err(problem) => problems.push(problem),
    }
    match start(app, times, form, base) {
        Ok(start) => content.start_at = start,
        Err(problem) => problems.push(problem),
    }
    match window(times, form) {
        Ok(window) => content.window = window,
        Err(problem) => problems.push(problem),
    }
    problems.extend(timing(form, &mut content).err());
    content.required_by_law = said(form.get("law"));
    content.over_ceiling = said(form.get("over_ceiling"));
    texts(form, "correction.", &mut content.correction);
    texts(form, "holding.", &mut content.holding);
    sheet::read(form, "staff.", &app.config.organisation.locales, &mut content.staff);
    texts(form, "kept.", &mut content.kept_findings);
    content.variants = variants(form, base);
    match problems.into_iter().next() {
        None => Ok(content),
        Some(problem) => Err(Wrong { rest: Box::new(content), problem }),
    }
}

fn start(app: &App, times: &Times, form: &Form, base: &Content) -> Result<Option<StartAt>, Problem> {
    let text = form.get("start");
    if text.is_empty() {
        return Ok(None);
    }
    let detail = || text!("write-bad-start", typed = format!("{text:?}"));
    let at = times.parse(text).ok_or_else(|| Problem::invalid("/start_at", detail()))?;
    let zone = base.start_at.as_ref().map_or(&app.config.organisation.time_zone, |start| &start.zone);
    Ok(Some(StartAt { at, zone: zone.clone() }))
}

/// When planned work begins and ends.
fn window(times: &Times, form: &Form) -> Result<Option<PlannedTime>, Problem> {
    let read = |name: &str| {
        let typed = form.get(name);
        let wrong = || Problem::invalid("/window", text!("write-bad-window", typed = format!("{typed:?}")));
        if typed.is_empty() { Ok(None) } else { times.parse(typed).map(Some).ok_or_else(wrong) }
    };
    match (read("window_from")?, read("window_until")?) {
        (None, None) => Ok(None),
        (Some(from), Some(until)) => Ok(Some(PlannedTime { from, until })),
        _ => Err(Problem::invalid("/window", text!("write-half-window"))),
    }
}

fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Writes every field under `prefix` into the map; an emptied one is taken out.
fn texts(form: &Form, prefix: &str, into: &mut BTreeMap<String, String>) {
    for (name, text) in form.under(prefix) {
        if text.trim().is_empty() {
            into.remove(name);
        } else {
            into.insert(name.to_owned(), text.trim().to_owned());
        }
    }
}

/// The promise: one of the offered times, or another one.
fn next(times: &Times, form: &Form) -> Result<Option<Timestamp>, Problem> {
    let other = form.get("next_other");
    let wrong = || {
        let detail = text!("write-bad-next", typed = format!("{other:?}"));
        Problem::invalid("/next_update_at", detail)
    };
    match form.get("next") {
        "" | "other" if !other.is_empty() => times.parse(other).map(Some).ok_or_else(wrong),
        "" | "other" => Ok(None),
        at => at.parse().map(Some).map_err(|_| wrong()),
    }
}

fn variants(form: &Form, base: &Content) -> Vec<Variant> {
    let mut variants = Vec::new();
    for place in 0..MOST_VARIANTS {
        let prefix = format!("v{place}.");
        let Some(name) = form.raw(&format!("{prefix}name")) else { break };
        let before = base.variants.get(place);
        let mut locales: Vec<&str> = Vec::new();
        for (rest, _) in form.under(&prefix) {
            if let Some(locale) = rest.strip_suffix(".headline") {
                locales.push(locale);
            }
        }
        let facts = locales.into_iter().map(|locale| {
            let kept = before.and_then(|variant| variant.facts.get(locale)).cloned().unwrap_or_default();
            (locale.to_owned(), facts(form, &format!("{prefix}{locale}."), kept))
        });
        variants.push(Variant {
            name: name.trim().to_owned(),
            segment: said(form.get(&format!("{prefix}segment"))),
            list: OnList::parse(form.get(&format!("{prefix}list")))
                .unwrap_or_else(|| before.map_or(OnList::default(), |before| before.list)),
            subscribers: Subscribers::parse(form.get(&format!("{prefix}subscribers")))
                .unwrap_or_else(|| before.map_or(Subscribers::default(), |before| before.subscribers)),
            stage: stage(form, &prefix, before),
            facts: facts.collect(),
        });
    }
    variants
}

/// What is chosen about time; a form without a field leaves it as it was.
fn timing(form: &Form, content: &mut Content) -> Result<(), Problem> {
    content.quiet_hours = match form.get("quiet_hours") {
        "now" => AtNight::Now,
        "morning" => AtNight::Morning,
        "not_at_all" => AtNight::NotAtAll,
        _ => content.quiet_hours,
    };
    if let Some(text) = form.raw("spread_hours").map(str::trim) {
        let hours = text.replace(',', ".").parse::<f64>().ok().filter(|hours| *hours > 0.0);
        if hours.is_none() && !text.is_empty() {
            return Err(Problem::invalid("/spread_minutes", text!("write-bad-spread", typed = format!("{text:?}"))));
        }
        content.spread_minutes = hours.map(|hours| (hours * 60.0).round() as u32);
    }
    if let Some(text) = form.raw("stage_percent").map(str::trim) {
        let percent = text.trim_end_matches('%').trim_end().parse().ok();
        if percent.is_none() && !text.is_empty() {
            return Err(Problem::invalid("/stage_percent", text!("write-bad-percent")));
        }
        content.stage_percent = percent;
    }
    Ok(())
}

/// The place of a group among those that go one after the other.
fn stage(form: &Form, prefix: &str, before: Option<&Variant>) -> u8 {
    let kept = before.map_or(0, |variant| variant.stage);
    form.raw(&format!("{prefix}stage")).map_or(kept, |text| text.trim().parse().unwrap_or(kept))
}

/// Reads the fields under `prefix` over `facts`.
pub(in crate::console) fn facts(form: &Form, prefix: &str, mut facts: Facts) -> Facts {
    for name in PROSE {
        if let (Some(text), Some(field)) = (form.raw(&format!("{prefix}{name}")), prose(&mut facts, name)) {
            text.trim().clone_into(field);
        }
    }
    let get = |name: String| form.get(&format!("{prefix}{name}")).to_owned();
    facts.options = (0..MOST_ROWS)
        .map(|row| ChoiceOption {
            text: get(format!("options.{row}.text")),
            recommended: !get(format!("options.{row}.recommended")).is_empty(),
            reason: get(format!("options.{row}.reason")),
        })
        .filter(|option| !option.text.is_empty() || !option.reason.is_empty())
        .collect();
    facts.links = (0..MOST_ROWS)
        .map(|row| Link { label: get(format!("links.{row}.label")), url: get(format!("links.{row}.url")) })
        .filter(|link| !link.label.is_empty() || !link.url.is_empty())
        .collect();
    for (name, text) in form.under(&format!("{prefix}short.")) {
        let Some(channel) = Channel::parse(name) else { continue };
        match text.trim() {
            "" => facts.short.remove(&channel),
            text => facts.short.insert(channel, text.to_owned()),
        };
    }
    let mut confirmed = facts.confirmed.clone();
    texts(form, &format!("{prefix}confirmed."), &mut confirmed);
    facts.confirmed = confirmed;
    facts
}
