//! What stands around every page: its title, its languages, its way back.

use serde::Serialize;

use super::super::links;
use super::super::time::Times;
use super::super::view::PublicView;
use super::super::words::{Words, fill, name, spoken, words};

/// What a page is made from.
pub(super) struct Frame<'a> {
    /// What is published.
    pub view: &'a PublicView,
    /// The reader's locale, one of those offered.
    pub locale: &'a str,
    /// The page's own words.
    pub words: &'static Words,
    /// How it writes times.
    pub times: Times<'static>,
    path: &'a str,
}

/// The frame as the templates see it.
#[derive(Serialize)]
pub(super) struct FrameView<'a> {
    lang: &'a str,
    title: String,
    name: String,
    languages: Vec<Language<'a>>,
    languages_name: &'a str,
    skip: &'a str,
    home: String,
    canonical: Option<String>,
    yours: &'a str,
    foot: String,
}

#[derive(Serialize)]
struct Language<'a> {
    code: &'a str,
    name: &'a str,
    href: String,
    current: bool,
}

impl<'a> Frame<'a> {
    /// For one page of a view.
    pub fn new(view: &'a PublicView, locale: &'a str, path: &'a str) -> Self {
        let words = words(locale);
        Self { view, locale, words, times: Times::new(&view.time_zone, &words.time), path }
    }

    /// The frame, with the title of the page in it.
    pub fn titled(&self, title: &str) -> FrameView<'a> {
        let name = fill(&self.words.page, &[("organisation", &self.view.organisation)]);
        FrameView {
            lang: spoken(self.locale),
            title: format!("{title} · {name}"),
            name,
            languages: self.languages(),
            languages_name: &self.words.languages,
            skip: &self.words.skip,
            home: self.link("/status"),
            canonical: links::page(&self.view.status_url),
            yours: &self.words.yours,
            foot: fill(&self.words.foot, &[("zone", &self.times.zone_name)]),
        }
    }

    /// The address of another page in the reader's language.
    pub fn link(&self, path: &str) -> String {
        format!("{path}?lang={}", self.locale)
    }

    /// The offered languages; none where there is no choice.
    fn languages(&self) -> Vec<Language<'a>> {
        let language = |code: &'a String| Language {
            code,
            name: name(code),
            href: format!("{}?lang={code}", self.path),
            current: code == self.locale,
        };
        let offered = &self.view.locales;
        if offered.len() < 2 { Vec::new() } else { offered.iter().map(language).collect() }
    }
}
