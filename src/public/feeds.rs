//! `/feed.atom` (RFC 4287) and `/feed.rss` (RSS 2.0): one entry an incident, the newest change first. An entry keeps
//! its id for ever, and a feed's time changes only when something in it did.

use bytes::Bytes;
use handlebars::{Handlebars, RenderError};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::sync::LazyLock;

use super::locale::pick;
use super::text;
use super::view::{PublicIncident, PublicView};
use super::words::{fill, words};

/// How many incidents a feed has.
const LISTED: usize = 50;

/// The two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Format {
    /// RFC 4287.
    Atom,
    /// RSS 2.0.
    Rss,
}

impl Format {
    /// Each with its path.
    pub const ALL: [(&'static str, Format); 2] = [("/feed.atom", Format::Atom), ("/feed.rss", Format::Rss)];

    /// What it is served as.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Atom => "application/atom+xml; charset=utf-8",
            Format::Rss => "application/rss+xml; charset=utf-8",
        }
    }
}

/// The templates. All text is escaped.
static TEMPLATES: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    for (name, text) in [("/feed.atom", include_str!("feeds/atom.hbs")), ("/feed.rss", include_str!("feeds/rss.hbs"))] {
        templates.register_template_string(name, text).expect("the templates are part of the program and tested");
    }
    templates
});

#[derive(Serialize)]
struct Feed {
    lang: String,
    id: String,
    title: String,
    author: String,
    home: String,
    own: String,
    updated: String,
    updated_mail: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    title: String,
    link: String,
    published: String,
    published_mail: String,
    updated: String,
    status: String,
    summary: String,
}

/// A feed in a locale.
///
/// # Errors
/// None in practice: the templates are part of the program, and tests render them.
pub(super) fn xml(view: &PublicView, format: Format, locale: &str) -> Result<Bytes, RenderError> {
    let path = Format::ALL.iter().find(|(_, known)| *known == format).map_or("", |(path, _)| *path);
    TEMPLATES.render(path, &feed(view, path, locale)).map(Bytes::from)
}

fn feed(view: &PublicView, path: &str, locale: &str) -> Feed {
    let own = words(locale);
    let address = |path: &str| text::absolute(view, path).unwrap_or_default();
    let mut incidents: Vec<&PublicIncident> = view.incidents.iter().filter(|one| !one.updates.is_empty()).collect();
    incidents.sort_by_key(|incident| std::cmp::Reverse((incident.changed_at(), incident.id)));
    let updated = incidents.first().map_or(Timestamp::UNIX_EPOCH, |incident| incident.changed_at());
    Feed {
        lang: locale.to_owned(),
        id: address("feed.atom"),
        title: xml_text(&fill(&own.page, &[("organisation", &view.organisation)])),
        author: xml_text(&view.organisation),
        home: address("status"),
        own: address(&format!("{}?lang={locale}", path.trim_start_matches('/'))),
        updated: updated.to_string(),
        updated_mail: mail_date(updated),
        entries: incidents.into_iter().take(LISTED).map(|incident| entry(view, incident, locale)).collect(),
    }
}

fn entry(view: &PublicView, incident: &PublicIncident, locale: &str) -> Entry {
    let own = words(locale);
    let newest_first = incident.newest_first();
    let said = newest_first.iter().filter_map(|update| {
        let (_, document) = pick(&update.documents, locale, &view.default_locale)?;
        let heading = own.heading(update.step, update.status);
        Some(format!("{heading} ({})\n{}", update.at, text::plain(document)))
    });
    let published = newest_first.last().map_or(incident.started_at, |update| update.at);
    let link = text::address(view, incident).unwrap_or_default();
    Entry {
        id: link.clone(),
        title: xml_text(text::headline(view, incident, locale)),
        link,
        published: published.to_string(),
        published_mail: mail_date(published),
        updated: incident.changed_at().to_string(),
        status: own.status(incident.status).to_owned(),
        summary: xml_text(&said.collect::<Vec<_>>().join("\n\n")),
    }
}

/// What XML 1.0 can hold at all (section 2.2): some control characters cannot even be escaped.
fn xml_text(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(allowed).collect()
}

/// A date as RSS wants it (RFC 822 with four digits for the year).
fn mail_date(at: Timestamp) -> String {
    DateTimePrinter::new().zoned_to_string(&at.to_zoned(TimeZone::UTC)).unwrap_or_default()
}
