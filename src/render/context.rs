//! What templates may show: a JSON value in which every field is always there, empty where nothing is said. So an
//! unknown field is a slip of the template, and strict mode finds it when templates are loaded.
//!
//! Nothing of a recipient is in it: templates place holes, and cannot ask what will be in them.

use jiff::tz::TimeZone;
use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use crate::compose::{content::PlannedTime, staff::StaffSheet};

use super::{
    RenderError,
    helpers::{MARK_END, MARK_START},
    input::{MessageKind, RenderInput},
    pieces::LINE_END,
    sections::{ordered_options, reach, sections},
    words::Words,
};

/// What templates may show, and the parts of it that documents need.
pub(super) struct Shown {
    /// The templates' value.
    pub(super) value: Value,
    /// The next update's time as it is told; may be empty.
    pub(super) next_update: String,
    /// The times of planned work as they are told; may be empty.
    pub(super) window: String,
    /// The page that says more.
    pub(super) link: String,
}

/// The templates' value for `input` on `channel`.
pub(super) fn facts(words: &Words, input: &RenderInput<'_>, channel: Channel) -> Result<Shown, RenderError> {
    check_links(input)?;
    let zone = &input.organisation.time_zone;
    let zone = TimeZone::get(zone).map_err(|_| RenderError::TimeZone(zone.clone()))?;
    let told = |at| words.time(at, input.now, &zone);
    let next_update = input.next_update_at.map(told).unwrap_or_default();
    let span = |window: PlannedTime| words.span(window.from, window.until, input.now, &zone);
    let window = input.content.window.filter(|_| input.message == MessageKind::Update).map(span).unwrap_or_default();
    let link = input.incident_url.unwrap_or(&input.organisation.status_url).to_owned();
    let original = input.original.unwrap_or(super::Original { headline: &input.facts.headline, sent_at: None });
    let said = input.facts;
    let mut value = json!({
        "message": input.message,
        "locale": input.locale,
        "exercise": input.exercise,
        "number": input.number,
        "words": words,
        "organisation": { "name": input.organisation.name, "status_url": input.organisation.status_url },
        "incident": { "title": input.incident_title },
        "status": { "key": input.content.status, "label": status_label(words, input) },
        "severity": input.content.severity,
        "components": input.components.iter().map(|component| json!({
            "name": component.name, "key": component.status, "label": words.component(component.status),
        })).collect::<Vec<_>>(),
        "facts": {
            "headline": said.headline.trim(), "what_happened": said.what_happened.trim(),
            "impact": said.impact.trim(), "apology": said.apology.trim(), "why": said.why.trim(),
            "doing": said.doing.trim(), "prevention": said.prevention.trim(), "next_steps": said.next_steps.trim(),
            "risks": said.risks.trim(), "reassurance": said.reassurance.trim(),
        },
        "headline": "",
        "preheader": if said.impact.trim().is_empty() { said.what_happened.trim() } else { said.impact.trim() },
        "sections": sections(input, words, &next_update, &window),
        "option": ordered_options(&said.options).first().map_or("", |option| option.text.trim()),
        "reach": reach(input, words),
        "next_update": next_update,
        "window": window,
        // A text that was written by hand keeps its line ends; those of a template are read as spaces.
        "short": said.short.get(&channel).map_or("", |text| text.trim()).replace('\n', LINE_END),
        "own_words": own_words(input),
        "original": { "headline": original.headline.trim(), "time": original.sent_at.map(told).unwrap_or_default() },
        "link": link,
        "link_short": link.trim_start_matches("https://").trim_end_matches('/'),
        "unsubscribe_why": words.unsubscribe_why.replace("{organisation}", &input.organisation.name),
        "dropped": [],
    });
    if channel.is_staff() {
        // Customers' texts have no such field: a template that asks for it is refused when it is loaded.
        value["staff"] = staff(input);
    }
    if input.message != MessageKind::Update {
        // What is corrected must not be said again, and what has not changed is said by its title alone.
        value["facts"] = value["facts"]
            .as_object()
            .map(|facts| facts.keys().map(|key| (key.clone(), json!(""))).collect())
            .unwrap_or(Value::Null);
        value["preheader"] = json!("");
        value["option"] = json!("");
        value["short"] = json!("");
    }
    if input.message == MessageKind::Correction {
        value["next_update"] = json!("");
    }
    scrub(&mut value);
    Ok(Shown { value, next_update, window, link })
}

/// The staff sheet; a correction repeats nothing of it.
fn staff(input: &RenderInput<'_>) -> Value {
    let none = StaffSheet::default();
    let sheet = input.content.staff.get(input.locale).filter(|_| input.message == MessageKind::Update).unwrap_or(&none);
    let said = |text: &&String| !text.trim().is_empty();
    let answers = sheet.answers.iter().filter(|answer| said(&&answer.question) || said(&&answer.answer));
    let answers = answers.map(|answer| json!({ "question": answer.question.trim(), "answer": answer.answer.trim() }));
    json!({
        "answers": answers.collect::<Vec<_>>(),
        "avoid": sheet.avoid.iter().filter(said).map(|text| text.trim()).collect::<Vec<_>>(),
        "phone": sheet.phone.trim(),
        "abuse": sheet.abuse.trim(),
    })
}

/// Where the incident stands, in customers' words. A correction does not repeat it: it may be what was wrong.
fn status_label<'a>(words: &'a Words, input: &RenderInput<'_>) -> &'a str {
    match input.message {
        MessageKind::Correction => words.sections.get("correction").map_or("", String::as_str),
        MessageKind::Update | MessageKind::Holding => words.status(input.content.status, input.step),
    }
}

/// The author's own words for a correction or a holding statement.
fn own_words<'a>(input: &RenderInput<'a>) -> &'a str {
    let texts = match input.message {
        MessageKind::Update => return "",
        MessageKind::Correction => &input.content.correction,
        MessageKind::Holding => &input.content.holding,
    };
    let language = input.locale.split('-').next().unwrap_or(input.locale);
    texts.get(input.locale).or_else(|| texts.get(language)).map_or("", |text| text.trim())
}

/// Links lead to the web: `javascript:` and `data:` run in the reader's name.
fn check_links(input: &RenderInput<'_>) -> Result<(), RenderError> {
    let web = |url: &str| {
        url::Url::parse(url.trim()).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
    };
    let links = input.facts.links.iter().enumerate().map(|(index, link)| (format!("links/{index}/url"), &*link.url));
    let own = [("status_url".to_owned(), &*input.organisation.status_url)];
    let incident = input.incident_url.map(|url| ("incident_url".to_owned(), url));
    let bad = links.chain(own).chain(incident).find(|(_, url)| !web(url));
    bad.map_or(Ok(()), |(field, _)| Err(RenderError::Link { field }))
}

/// Facts hold no control characters and none of the marks that stand for holes.
fn scrub(value: &mut Value) {
    match value {
        Value::String(text) => {
            let bad = |c: char| (c.is_control() && c != '\n') || c == MARK_START || c == MARK_END;
            if text.contains(bad) {
                let plain = text.replace("\r\n", "\n").replace('\r', "\n").replace([MARK_START, MARK_END], "");
                *text = plain.replace(bad, " ");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(scrub),
        Value::Object(fields) => fields.values_mut().for_each(scrub),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
