//! Render: each message of an update, for each variant, channel and language, is made from its template once, into
//! literals and typed holes. What the approver read is what everyone gets, and a million people cost a million
//! splices, not a million runs of a template.
//!
//! ```text
//! Templates::load -> render(input, channel) -> Rendering (stored, approved) -> splice(person)
//! ```
//!
//! Knows no store and no network. The same input gives the same bytes, so an approval can bind them.

mod builtin;
mod context;
mod helpers;
mod input;
mod mail;
mod page;
mod pieces;
mod quoted;
mod rendering;
mod sample;
mod sections;
mod short;
mod source;
mod splice;
mod templates;
mod value;
mod words;

#[cfg(test)]
mod tests;

use onevoice_channels::contract::{Channel, Form};

pub use input::{Component, Limits, MailIdentity, MessageKind, Organisation, Original, RenderInput};
pub use page::{BannerDocument, PageDocument};
pub use rendering::{Attribute, Body, Encode, Escape, HeaderLine, Hole, MailBody, Piece, Rendering, SmsBody, Source};
pub use sample::Sample;
pub use sections::{Item, SECTION_KEYS, Section};
pub use splice::{Person, splice, splice_html, splice_mail, splice_sms, splice_text};
pub use templates::{TemplateError, Templates};
pub use words::Words;

use source::Part;

/// Why a message cannot be rendered.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RenderError {
    /// A template asks for what no message has.
    #[error("the template {file} asks for {field:?}, which no message has; correct the name")]
    UnknownField {
        /// The file.
        file: String,
        /// The field.
        field: String,
    },
    /// A template fails.
    #[error("the template {file} fails: {detail}")]
    Template {
        /// The file.
        file: String,
        /// Why.
        detail: String,
    },
    /// A hole where everyone reads the same text.
    #[error("the template {file} has a hole for a person's data; only the texts of mails and text messages may")]
    Hole {
        /// The file.
        file: String,
    },
    /// An exercise that looks live.
    #[error("the template {file} leaves out {{{{words.exercise}}}} in an exercise; show it where exercise is true")]
    ExerciseMark {
        /// The file.
        file: String,
    },
    /// The organisation's zone is not known.
    #[error("the time zone {0:?} is not known; use an IANA name such as Europe/London")]
    TimeZone(String),
    /// A link that leads elsewhere than to the web.
    #[error("the link {field} is not an http or https address")]
    Link {
        /// The field, as findings name it.
        field: String,
    },
    /// An address of the organisation's that no mail can carry.
    #[error("the mail setting {field} is not a mail address")]
    Address {
        /// The setting.
        field: String,
    },
    /// A language without words.
    #[error("there are no templates for the locale {0:?}, nor for the default one")]
    Locale(String),
    /// The built-in sample is broken.
    #[error("the sample cannot be read: {0}")]
    Sample(String),
}

/// Renders `input` for `channel`.
///
/// # Errors
/// [`RenderError`]: for templates that were loaded, only what is wrong with the input.
pub fn render(templates: &Templates, input: &RenderInput<'_>, channel: Channel) -> Result<Rendering, RenderError> {
    let words = templates.words(input.locale)?;
    let mut facts = context::facts(words, input, channel)?;
    let line = |part, facts: &serde_json::Value| {
        let (line, file) = templates.text(input.message, part, input.locale, facts)?;
        pieces::literal(line, file)
    };
    let mut headline = line(Part::Subject, &facts.value)?;
    facts.value["headline"] = headline.clone().into();
    if channel == Channel::StaffMail {
        headline = line(Part::StaffSubject, &facts.value)?;
    }
    if input.exercise {
        headline = format!("{} {headline}", words.exercise);
    }
    let page = Page { templates, input, words, facts, headline, channel };
    let (subject, body) = match channel.form() {
        Form::Mail => (Some(page.headline.clone()), Body::Mail(mail::compile(&page)?)),
        Form::Text => (None, Body::Sms(short::sms(&page)?)),
        Form::Post(_) => (None, Body::Posts(short::posts(&page, channel)?)),
        Form::Page if channel == Channel::Banner => (None, page::banner(&page)?),
        Form::Page => (None, page::status_page(&page)?),
    };
    Ok(Rendering {
        message: input.message,
        variant: input.variant.to_owned(),
        channel,
        locale: input.locale.to_owned(),
        subject,
        body,
        turn: 0,
        promises: input.next_update_at.filter(|_| input.message == MessageKind::Holding),
    })
}

/// What every channel is made from.
struct Page<'a> {
    templates: &'a Templates,
    input: &'a RenderInput<'a>,
    words: &'a Words,
    facts: context::Shown,
    /// One line; with the mark of an exercise.
    headline: String,
    /// Where it is read.
    channel: Channel,
}

impl Page<'_> {
    /// The pieces of a text without its spare sentences at the places `dropped`. It carries the mark of an exercise where
    /// it must.
    fn pieces(&self, part: Part, dropped: &[u8]) -> Result<(Vec<Piece>, &str), RenderError> {
        let input = self.input;
        let mut value = self.facts.value.clone();
        value["dropped"] = dropped.into();
        let (text, file) = self.templates.text(input.message, part, input.locale, &value)?;
        let html = part.is_html();
        let (mark, escape) = if html {
            (handlebars::html_escape(&self.words.exercise), Escape::Html)
        } else {
            (self.words.exercise.clone(), Escape::Text)
        };
        if input.exercise && !text.contains(&mark) {
            return Err(RenderError::ExerciseMark { file: file.to_owned() });
        }
        Ok((pieces::split(&pieces::tidy(part, &text), escape), file))
    }
}
