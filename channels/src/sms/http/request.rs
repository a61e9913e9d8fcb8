//! A request from its description: placeholders are filled in one pass, before anything is encoded, so that no text
//! can add a field or stand for another placeholder.

use std::collections::BTreeMap;

use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use super::settings::{CheckSettings, Method, SmsHttpSettings};
use crate::secret::Secret;

/// What changes from message to message.
#[derive(Default)]
pub(super) struct Values<'a> {
    pub(super) to: &'a str,
    pub(super) from: &'a str,
    pub(super) text: &'a str,
    pub(super) token: &'a str,
    pub(super) coding: &'a str,
    pub(super) receipt_url: String,
}

const PLACEHOLDERS: [&str; 9] =
    ["to", "to_digits", "from", "username", "password", "text", "coding", "token", "receipt_url"];

/// The request that sends a message.
pub(super) fn build(http: &Client, settings: &SmsHttpSettings, values: &Values<'_>) -> RequestBuilder {
    let request = match settings.method {
        Method::Get => http.get(settings.url.as_str()),
        Method::Post => http.post(settings.url.as_str()),
    };
    let mut request = signed(request, settings, values).query(&pairs(&settings.query, settings, values));
    if !settings.form.is_empty() {
        request = request.form(&pairs(&settings.form, settings, values));
    }
    if let Some(json) = &settings.json {
        request = request.json(&fill_json(json, settings, values).unwrap_or(Value::Null));
    }
    request
}

/// The request that proves the credentials.
pub(super) fn check(http: &Client, settings: &SmsHttpSettings, check: &CheckSettings) -> RequestBuilder {
    let values = Values { from: &settings.from, ..Values::default() };
    signed(http.get(check.url.as_str()), settings, &values).query(&pairs(&check.query, settings, &values))
}

/// True where a message's query or body holds this placeholder.
pub(super) fn uses(settings: &SmsHttpSettings, placeholder: &str) -> bool {
    templates(settings).iter().any(|(_, template)| template.contains(placeholder))
}

/// The first `{name}` that stands for nothing, with the key that holds it.
pub(super) fn unknown_placeholder(settings: &SmsHttpSettings) -> Option<(&'static str, String)> {
    let headers = settings.headers.values().map(|value| ("headers", value.as_str()));
    templates(settings).into_iter().chain(headers).find_map(|(key, template)| {
        names(template).find(|name| !PLACEHOLDERS.contains(name)).map(|name| (key, format!("{{{name}}}")))
    })
}

fn signed(mut request: RequestBuilder, settings: &SmsHttpSettings, values: &Values<'_>) -> RequestBuilder {
    if settings.basic_auth {
        request = request.basic_auth(
            settings.username.as_deref().unwrap_or_default(),
            settings.password.as_ref().map(Secret::expose),
        );
    }
    if let Some(token) = &settings.bearer_token {
        request = request.bearer_auth(token.expose());
    }
    for (name, template) in &settings.headers {
        request = request.header(name, fill(template, settings, values));
    }
    for (name, secret) in &settings.secret_headers {
        request = request.header(name, secret.expose());
    }
    request
}

fn pairs<'a>(
    fields: &'a BTreeMap<String, String>,
    settings: &SmsHttpSettings,
    values: &Values<'_>,
) -> Vec<(&'a str, String)> {
    fields
        .iter()
        .map(|(name, template)| (name.as_str(), fill(template, settings, values)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// None for a string that comes out empty, which leaves its field out.
fn fill_json(template: &Value, settings: &SmsHttpSettings, values: &Values<'_>) -> Option<Value> {
    let inner = |value: &Value| fill_json(value, settings, values);
    match template {
        Value::String(template) => {
            let filled = fill(template, settings, values);
            (!filled.is_empty()).then_some(Value::String(filled))
        }
        Value::Array(items) => Some(items.iter().filter_map(inner).collect()),
        Value::Object(fields) => {
            Some(Value::Object(fields.iter().filter_map(|(name, value)| Some((name.clone(), inner(value)?))).collect()))
        }
        other => Some(other.clone()),
    }
}

fn fill(template: &str, settings: &SmsHttpSettings, values: &Values<'_>) -> String {
    let mut filled = String::with_capacity(template.len() + values.text.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        match after.split_once('}').and_then(|(name, tail)| Some((value(name, settings, values)?, tail))) {
            Some((value, tail)) => {
                filled.push_str(value);
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn value<'a>(name: &str, settings: &'a SmsHttpSettings, values: &'a Values<'_>) -> Option<&'a str> {
    Some(match name {
        "to" => values.to,
        "to_digits" => values.to.trim_start_matches('+'),
        "from" => values.from,
        "username" => settings.username.as_deref().unwrap_or_default(),
        "password" => settings.password.as_ref().map(Secret::expose).unwrap_or_default(),
        "text" => values.text,
        "coding" => values.coding,
        "token" => values.token,
        "receipt_url" => &values.receipt_url,
        _ => return None,
    })
}

/// The names in curly brackets; only what looks like a name, so that other uses of brackets pass.
fn names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|after| after.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

fn templates(settings: &SmsHttpSettings) -> Vec<(&'static str, &str)> {
    let mut found: Vec<(&'static str, &str)> = settings.query.values().map(|value| ("query", value.as_str())).collect();
    found.extend(settings.form.values().map(|value| ("form", value.as_str())));
    if let Some(json) = &settings.json {
        collect_strings(json, &mut found);
    }
    found
}

fn collect_strings<'a>(value: &'a Value, found: &mut Vec<(&'static str, &'a str)>) {
    match value {
        Value::String(text) => found.push(("json", text)),
        Value::Array(items) => items.iter().for_each(|item| collect_strings(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| collect_strings(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
