//! The banner: what it says now, as JSON for any site to read.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::links;
use super::locale::pick;
use super::time::Times;
use super::view::{Banner, PublicView};
use super::words::{fill, words};
use crate::compose::content::Severity;

/// What `/banner.json` answers.
#[derive(Serialize)]
struct Answer<'a> {
    /// The shape of this answer. Scripts that know another show nothing.
    version: u8,
    banner: Option<Shown<'a>>,
}

/// The banner's words in one locale, with what goes with them.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: i64,
    severity: Severity,
    lang: &'a str,
    headline: &'a str,
    text: &'a str,
    /// Which ways to reach us are overloaded now, in the words approved with them; empty where none is.
    note: String,
    link: Option<String>,
    link_label: &'a str,
    /// The script's own words, so that it needs no catalogue.
    label: &'a str,
    dismiss: &'a str,
    /// When the next update is promised for, in words; empty where nothing is promised.
    next: String,
    next_update_at: Option<Timestamp>,
    updated_at: Timestamp,
    sequence: i64,
}

/// The body of `/banner.json` in one locale.
///
/// # Errors
///
/// None in practice: the answer holds nothing that JSON cannot write.
pub(super) fn json(view: &PublicView, locale: &str) -> Result<Bytes, serde_json::Error> {
    let banner = view.banner.as_ref().and_then(|banner| shown(banner, view, locale));
    serde_json::to_vec(&Answer { version: 1, banner }).map(Bytes::from)
}

/// The banner's words in one locale; None where it has none at all.
pub(super) fn shown<'a>(banner: &'a Banner, view: &'a PublicView, locale: &str) -> Option<Shown<'a>> {
    let (lang, text) = pick(&banner.texts, locale, &view.default_locale)?;
    let own = words(lang);
    let link_label = if text.link_label.is_empty() { &own.details } else { &text.link_label };
    Some(Shown {
        id: banner.id,
        severity: banner.severity,
        lang,
        headline: &text.headline,
        text: &text.text,
        note: note(view, lang),
        link: banner.link.as_deref().and_then(links::page),
        link_label,
        label: &own.banner,
        dismiss: &own.dismiss,
        next: next(banner, view, lang),
        next_update_at: banner.next_update_at,
        updated_at: banner.updated_at,
        sequence: banner.sequence,
    })
}

fn next(banner: &Banner, view: &PublicView, locale: &str) -> String {
    let own = words(locale);
    let time = banner.next_update_at.map(|at| Times::new(&view.time_zone, &own.time).deadline(at));
    time.map(|time| fill(&own.next_update, &[("time", &time)])).unwrap_or_default()
}

/// "Urgent payments: many are calling; the chat is faster." What was approved with the routes, and nothing else.
fn note(view: &PublicView, locale: &str) -> String {
    let mut routes: Vec<_> = view.routes.iter().filter(|route| route.overloaded).collect();
    routes.sort_by_key(|route| (route.position, route.id));
    let local = |texts| pick(texts, locale, &view.default_locale).map(|(_, text): (_, &String)| text.trim());
    let said = routes.into_iter().filter_map(|route| {
        let wording = local(&route.overloaded_wording).filter(|wording| !wording.is_empty())?;
        Some(format!("{}: {wording}", local(&route.need).unwrap_or_default()))
    });
    said.collect::<Vec<_>>().join(" · ")
}
