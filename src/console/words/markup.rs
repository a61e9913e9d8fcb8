//! Sentences in templates: `{{t "id" name=value a="/console/people"}}`. A sentence may mark words as important or as a
//! link; where links lead the template says, under the mark's name. Everything else is escaped, whoever wrote it.

use fluent_bundle::{FluentArgs, FluentValue};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
    ScopedJson,
};
use serde_json::Value;

/// The marks that a sentence may have.
pub(super) const KNOWN: &str = "<a>, <a2>, <a3>, <b>, <code>";

/// Whether a mark is one of [`KNOWN`].
pub(super) fn is_known(mark: &str) -> bool {
    KNOWN.contains(&format!("<{mark}>"))
}

/// The names of the marks of a text, opening and closing.
pub(super) fn marks(text: &str) -> impl Iterator<Item = &str> {
    let name = |rest: &str| rest.split_once('>').map(|(name, _)| name.len());
    text.split('<').skip(1).filter_map(move |rest| rest.get(..name(rest)?)).map(|name| name.trim_start_matches('/'))
}

/// What stands for a character of a value that means something to HTML, until the sentence's own marks are found.
const HIDDEN: [(char, char, &str); 5] = [
    ('&', '\u{f8f0}', "&amp;"),
    ('<', '\u{f8f1}', "&lt;"),
    ('>', '\u{f8f2}', "&gt;"),
    ('"', '\u{f8f3}', "&quot;"),
    ('\'', '\u{f8f4}', "&#x27;"),
];

fn hide(text: &str) -> String {
    let hidden = |c: char| match HIDDEN.iter().find(|(open, secret, _)| c == *open || c == *secret) {
        Some((open, secret, _)) if c == *open => *secret,
        Some(_) => char::REPLACEMENT_CHARACTER,
        None => c,
    };
    text.chars().map(hidden).collect()
}

/// The helper `t`.
pub(in crate::console) struct Sentence;

impl Sentence {
    fn read(helper: &Helper<'_>, keep: fn(&str) -> String) -> Result<String, RenderError> {
        let id = helper.param(0).and_then(|id| id.value().as_str());
        let id = id.ok_or_else(|| RenderErrorReason::Other("t takes the name of a sentence".to_owned()))?;
        let mut values = FluentArgs::new();
        for (name, value) in helper.hash() {
            if value.is_value_missing() {
                let why = format!("{id} is given {name}, and the page has no such value");
                return Err(RenderErrorReason::Other(why).into());
            }
            values.set(
                (*name).to_owned(),
                match value.value() {
                    Value::Number(number) => FluentValue::from(number.as_f64().unwrap_or_default()),
                    Value::String(text) => FluentValue::from(keep(text)),
                    Value::Null => FluentValue::from(""),
                    other => FluentValue::from(other.to_string()),
                },
            );
        }
        Ok(super::sentence(id, &values))
    }
}

impl HelperDef for Sentence {
    /// As a value for another helper, or for a partial: as it is.
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        Ok(ScopedJson::Derived(Value::from(Sentence::read(helper, str::to_owned)?)))
    }

    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let text = Sentence::read(helper, hide)?;
        let place = |mark: &str| helper.hash_get(mark).and_then(|place| place.value().as_str());
        out.write(&html(&text, place))?;
        Ok(())
    }
}

/// A sentence as HTML. `place` says where a link leads.
fn html<'a>(text: &str, place: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mark = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        if let Some((mark, after)) = mark.filter(|(mark, _)| is_known(mark.trim_start_matches('/'))) {
            match (mark.strip_prefix('/').unwrap_or(mark), mark.starts_with('/')) {
                (name, true) => html.push_str(if name.starts_with('a') {
                    "</a>"
                } else {
                    ["</b>", "</code>"][usize::from(name == "code")]
                }),
                (name, false) if name.starts_with('a') => {
                    html.push_str("<a href=\"");
                    escape(place(name).unwrap_or_default(), &mut html);
                    html.push_str("\">");
                }
                (name, false) => html.push_str(if name == "code" { "<code>" } else { "<b>" }),
            }
            rest = after;
        } else {
            escape(&rest[..c.len_utf8()], &mut html);
            rest = &rest[c.len_utf8()..];
        }
    }
    html
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match HIDDEN.iter().find(|(open, secret, _)| c == *open || c == *secret) {
            Some((_, _, entity)) => html.push_str(entity),
            None => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_marks_words_and_a_value_marks_none() {
        let place = |mark: &str| (mark == "a").then_some("/x?a=1&b=\"");
        assert_eq!(
            html("Go <a>there</a> & <b>wait</b>", place),
            "Go <a href=\"/x?a=1&amp;b=&quot;\">there</a> &amp; <b>wait</b>"
        );
        assert_eq!(html(&hide("<b>&'\u{f8f1}"), place), "&lt;b&gt;&amp;&#x27;\u{fffd}");
        assert_eq!(html("<script>", place), "&lt;script&gt;");
    }
}
