//! The settings of `sms-http`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{
    answer::{Matcher, ReferenceSettings, Refusal},
    kannel,
    receipt::ReceiptSettings,
    reply::ReplySettings,
    request,
};
use crate::{
    endpoint::Endpoint,
    limits::LimitSettings,
    registry::SettingsError,
    secret::Secret,
    sms::senders::{self, SenderSettings},
};

/// A gateway that takes a text message as one HTTP request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmsHttpSettings {
    /// Fills in what a known gateway needs; what is set beside it wins.
    pub preset: Option<Preset>,
    /// Where messages are sent.
    pub url: Endpoint,
    /// GET or POST. Default: POST.
    #[serde(default)]
    pub method: Method,
    /// `{username}`.
    pub username: Option<String>,
    /// `{password}`.
    pub password: Option<Secret>,
    /// Sends username and password as HTTP basic authentication. Default: false.
    #[serde(default)]
    pub basic_auth: bool,
    /// Sent as `Authorization: Bearer …`.
    pub bearer_token: Option<Secret>,
    /// `{from}`: the sender's number or name.
    #[serde(default)]
    pub from: String,
    /// Senders by country, in place of `from`.
    #[serde(default)]
    pub senders: Vec<SenderSettings>,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Further headers that are secret as a whole, such as an API key.
    #[serde(default)]
    pub secret_headers: BTreeMap<String, Secret>,
    /// The query.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// The body as a form. Not with `json`.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// The body as JSON, with placeholders in its strings. Not with `form`.
    pub json: Option<Value>,
    /// What `{coding}` stands for.
    #[serde(default)]
    pub coding: Coding,
    /// How an acceptance looks. Default: any 2xx.
    pub success: Option<Matcher>,
    /// How refusals look that the table of status codes does not tell, first match first.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// Where the gateway's own reference stands in its answer.
    pub reference: Option<ReferenceSettings>,
    /// How it reports what became of a message. Default: it does not.
    pub receipts: Option<ReceiptSettings>,
    /// How it hands over what people write back. Default: it does not.
    pub replies: Option<ReplySettings>,
    /// A request that proves the credentials and sends nothing.
    pub check: Option<CheckSettings>,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: ten messages a second, one at a time.
    #[serde(default)]
    pub limits: LimitSettings,
}

/// A gateway whose ways are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Kannel's sendsms: needs url, username, password and from, and for receipts `receipts.secret`.
    Kannel,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    #[default]
    Post,
}

/// What `{coding}` stands for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Coding {
    /// For the GSM alphabet. Default: 0.
    pub gsm7: String,
    /// For UCS-2. Default: 2.
    pub ucs2: String,
}

impl Default for Coding {
    fn default() -> Self {
        Coding { gsm7: "0".to_owned(), ucs2: "2".to_owned() }
    }
}

/// A GET request with the same credentials that sends no message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSettings {
    /// Where.
    pub url: Endpoint,
    /// Its query; `{username}`, `{password}` and `{from}` may be used.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// The statuses that prove the credentials.
    pub status: Vec<u16>,
}

impl SmsHttpSettings {
    /// These settings with what the preset adds.
    pub(super) fn with_preset(&self) -> SmsHttpSettings {
        match self.preset {
            None => self.clone(),
            Some(Preset::Kannel) => kannel::fill(self),
        }
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.password
            .iter()
            .chain(&self.bearer_token)
            .chain(self.secret_headers.values())
            .chain(self.receipts.iter().map(|receipts| &receipts.secret))
            .chain(self.replies.iter().map(|replies| &replies.secret))
    }

    pub(super) fn check_values(&self) -> Result<(), SettingsError> {
        let settings = self.with_preset();
        settings.url.require_https("url", settings.allow_cleartext)?;
        if let Some(check) = &settings.check {
            check.url.require_https("check.url", settings.allow_cleartext)?;
        }
        settings.check_credentials()?;
        settings.check_message()?;
        settings.check_headers()?;
        settings.check_senders()?;
        for refusal in &settings.refusals {
            refusal.when.validate("refusals.when")?;
        }
        if let Some(success) = &settings.success {
            success.validate("success")?;
        }
        if let Some(replies) = &settings.replies {
            replies.validate()?;
        }
        if let Some(receipts) = &settings.receipts {
            receipts.validate()?;
        }
        settings.limits.validate()
    }

    fn check_credentials(&self) -> Result<(), SettingsError> {
        let needs_both = self.basic_auth || self.preset.is_some();
        if needs_both && self.username.is_none() {
            return Err(SettingsError::new("username", "is missing; this gateway signs in with username and password"));
        }
        if needs_both && self.password.is_none() {
            return Err(SettingsError::new("password", "is missing; this gateway signs in with username and password"));
        }
        if self.basic_auth && self.bearer_token.is_some() {
            return Err(SettingsError::new("bearer_token", "excludes basic_auth; set one of the two"));
        }
        Ok(())
    }

    fn check_message(&self) -> Result<(), SettingsError> {
        if self.json.is_some() && !self.form.is_empty() {
            return Err(SettingsError::new("json", "excludes form; set one of the two"));
        }
        if self.method == Method::Get && (self.json.is_some() || !self.form.is_empty()) {
            return Err(SettingsError::new("method", "GET has no body: use query, or POST with form or json"));
        }
        for placeholder in ["{text}", "{to}"] {
            let digits = if placeholder == "{to}" { "{to_digits}" } else { placeholder };
            if !request::uses(self, placeholder) && !request::uses(self, digits) {
                let message = format!("neither query, form nor json holds {placeholder}: no message would carry it");
                return Err(SettingsError::new("query", message));
            }
        }
        request::unknown_placeholder(self).map_or(Ok(()), |(key, found)| {
            Err(SettingsError::new(
                key,
                format!("{found} is no placeholder; see the documentation of sms-http for them"),
            ))
        })
    }

    fn check_senders(&self) -> Result<(), SettingsError> {
        if !self.senders.is_empty() && !request::uses(self, "{from}") {
            let message = "neither query, form nor json holds {from}: no message would carry them";
            return Err(SettingsError::new("senders", message));
        }
        senders::validate(&self.senders, |from| match from.trim() {
            "" => Err(SettingsError::new("from", "is empty; give a number, a short code or a name")),
            _ => Ok(()),
        })
    }

    fn check_headers(&self) -> Result<(), SettingsError> {
        if self.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization")) {
            let message = "holds a credential in plain text; use bearer_token, basic_auth or secret_headers";
            return Err(SettingsError::new("headers", message));
        }
        let names = self.headers.keys().map(|name| ("headers", name));
        for (key, name) in names.chain(self.secret_headers.keys().map(|name| ("secret_headers", name))) {
            if reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(SettingsError::new(key, format!("{name:?} is no header name")));
            }
        }
        for (name, secret) in &self.secret_headers {
            if reqwest::header::HeaderValue::from_str(secret.expose()).is_err() {
                return Err(SettingsError::new(
                    "secret_headers",
                    format!("the value of {name} cannot stand in a header"),
                ));
            }
        }
        Ok(())
    }
}
