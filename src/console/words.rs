//! What the console says, in its reader's language. Every sentence of a page stands in the catalogue `words/en.ftl`, in
//! [Fluent](https://projectfluent.org); pages name it: `{{t "now-heading"}}` in a template, `text!("now-heading")` in
//! Rust. A second language is a file of the same names in the directory `console.languages` of the configuration.

mod catalogue;
mod markup;

use std::{borrow::Cow, path::Path, sync::LazyLock};

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use fluent_bundle::FluentArgs;
use futures_util::{Stream, StreamExt as _};

use self::catalogue::Language;
pub use self::catalogue::LanguageError;
pub(super) use self::markup::Sentence;
use crate::app::App;

static ENGLISH: LazyLock<Language> =
    LazyLock::new(|| Language::read("en", include_str!("words/en.ftl"), None).expect("a test reads the catalogue"));

tokio::task_local! {
    /// The language of whoever asked.
    static SPOKEN: &'static Language;
}

/// The languages of the console: English, and those of the configuration.
#[derive(Clone)]
pub struct Languages(Vec<&'static Language>);

impl Languages {
    /// English, and every `<language>.ftl` of a directory.
    ///
    /// # Errors
    /// The first file that cannot be used, with its line, and how to mend it.
    pub fn load(directory: Option<&Path>) -> Result<Languages, LanguageError> {
        let mut all = vec![&*ENGLISH];
        if let Some(directory) = directory {
            // As long as the process: every page speaks one of them.
            all.extend(catalogue::read_all(directory, &ENGLISH)?.into_iter().map(|one| &*Box::leak(Box::new(one))));
        }
        Ok(Languages(all))
    }

    /// Each language by its tag, with how many sentences it lacks and which of its names are none of ours.
    pub fn gaps(&self) -> impl Iterator<Item = (String, usize, &[String])> {
        self.0.iter().map(|one| (one.tag.to_string(), one.lacking, &*one.unknown))
    }

    /// What a browser asks for, as far as we speak it; else English.
    fn choose(&self, accepted: &str) -> &'static Language {
        let wanted = fluent_langneg::accepted_languages::parse(accepted);
        let ours: Vec<_> = self.0.iter().map(|one| one.tag.clone()).collect();
        let strategy = fluent_langneg::NegotiationStrategy::Lookup;
        let english = ENGLISH.tag.clone();
        let chosen = fluent_langneg::negotiate_languages(&wanted, &ours, Some(&english), strategy);
        let chosen = chosen.first().and_then(|tag| self.0.iter().find(|one| one.tag == **tag));
        chosen.copied().unwrap_or(&ENGLISH)
    }
}

/// Lets whatever answers a request speak its reader's language.
pub(super) async fn speak(State(app): State<App>, request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = app.languages.choose(accepted.unwrap_or_default());
    SPOKEN.scope(language, next.run(request)).await
}

/// A file that is made while it is sent, in the language of whoever asked for it.
pub(super) fn spoken_while<T>(mut made: impl Stream<Item = T> + Unpin) -> impl Stream<Item = T> {
    let language = spoken();
    futures_util::stream::poll_fn(move |context| SPOKEN.sync_scope(language, || made.poll_next_unpin(context)))
}

fn spoken() -> &'static Language {
    SPOKEN.try_with(|language| *language).unwrap_or(&ENGLISH)
}

/// The language's tag, as HTML has it.
pub(super) fn tag() -> String {
    spoken().tag.to_string()
}

/// The word for a member of a closed set: a status, an outcome, a role. The member's own name where there is none.
pub(super) fn say<'a>(set: &str, name: &'a str) -> &'a str {
    spoken().word(&key(set, name)).unwrap_or(name)
}

fn key(set: &str, name: &str) -> String {
    let letter = |c: char| match c {
        '.' => "-".to_owned(),
        c if c.is_ascii_alphanumeric() || c == '_' || c == '-' => c.to_string(),
        c => format!("U{:04X}", u32::from(c)),
    };
    format!("{set}-{}", name.chars().map(letter).collect::<String>())
}

/// A sentence of the catalogue. Through [`text!`], so that a test sees which are used and with what.
pub(super) fn sentence(id: &str, values: &FluentArgs<'_>) -> String {
    spoken().sentence(id, values).into_owned()
}

/// A sentence without values.
pub(super) fn word(id: &str) -> Cow<'static, str> {
    spoken().word(id).map_or_else(|| spoken().sentence(id, &FluentArgs::new()), Cow::Borrowed)
}

/// A sentence of the catalogue as a `String`: `text!("id")`, `text!("id", name = value)`. Numbers choose plurals and are
/// written with their separators; everything else is written as it is.
macro_rules! text {
    ($id:literal) => { $crate::console::words::word($id).into_owned() };
    ($id:literal, $($name:ident = $value:expr),+ $(,)?) => {{
        let mut values = fluent_bundle::FluentArgs::new();
        $(values.set(stringify!($name), $value);)+
        $crate::console::words::sentence($id, &values)
    }};
}
pub(super) use text;

#[cfg(test)]
mod tests;
