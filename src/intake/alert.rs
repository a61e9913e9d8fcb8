//! What a call says, whichever system it came from.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;

/// A group of alerts that belong together, as it stands now.
#[derive(Clone, Debug)]
pub struct Group {
    /// What the system calls it: the same as long as it lasts.
    pub name: String,
    /// Its alerts.
    pub alerts: Vec<Alert>,
    /// True where these are all: what else was known of it is over.
    pub complete: bool,
    /// True for one thing whose fields change while it goes on, such as somebody's incident; false for alerts, whose labels
    /// are what they are.
    pub changes: bool,
}

/// One alert.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Whether it fires.
    pub firing: bool,
    /// What is said of it.
    pub fields: Fields,
}

/// What is said of an alert.
#[derive(Clone, Debug)]
pub enum Fields {
    /// Labels, and annotations as `annotation.NAME`.
    Named(BTreeMap<String, String>),
    /// A JSON value, whose fields are named by pointers.
    Json(Value),
}

impl Fields {
    /// A field's value; None where there is none, or it is a list or an object.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        match self {
            Fields::Named(fields) => fields.get(name).map(|value| Cow::Borrowed(value.as_str())),
            Fields::Json(value) => match value.pointer(name)? {
                Value::String(text) => Some(Cow::Borrowed(text)),
                Value::Number(number) => Some(Cow::Owned(number.to_string())),
                Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            },
        }
    }

    /// A text with `{FIELD}` replaced by values, in one pass: a value is never read for places. None where nothing but
    /// missing values stands in it.
    pub fn fill(&self, text: &str) -> Option<String> {
        let (mut whole, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            whole.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                whole.push('{');
                rest = after;
                continue;
            };
            whole.push_str(&self.get(name).unwrap_or_default());
            rest = behind;
        }
        whole.push_str(rest);
        let whole = whole.trim();
        (!whole.is_empty()).then(|| whole.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(fields: &[(&str, &str)]) -> Fields {
        Fields::Named(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_value_takes_the_place_of_its_field_and_is_not_read_again() {
        let fields = named(&[("service", "{instance}"), ("instance", "a")]);
        assert_eq!(fields.fill("{service} on {instance}").as_deref(), Some("{instance} on a"));
        assert_eq!(fields.fill("{team}"), None, "a value that is not there is left out");
        assert_eq!(fields.fill("open { brace").as_deref(), Some("open { brace"));
        let json = Fields::Json(serde_json::json!({ "a": { "b/c": [1, { "d": 7 }] } }));
        assert_eq!(json.fill("{/a/b~1c/1/d}").as_deref(), Some("7"));
        assert_eq!(json.get("/a"), None);
    }

    proptest! {
        #[test]
        fn any_text_and_any_value_are_filled_and_nothing_fails(text in "\\PC{0,60}", value in "\\PC{0,20}") {
            let filled = named(&[("x", &value)]).fill(&text);
            if !text.contains('{') {
                prop_assert_eq!(filled.unwrap_or_default(), text.trim());
            }
        }
    }
}
