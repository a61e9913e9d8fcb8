//! The parts of which pages are made, as the templates see them.

use std::cmp::Reverse;

use serde::Serialize;

use super::super::links::{Run, paragraphs};
use super::super::locale::{language, pick};
use super::super::view::{Document, PublicIncident, PublicUpdate};
use super::super::words::{fill, spoken};
use super::frame::Frame;
use crate::compose::content::Severity;
use crate::compose::status::{Status, Step};
use crate::schedule::promise::standing::in_time;

/// The coloured head of a page: what is the matter, and when we speak next.
#[derive(Serialize)]
pub(super) struct Hero {
    /// `ok`, `info`, `warn` or `bad`: its colour.
    pub tone: &'static str,
    /// What is the matter.
    pub headline: String,
    /// The language of the headline and the text, where it is not the page's.
    pub lang: Option<String>,
    /// The first fact.
    pub prose: Vec<Vec<Run>>,
    /// The next promise.
    pub next: Option<Due>,
}

/// An instant that a promise speaks of.
#[derive(Serialize)]
pub(super) struct Due {
    /// The whole sentence.
    pub text: String,
    /// The instant (RFC 3339).
    pub at: String,
}

/// One update.
#[derive(Serialize)]
pub(super) struct Update {
    number: i64,
    heading: String,
    headline: Option<String>,
    time: String,
    at: String,
    note: Option<Note>,
    lang: Option<String>,
    prose: Vec<Vec<Run>>,
}

/// What stands beside an update's time.
#[derive(Serialize)]
struct Note {
    text: String,
    late: bool,
}

/// A line for an incident that has a page of its own.
#[derive(Serialize)]
pub(super) struct Line {
    title: String,
    lang: Option<String>,
    href: String,
    status: String,
    due: Option<Due>,
}

impl Line {
    /// The incident's name in it.
    pub fn title(&self) -> &str {
        &self.title
    }
}

/// The colour of an open incident.
pub(super) fn tone(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warn",
        Severity::Critical => "bad",
    }
}

/// The head of an incident.
pub(super) fn hero(frame: &Frame<'_>, incident: &PublicIncident) -> Hero {
    let latest = incident.newest_first().first().and_then(|update| document(frame, update));
    let (headline, lang) = headline(frame, incident);
    let open = !incident.status.is_final();
    let summary = latest.and_then(|(_, document)| document.sections.first());
    Hero {
        tone: if open { tone(incident.severity) } else { "ok" },
        headline,
        lang,
        prose: summary.map(|section| paragraphs("", &section.text)).unwrap_or_default(),
        next: incident.next_update_at.filter(|_| open).map(|at| Due {
            text: fill(&frame.words.next_update, &[("time", &frame.times.deadline(at))]),
            at: at.to_string(),
        }),
    }
}

/// What customers were told, the newest first.
pub(super) fn updates(frame: &Frame<'_>, incident: &PublicIncident) -> Vec<Update> {
    let newest_first = incident.newest_first();
    newest_first.iter().enumerate().map(|(place, update)| one_update(frame, incident, update, place == 0)).collect()
}

/// One update. The newest one's headline is the page's, and is not said twice.
fn one_update(frame: &Frame<'_>, incident: &PublicIncident, update: &PublicUpdate, newest: bool) -> Update {
    let found = document(frame, update);
    let sections = found.iter().flat_map(|(_, document)| &document.sections);
    let headline = found.map(|(_, document)| document.headline.clone());
    Update {
        number: update.number,
        heading: frame.words.heading(update.step, update.status).to_owned(),
        headline: headline.filter(|headline| !newest && !headline.is_empty()),
        time: frame.times.moment(update.at),
        at: update.at.to_string(),
        note: note(frame, incident, update),
        lang: found.and_then(|(locale, _)| foreign(frame, locale)),
        prose: sections.flat_map(|section| paragraphs(&section.label, &section.text)).collect(),
    }
}

/// Whether the update kept its promise; for the first, how long after the beginning it came.
fn note(frame: &Frame<'_>, incident: &PublicIncident, update: &PublicUpdate) -> Option<Note> {
    let times = &frame.times;
    if let Some(promised) = update.promised_before {
        let late = !in_time(promised, update.at);
        let pattern = if late { &frame.words.late } else { &frame.words.kept };
        let values = [("time", times.near(promised, update.at)), ("late", times.length(promised, update.at))];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        return Some(Note { text: fill(pattern, &values), late });
    }
    let began_before = update.step == Step::First && incident.started_at <= update.at;
    began_before.then(|| Note {
        text: fill(&frame.words.after_start, &[("duration", &times.length(incident.started_at, update.at))]),
        late: false,
    })
}

/// A line for an open or announced incident.
pub(super) fn line(frame: &Frame<'_>, incident: &PublicIncident) -> Line {
    let (due, pattern) = match incident.status {
        Status::Scheduled => (Some(incident.started_at), &frame.words.planned_for),
        _ => (incident.next_update_at, &frame.words.next_update),
    };
    let text = |at| match incident.planned_until {
        Some(until) if incident.status == Status::Scheduled => frame.times.span(at, until),
        _ => fill(pattern, &[("time", &frame.times.deadline(at))]),
    };
    linked(
        frame,
        incident,
        frame.words.status(incident.status).to_owned(),
        due.map(|at| Due { text: text(at), at: at.to_string() }),
    )
}

/// Lines for what is over, the newest first, `limit` at most.
pub(super) fn past(frame: &Frame<'_>, limit: usize) -> Vec<Line> {
    let mut over: Vec<_> = frame.view.incidents.iter().filter(|incident| incident.status.is_final()).collect();
    over.sort_by_key(|incident| Reverse((ended(incident), incident.id)));
    over.into_iter().take(limit).map(|incident| past_line(frame, incident)).collect()
}

fn past_line(frame: &Frame<'_>, incident: &PublicIncident) -> Line {
    let end = ended(incident);
    let times = &frame.times;
    // Planned work that was called off ended before it began.
    let start = incident.started_at.min(end);
    let from = format!("{}, {}", times.date(start), times.near(start, start));
    let to = times.near(end, start);
    let values = [("status", frame.words.status(incident.status)), ("from", &from), ("to", &to)];
    linked(frame, incident, fill(&frame.words.over, &values), None)
}

fn ended(incident: &PublicIncident) -> jiff::Timestamp {
    let latest = incident.newest_first().first().map(|update| update.at);
    incident.resolved_at.or(latest).unwrap_or(incident.started_at)
}

fn linked(frame: &Frame<'_>, incident: &PublicIncident, status: String, due: Option<Due>) -> Line {
    let (title, lang) = headline(frame, incident);
    Line { title, lang, href: frame.link(&format!("/status/incidents/{}", incident.id)), status, due }
}

/// What an incident is called now: its newest headline in the reader's language, else its title.
fn headline(frame: &Frame<'_>, incident: &PublicIncident) -> (String, Option<String>) {
    let newest = incident.newest_first();
    let found = newest.iter().find_map(|update| document(frame, update).filter(|(_, text)| !text.headline.is_empty()));
    match found {
        Some((locale, document)) => (document.headline.clone(), foreign(frame, locale)),
        None => (incident.title.clone(), None),
    }
}

fn document<'a>(frame: &Frame<'_>, update: &'a PublicUpdate) -> Option<(&'a str, &'a Document)> {
    pick(&update.documents, frame.locale, &frame.view.default_locale)
}

/// The language to mark a text with, where it is not the page's (WCAG 2.2, 3.1.2).
pub(super) fn foreign(frame: &Frame<'_>, locale: &str) -> Option<String> {
    (!language(locale).eq_ignore_ascii_case(spoken(frame.locale))).then(|| locale.to_owned())
}
