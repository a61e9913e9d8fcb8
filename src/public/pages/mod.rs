//! The status page's pages, rendered on the server from the published view alone. The same view and locale give the
//! same bytes, so a page, its ETag and its published copy agree.

mod days;
mod frame;
mod history;
mod incident;
mod missing;
mod now;
mod parts;
mod subscribe;

use std::sync::LazyLock;

use bytes::Bytes;
use handlebars::{Handlebars, RenderError};
use serde::Serialize;

use super::view::PublicView;
use frame::Frame;
pub(super) use frame::Place;
pub use subscribe::SubscribePage;

/// The templates. Strict: a name that a page does not give is an error and never an empty place; all text is escaped.
static TEMPLATES: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    for (name, text) in [
        ("head", include_str!("head.hbs")),
        ("foot", include_str!("foot.hbs")),
        ("prose", include_str!("prose.hbs")),
        ("hero", include_str!("hero.hbs")),
        ("updates", include_str!("updates.hbs")),
        ("past", include_str!("past.hbs")),
        ("now", include_str!("now.hbs")),
        ("invitation", include_str!("invitation.hbs")),
        ("to", include_str!("to.hbs")),
        ("subscribe", include_str!("subscribe.hbs")),
        ("incident", include_str!("incident.hbs")),
        ("history", include_str!("history.hbs")),
        ("missing", include_str!("missing.hbs")),
    ] {
        templates.register_template_string(name, text).expect("the templates are part of the program and tested");
    }
    templates
});

/// The first page: what is open, how to reach us, how the components do.
pub(super) fn now(view: &PublicView, locale: &str, at: Place<'_>) -> Result<Bytes, RenderError> {
    render("now", &now::page(&Frame::new(view, locale, "/status", at)))
}

/// All that is over.
pub(super) fn history(view: &PublicView, locale: &str, at: Place<'_>) -> Result<Bytes, RenderError> {
    render("history", &history::page(&Frame::new(view, locale, "/status/history", at)))
}

/// One incident, by its place in the view.
pub(super) fn incident(view: &PublicView, locale: &str, at: Place<'_>, place: usize) -> Result<Bytes, RenderError> {
    let Some(shown) = view.incidents.get(place) else { return missing(view, locale, at) };
    let path = format!("/status/incidents/{}", shown.id);
    render("incident", &incident::page(&Frame::new(view, locale, &path, at), shown))
}

/// For an address that leads nowhere.
pub(super) fn missing(view: &PublicView, locale: &str, at: Place<'_>) -> Result<Bytes, RenderError> {
    render("missing", &missing::page(&Frame::new(view, locale, "/status", at)))
}

/// A page about subscribing, which is at this address of the daemon.
pub(super) fn subscribe(
    view: &PublicView,
    locale: &str,
    path: &str,
    shown: &SubscribePage<'_>,
) -> Result<Bytes, RenderError> {
    render("subscribe", &subscribe::page(&Frame::new(view, locale, path, Place::Live), shown))
}

fn render(template: &str, page: &impl Serialize) -> Result<Bytes, RenderError> {
    TEMPLATES.render(template, page).map(Bytes::from)
}
