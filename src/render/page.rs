//! What the banner and the status page show: JSON documents that are stored with the approval and served as they are.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use onevoice_channels::contract::Channel;

use super::{
    Page, RenderError,
    input::MessageKind,
    pieces,
    rendering::Body,
    sections::{Section, sections},
    short,
    source::Part,
};
use crate::compose::{
    content::Severity,
    status::{ComponentStatus, Status},
};

/// The banner on the customers' websites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BannerDocument {
    /// Which of an update's messages this is.
    pub message: MessageKind,
    /// One line: what is the matter.
    pub headline: String,
    /// The rest, in a line or two.
    pub text: String,
    /// How urgent it is: `critical` interrupts a screen reader, the others wait.
    pub severity: Severity,
    /// Where the incident stands.
    pub status: Status,
    /// The same in customers' words.
    pub status_label: String,
    /// The update's number within its incident.
    pub number: u32,
    /// When the next update is promised for.
    pub next_update_at: Option<Timestamp>,
    /// The same as it is told; may be empty.
    pub next_update: String,
    /// The page that says more.
    pub link: String,
    /// What the link is called.
    pub link_label: String,
    /// The language, as BCP 47.
    pub locale: String,
    /// True where nothing has happened.
    pub exercise: bool,
}

/// An entry of the status page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageDocument {
    /// Which of an update's messages this is.
    pub message: MessageKind,
    /// One line: what is the matter.
    pub headline: String,
    /// All of it as plain text, for feeds and for tools that know no sections.
    pub body: String,
    /// All of it in sections; a correction's and a holding statement's own text stands first.
    pub sections: Vec<Section>,
    /// How urgent it is.
    pub severity: Severity,
    /// Where the incident stands.
    pub status: Status,
    /// The same in customers' words.
    pub status_label: String,
    /// The update's number within its incident.
    pub number: u32,
    /// The components that it touches.
    pub components: Vec<PageComponent>,
    /// When the next update is promised for.
    pub next_update_at: Option<Timestamp>,
    /// The same as it is told; may be empty.
    pub next_update: String,
    /// The incident's page.
    pub link: String,
    /// The language, as BCP 47.
    pub locale: String,
    /// True where nothing has happened.
    pub exercise: bool,
}

/// A component as an entry of the status page names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageComponent {
    /// Its name.
    pub name: String,
    /// Its status from this update on.
    pub status: ComponentStatus,
    /// The same in customers' words.
    pub label: String,
}

/// The banner.
pub(super) fn banner(page: &Page<'_>) -> Result<Body, RenderError> {
    let text = short::fitting(page, Part::Banner, Channel::Banner)?;
    let (input, facts) = (page.input, &page.facts);
    let document = BannerDocument {
        message: input.message,
        headline: page.headline.clone(),
        text: text.clone(),
        severity: input.content.severity,
        status: input.content.status,
        status_label: text_at(&facts.value, "/status/label"),
        number: input.number,
        next_update_at: promised(page),
        next_update: text_at(&facts.value, "/next_update"),
        link: facts.link.clone(),
        link_label: page.words.details.clone(),
        locale: input.locale.to_owned(),
        exercise: input.exercise,
    };
    Ok(Body::Page { text: format!("{}\n\n{text}", page.headline), document: to_json(&document)? })
}

/// The entry of the status page.
pub(super) fn status_page(page: &Page<'_>) -> Result<Body, RenderError> {
    let (found, file) = page.pieces(Part::StatusPage, &[])?;
    let body = pieces::common(&found, file)?;
    let (input, facts) = (page.input, &page.facts);
    let component = |component: &super::Component| PageComponent {
        name: component.name.clone(),
        status: component.status,
        label: page.words.component(component.status).to_owned(),
    };
    let document = PageDocument {
        message: input.message,
        headline: page.headline.clone(),
        body: body.clone(),
        sections: page_sections(page)?,
        severity: input.content.severity,
        status: input.content.status,
        status_label: text_at(&facts.value, "/status/label"),
        number: input.number,
        components: input.components.iter().map(component).collect(),
        next_update_at: promised(page),
        next_update: text_at(&facts.value, "/next_update"),
        link: facts.link.clone(),
        locale: input.locale.to_owned(),
        exercise: input.exercise,
    };
    Ok(Body::Page { text: format!("{}\n\n{body}", page.headline), document: to_json(&document)? })
}

/// The sections; before them the text of a correction or a holding statement.
fn page_sections(page: &Page<'_>) -> Result<Vec<Section>, RenderError> {
    let input = page.input;
    let mut found = sections(input, page.words, &page.facts.next_update, &page.facts.window);
    if let Some(text) = page.templates.lead(input.message, input.locale, &page.facts.value)? {
        let key = input.message.as_str().to_owned();
        let label = page.words.sections.get(&key).cloned().unwrap_or_default();
        found.insert(0, Section { key, label, lead: true, text, items: Vec::new() });
    }
    Ok(found)
}

/// The promise that the document tells; a correction tells none.
fn promised(page: &Page<'_>) -> Option<Timestamp> {
    page.input.next_update_at.filter(|_| page.input.message != MessageKind::Correction)
}

fn text_at(value: &Value, place: &str) -> String {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn to_json(document: &impl Serialize) -> Result<String, RenderError> {
    serde_json::to_string(document)
        .map_err(|error| RenderError::Template { file: "the page's document".to_owned(), detail: error.to_string() })
}
