//! An incident in plain text, for what has no page: feeds and the status API.

use std::fmt::Write as _;

use super::links;
use super::locale::pick;
use super::view::{Document, PublicIncident, PublicView};

/// What an incident is called now: its newest headline in a locale, else its title.
pub(super) fn headline<'a>(view: &PublicView, incident: &'a PublicIncident, locale: &str) -> &'a str {
    let newest = incident.newest_first();
    let mut said = newest.iter().filter_map(|update| pick(&update.documents, locale, &view.default_locale));
    let found = said.find(|(_, document)| !document.headline.is_empty());
    found.map_or(&incident.title, |(_, document)| &document.headline)
}

/// The incident's own page; None where the status page's address is none.
pub(super) fn address(view: &PublicView, incident: &PublicIncident) -> Option<String> {
    absolute(view, &format!("status/incidents/{}", incident.id))
}

/// The address of something on the status page's site.
pub(super) fn absolute(view: &PublicView, path: &str) -> Option<String> {
    let base = url::Url::parse(&links::page(&view.status_url)?).ok()?;
    Some(base.join("/").ok()?.join(path).ok()?.to_string())
}

/// An update's facts, each with its heading, parted by empty lines.
pub(super) fn plain(document: &Document) -> String {
    let mut text = document.headline.clone();
    for section in &document.sections {
        let label = section.label.trim();
        let colon = if label.is_empty() || label.ends_with([':', '.', '?', '!']) { "" } else { ":" };
        let gap = if label.is_empty() { "" } else { " " };
        let _ = write!(text, "\n\n{label}{colon}{gap}{}", section.text.trim());
    }
    text.trim().to_owned()
}
