//! What stands around every page: its title, its languages, its way back.

use serde::Serialize;

use super::super::links::{self, Run};
use super::super::text;
use super::super::time::Times;
use super::super::view::PublicView;
use super::super::words::{Words, fill, name, spoken, words};

/// Where a page will be read, which decides how it names its neighbours.
#[derive(Clone, Copy)]
pub(in super::super) enum Place<'a> {
    /// From the daemon, which is told the language.
    Live,
    /// From a file, whose language is a folder; with the way from the page to the copy's root (`../`, or nothing).
    Copy(&'a str),
}

impl<'a> Place<'a> {
    /// The address of a page in a language.
    fn page(self, path: &str, locale: &str) -> String {
        match self {
            Place::Live => format!("{path}?lang={locale}"),
            Place::Copy(root) => format!("{root}{}", file(path, locale)),
        }
    }

    /// What stands before the name of a file that belongs to all pages.
    fn root(self) -> &'a str {
        match self {
            Place::Live => "/",
            Place::Copy(root) => root,
        }
    }
}

/// The file of a page in a copy.
pub(in super::super) fn file(path: &str, locale: &str) -> String {
    match path.strip_prefix("/status/") {
        Some(rest) => format!("{locale}/{rest}.html"),
        None => format!("{locale}/index.html"),
    }
}

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
    at: Place<'a>,
}

/// The frame as the templates see it.
#[derive(Serialize)]
pub(super) struct FrameView<'a> {
    lang: &'a str,
    root: &'a str,
    feed: String,
    title: String,
    name: String,
    languages: Vec<Language<'a>>,
    languages_name: &'a str,
    locale: String,
    address: Option<String>,
    description: String,
    also_as: &'a str,
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

impl FrameView<'_> {
    /// The same with what a shared link shows of the page: its first fact, as plain text.
    pub fn describing(self, prose: &[Vec<Run>]) -> Self {
        let first = prose.first().into_iter().flatten().map(|run| run.text.as_str());
        Self { description: first.collect(), ..self }
    }
}

impl<'a> Frame<'a> {
    /// For one page of a view.
    pub fn new(view: &'a PublicView, locale: &'a str, path: &'a str, at: Place<'a>) -> Self {
        let words = words(locale);
        Self { view, locale, words, times: Times::new(&view.time_zone, &words.time), path, at }
    }

    /// The frame, with the title of the page in it.
    pub fn titled(&self, title: &str) -> FrameView<'a> {
        let name = fill(&self.words.page, &[("organisation", &self.view.organisation)]);
        FrameView {
            lang: spoken(self.locale),
            root: self.at.root(),
            feed: match self.at {
                Place::Live => format!("/feed.atom?lang={}", self.locale),
                Place::Copy(root) => format!("{root}feed.atom"),
            },
            title: format!("{title} · {name}"),
            name,
            languages: self.languages(),
            languages_name: &self.words.languages,
            locale: self.locale.replace('-', "_"),
            address: text::absolute(self.view, &self.path[1..]),
            description: String::new(),
            also_as: &self.words.also_as,
            skip: &self.words.skip,
            home: self.link("/status"),
            canonical: links::page(&self.view.status_url),
            yours: &self.words.yours,
            foot: fill(&self.words.foot, &[("zone", &self.times.zone_name)]),
        }
    }

    /// The address of another page in the reader's language.
    pub fn link(&self, path: &str) -> String {
        self.at.page(path, self.locale)
    }

    /// Whether the daemon itself shows the page.
    pub fn is_live(&self) -> bool {
        matches!(self.at, Place::Live)
    }

    /// The address of the form on which people subscribe, with one component ticked or all of them; None where nobody may.
    pub fn subscribe(&self, component: Option<i64>) -> Option<String> {
        let offered = self.view.subscribe.as_ref()?;
        let form = if self.is_live() { Some("/subscribe".to_owned()) } else { links::page(&offered.url) }?;
        let component = component.map_or_else(String::new, |id| format!("&component={id}"));
        Some(format!("{form}?lang={}{component}", self.locale))
    }

    /// The offered languages; none where there is no choice.
    fn languages(&self) -> Vec<Language<'a>> {
        let language = |code: &'a String| Language {
            code,
            name: name(code),
            href: self.at.page(self.path, code),
            current: code == self.locale,
        };
        let offered = &self.view.locales;
        if offered.len() < 2 { Vec::new() } else { offered.iter().map(language).collect() }
    }
}
