//! The loaded templates. Loading renders each of them against the sample: an unknown field, a missing file or a hole
//! where none may be stops the daemon with a sentence, and not a crisis.

use std::{collections::BTreeMap, io, path::Path};

use handlebars::{Handlebars, RenderErrorReason, html_escape, no_escape};
use serde_json::Value;

use super::{
    RenderError, helpers,
    input::MessageKind,
    pieces, sample,
    sections::SECTION_KEYS,
    source::{Part, Sources},
    words::Words,
};

/// Every template in every configured language.
pub struct Templates {
    default: String,
    languages: BTreeMap<String, Language>,
}

struct Language {
    words: Words,
    html: Medium,
    text: Medium,
    /// The file behind each text.
    files: BTreeMap<(MessageKind, Part), String>,
}

/// The templates of HTML, or those of plain text: they differ in how they escape.
struct Medium {
    engine: Handlebars<'static>,
    /// The file behind each partial.
    partials: BTreeMap<String, String>,
}

/// Why templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The operator's folder cannot be read.
    #[error("the templates in {folder} cannot be read: {cause}")]
    Read {
        /// The folder.
        folder: String,
        /// Why.
        cause: io::Error,
    },
    /// A file that no text is made from.
    #[error("the template {file} is of no use: no text is made from a file of this name; see the list of names")]
    Unknown {
        /// The file.
        file: String,
    },
    /// A text without a template in any language that it may fall back to.
    #[error("no template {file} in {locale} or in the default locale; add it")]
    Missing {
        /// The file's name without locale.
        file: String,
        /// The locale.
        locale: String,
    },
    /// A file that is not well formed.
    #[error("the template {file} is not well formed: {detail}")]
    Malformed {
        /// The file.
        file: String,
        /// Where and why.
        detail: String,
    },
    /// A template that cannot be rendered against the sample.
    #[error(transparent)]
    Sample(#[from] RenderError),
}

impl Templates {
    /// Loads the templates for `locales`, of which the first is the default, with the files in `folder` in place of
    /// the program's own.
    ///
    /// # Errors
    /// [`TemplateError`], which names the file and the field at fault.
    pub fn load(folder: Option<&Path>, locales: &[String]) -> Result<Templates, TemplateError> {
        let default = locales.first().cloned().unwrap_or_else(|| "en".to_owned());
        let sources = Sources::read(folder, &default).map_err(|cause| {
            let folder = folder.map(|folder| folder.display().to_string()).unwrap_or_default();
            TemplateError::Read { folder, cause }
        })?;
        if let Some(file) = sources.unknown() {
            return Err(TemplateError::Unknown { file: file.to_owned() });
        }
        let load = |locale: &String| Ok((locale.clone(), Language::load(&sources, locale)?));
        let languages = locales.iter().chain([&default]).map(load).collect::<Result<_, TemplateError>>()?;
        let templates = Templates { default, languages };
        for locale in templates.languages.keys() {
            sample::render_all(&templates, locale)?;
        }
        Ok(templates)
    }

    /// The configured locales, in alphabetical order.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// The words for `locale`: its own, its language's or the default's.
    ///
    /// # Errors
    /// [`RenderError::Locale`] where not even the default has words.
    pub fn words(&self, locale: &str) -> Result<&Words, RenderError> {
        self.language(locale).map(|language| &language.words)
    }

    /// The text of `part`, in which marks stand for holes, and the file that it came from.
    pub(super) fn text(
        &self,
        message: MessageKind,
        part: Part,
        locale: &str,
        facts: &Value,
    ) -> Result<(String, &str), RenderError> {
        let language = self.language(locale)?;
        let file = language.files.get(&(message, part)).map_or("", String::as_str);
        let medium = if part.is_html() { &language.html } else { &language.text };
        Ok((medium.render(file, facts)?, file))
    }

    /// The text of a correction or of a holding statement, which its texts for channels include; None for an update.
    pub(super) fn lead(
        &self,
        message: MessageKind,
        locale: &str,
        facts: &Value,
    ) -> Result<Option<String>, RenderError> {
        let name = format!("{}/lead", message.as_str());
        let medium = &self.language(locale)?.text;
        let Some(file) = medium.partials.get(&name) else { return Ok(None) };
        Ok(Some(pieces::literal(medium.render(&name, facts)?, file)?))
    }

    fn language(&self, locale: &str) -> Result<&Language, RenderError> {
        let language = locale.split('-').next().unwrap_or(locale);
        let found = [locale, language, &self.default].into_iter().find_map(|name| self.languages.get(name));
        found.ok_or_else(|| RenderError::Locale(locale.to_owned()))
    }
}

impl Language {
    fn load(sources: &Sources, locale: &str) -> Result<Language, TemplateError> {
        let words = load_words(sources, locale)?;
        let mut language = Language {
            words,
            html: Medium::load(sources, "html", locale)?,
            text: Medium::load(sources, "text", locale)?,
            files: BTreeMap::new(),
        };
        for message in MessageKind::ALL {
            for part in Part::of(message) {
                let folder = format!("{}/", message.as_str());
                let (file, text) = sources.find(&folder, &part.stems(), "hbs", locale).ok_or_else(|| {
                    let stem = part.stems().pop().unwrap_or_default();
                    TemplateError::Missing { file: format!("{folder}{stem}.hbs"), locale: locale.to_owned() }
                })?;
                let medium = if part.is_html() { &mut language.html } else { &mut language.text };
                medium.add(&file, &file, text)?;
                language.files.insert((message, part), file);
            }
        }
        Ok(language)
    }
}

fn load_words(sources: &Sources, locale: &str) -> Result<Words, TemplateError> {
    let missing = || TemplateError::Missing { file: "words.json".to_owned(), locale: locale.to_owned() };
    let (file, text) = sources.find("", &["words"], "json", locale).ok_or_else(missing)?;
    let words: Words = serde_json::from_str(text)
        .map_err(|error| TemplateError::Malformed { file: file.clone(), detail: error.to_string() })?;
    let mut keys = SECTION_KEYS.to_vec();
    keys.extend([MessageKind::Correction.as_str(), MessageKind::Holding.as_str()]);
    match words.missing(&keys).first() {
        Some(word) => Err(TemplateError::Malformed { file, detail: format!("the word {word} is missing") }),
        None => Ok(words),
    }
}

impl Medium {
    /// The partials of `html` or `text`, and no texts yet.
    fn load(sources: &Sources, name: &str, locale: &str) -> Result<Medium, TemplateError> {
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        engine.register_escape_fn(if name == "html" { html_escape } else { no_escape });
        helpers::register(&mut engine);
        let mut medium = Medium { engine, partials: BTreeMap::new() };
        for partial in sources.partials(name) {
            let stem = format!("{partial}.{name}");
            if let Some((file, text)) = sources.find("partials/", &[&stem], "hbs", locale) {
                medium.add(&partial, &file, text)?;
                medium.partials.insert(partial, file);
            }
        }
        for message in MessageKind::ALL {
            let folder = format!("{}/", message.as_str());
            if let Some((file, text)) = sources.find(&folder, &["lead"], "hbs", locale) {
                medium.add(&format!("{folder}lead"), &file, text)?;
                medium.partials.insert(format!("{folder}lead"), file);
            }
        }
        Ok(medium)
    }

    fn add(&mut self, name: &str, file: &str, text: &str) -> Result<(), TemplateError> {
        self.engine
            .register_template_string(name, text)
            .map_err(|error| TemplateError::Malformed { file: file.to_owned(), detail: error.to_string() })
    }

    /// Renders a text or a partial. An error names the file and, for an unknown field, the field.
    fn render(&self, name: &str, facts: &Value) -> Result<String, RenderError> {
        self.engine.render(name, facts).map_err(|error| {
            // The partial at fault is a better name than the text that includes it.
            let name = error.template_name.as_deref().unwrap_or(name);
            let file = self.partials.get(name).map_or(name, String::as_str).to_owned();
            match error.reason() {
                RenderErrorReason::MissingVariable(field) => {
                    RenderError::UnknownField { file, field: field.clone().unwrap_or_default() }
                }
                reason => {
                    let place = error.line_no.map(|line| format!(" in line {line}")).unwrap_or_default();
                    RenderError::Template { file, detail: format!("{reason}{place}") }
                }
            }
        })
    }
}
