//! Where findings stand: under the field that they are about, and as marks in its text.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{texts, words::word};
use crate::{check::Finding, compose::content::Content};

/// Findings by the field of the form that they stand under.
pub(in crate::console) struct Slots<'a> {
    /// What has no field yet.
    pub left: BTreeMap<String, Vec<Value>>,
    /// Every place for findings on the page.
    pub shown: Vec<Value>,
    /// Every field's text with its marks.
    pub marked: Vec<Value>,
    by_key: BTreeMap<String, Vec<&'a Finding>>,
}

impl<'a> Slots<'a> {
    pub fn new(content: &Content, findings: &'a [Finding]) -> Slots<'a> {
        let mut left: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut by_key: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            let key = key(content, finding);
            by_key.entry(key.clone()).or_default().push(finding);
            left.entry(key.clone()).or_default().push(found(content, finding, &key));
        }
        Slots { left, shown: Vec::new(), marked: Vec::new(), by_key }
    }

    /// The findings under a field. The place is remembered even when it is empty: a script puts later ones there.
    pub fn take(&mut self, key: &str) -> Value {
        let findings = json!(self.left.remove(key).unwrap_or_default());
        let slot = json!({ "slot": key, "findings": findings });
        self.shown.push(slot.clone());
        slot
    }

    /// A field's text, marked where its findings stand.
    pub fn marks(&mut self, key: &str, text: &str) -> Value {
        let none = Vec::new();
        let pieces = texts::at_their_places(text, self.by_key.get(key).unwrap_or(&none));
        let marks = json!({ "slot": key, "of": dashed(key), "pieces": pieces });
        self.marked.push(marks.clone());
        marks
    }
}

/// The form's field that a finding is about.
fn key(content: &Content, finding: &Finding) -> String {
    let place = content.variants.iter().position(|variant| Some(&variant.name) == finding.variant.as_ref());
    match (place, &finding.locale, &finding.field) {
        (Some(place), Some(locale), Some(field)) => format!("v{place}.{locale}.{}", field.replace('/', ".")),
        (None, Some(locale), Some(field)) if field.starts_with("staff/") => {
            format!("staff.{locale}{}", field["staff".len()..].replace('/', "."))
        }
        (None, Some(locale), Some(field)) => format!("{field}.{locale}"),
        (_, _, Some(field)) => field.clone(),
        _ => "all".to_owned(),
    }
}

fn found(content: &Content, finding: &Finding, key: &str) -> Value {
    let place =
        content.variants.iter().position(|variant| Some(&variant.name) == finding.variant.as_ref()).unwrap_or_default();
    json!({
        "note": null,
        "id": finding.id,
        "class": if finding.blocks() { "block" } else { "warn" },
        "title": finding.title,
        "why": finding.why,
        "words": finding.words,
        "at_words": finding.end > finding.start,
        "instead": finding.instead,
        "for": dashed(key),
        "overridable": finding.overridable,
        "confirmable": finding.confirmable,
        "kept": finding.kept,
        "confirmed": finding.confirmed,
        "confirm_name": format!("v{place}.{}.confirmed.{}", finding.locale.as_deref().unwrap_or_default(), finding.id),
        "ceiling": finding.rule == "cost_ceiling" || finding.rule == "day_ceiling",
        "place": finding.variant.iter().chain(&finding.locale).cloned().collect::<Vec<_>>().join(&*word("list-comma")),
    })
}

/// A name as an element's id.
pub(in crate::console) fn dashed(key: &str) -> String {
    key.replace(['.', '/'], "-")
}
