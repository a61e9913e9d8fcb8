//! Vonage's Messages API, version 1, for text messages (developer.vonage.com/en/api/messages).
//!
//! It does not know a message again, so one that was written and not answered is in doubt. A refusal names its code at
//! the end of the `type` of its problem (developer.vonage.com/en/api-errors/messages).
//!
//! | answer | outcome |
//! |---|---|
//! | 202 with a `message_uuid` | accepted |
//! | 202 without, other 2xx | in doubt |
//! | code 1000, 1241 | later: throttled, until `Retry-After` |
//! | code 1070, `low-balance` | later: quota |
//! | code 1060, 1080, 1110, 1140 | later: unauthorized (the account may not) |
//! | code 1100 | later: temporary |
//! | code 1010, 1020, 1021, 1022, 1090, 1130, 1150 | rejected: bad_content |
//! | code 1040, 1170 | rejected: bad_address |
//! | code 1190, 1300 | rejected: no_such_address |
//! | code 1240 | rejected: opted_out |
//! | code 1050, 1120, 1160, 1210, 1250, 1270, 1280 | rejected: blocked |
//! | code 1180, 1200, 1220, 1230, 1260, 1290, 1310, 1330, 1340 | rejected: undelivered |
//! | code 1360 | rejected: expired |
//! | any other | by its status, see `Answer::refusal` |
//! | no connection | later: unreachable |
//! | no answer | in doubt |
//!
//! What becomes of a message comes as a signed callback ([`callback`]).

mod callback;

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::RequestBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use self::callback::Callbacks;
use super::{
    encoding,
    number::is_e164,
    senders::{self, SenderSettings},
};
use crate::{
    contract::{
        Callback, CallbackError, Channel, CheckReport, Content, Limits, Manifest, Outcome, Parcel, Provider, Reason,
        Receipt, SmsEncoding, Unavailable, World,
    },
    detail::Scrubber,
    endpoint::Endpoint,
    exchange::{Answer, exchange},
    limits::LimitSettings,
    registry::{Kind, SettingsError},
    secret::Secret,
};

/// A Vonage account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VonageSettings {
    /// The account's API key.
    pub api_key: String,
    /// Its secret.
    pub api_secret: Secret,
    /// The sender's number, without a plus sign, or name.
    pub from: String,
    /// Senders by country, in place of `from`.
    #[serde(default)]
    pub senders: Vec<SenderSettings>,
    /// The account's signature secret, which signs what Vonage reports. Default: nothing is told.
    pub signature_secret: Option<Secret>,
    /// Where messages go. Default: `https://api.nexmo.com`.
    pub endpoint: Option<Endpoint>,
    /// Where the balance is asked for. Default: `https://rest.nexmo.com`.
    pub account_endpoint: Option<Endpoint>,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: 30 a second over four connections, what an account has at first.
    #[serde(default)]
    pub limits: LimitSettings,
}

struct Vonage {
    manifest: Manifest,
    settings: VonageSettings,
    callbacks: Option<Callbacks>,
    world: World,
    scrubber: Scrubber,
}

impl Kind for VonageSettings {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn sender(&self) -> Option<&str> {
        Some(&self.from)
    }

    fn senders(&self) -> &[SenderSettings] {
        &self.senders
    }

    fn validate(&self) -> Result<(), SettingsError> {
        if self.api_key.is_empty() || !self.api_key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(SettingsError::new("api_key", "is not an API key, such as \"abcd1234\""));
        }
        let is_sender = |from: &str| match from.trim().is_empty() || from.starts_with('+') {
            true => Err(SettingsError::new("from", "must be a number without its plus sign, or a name")),
            false => Ok(()),
        };
        is_sender(&self.from)?;
        senders::validate(&self.senders, is_sender)?;
        for (key, endpoint) in [("endpoint", &self.endpoint), ("account_endpoint", &self.account_endpoint)] {
            if let Some(endpoint) = endpoint {
                endpoint.require_https(key, self.allow_cleartext)?;
            }
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let callbacks = self.signature_secret.as_ref().and_then(|secret| Callbacks::new(name, secret, world));
        let declared = Limits {
            per_second: Some(30.0),
            connections: std::num::NonZeroU32::new(4).unwrap_or(std::num::NonZeroU32::MIN),
            ..Limits::default()
        };
        Ok(Arc::new(Vonage {
            manifest: Manifest {
                kind: "vonage",
                name: name.to_owned(),
                channel: Channel::Sms,
                limits: self.limits.over(senders::limits(&self.senders, declared)),
                idempotent: false,
                key_life: None,
                receipts: callbacks.is_some(),
                text_limit: None,
                leaves: true,
            },
            callbacks,
            scrubber: Scrubber::new([&self.api_secret].into_iter().chain(&self.signature_secret)),
            settings: self.clone(),
            world: world.clone(),
        }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        tests::case()
    }

    #[cfg(test)]
    fn callbacks() -> Option<crate::testkit::Callbacks> {
        Some(tests::callbacks())
    }
}

#[async_trait]
impl Provider for Vonage {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        let rejected = |reason, detail: &str| Outcome::Rejected { reason, detail: detail.to_owned() };
        let Content::Sms { text, encoding } = &parcel.content else {
            return rejected(Reason::BadContent, "this provider carries text messages only");
        };
        if !is_e164(&parcel.to) {
            return rejected(Reason::BadAddress, "the number is not in E.164 form: + and 7 to 15 digits");
        }
        let coding = match encoding {
            SmsEncoding::Gsm7 => "text",
            SmsEncoding::Ucs2 => "unicode",
        };
        let mut message = json!({
            "channel": "sms", "message_type": "text",
            "to": parcel.to.trim_start_matches('+'), "from": senders::sender(&self.settings.senders, &self.settings.from, &parcel.to),
            "text": text, "client_ref": parcel.token, "sms": { "encoding_type": coding },
        });
        if let Some(callbacks) = &self.callbacks {
            message["webhook_url"] = json!(callbacks.url());
            message["webhook_version"] = json!("v1");
        }
        let url = address(self.settings.endpoint.as_ref(), "https://api.nexmo.com", "/v1/messages");
        match exchange(self.authorized(self.world.http.post(url)).json(&message)).await {
            Ok(answer) => self.read(&answer, &parcel.to, encoding::measure(text).parts),
            Err(silence) => silence.outcome(),
        }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let url = address(self.settings.account_endpoint.as_ref(), "https://rest.nexmo.com", "/account/get-balance");
        let answer = exchange(self.authorized(self.world.http.get(url))).await.map_err(|gone| gone.unavailable())?;
        let body = answer.json().filter(|_| answer.status == 200);
        let Some((body, balance)) = body.as_ref().and_then(|body| Some((body, body["value"].as_f64()?))) else {
            return Err(answer.unavailable(self.world.clock.now(), self.detail(&answer, "")));
        };
        let reload = if body["autoReload"] == true { ", and reloads itself" } else { "" };
        let summary = format!("the balance is {balance:.2} EUR{reload}");
        Ok(CheckReport { summary, ..CheckReport::default() })
    }

    fn receipt(&self, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        self.callbacks.as_ref().ok_or(CallbackError::Unsupported)?.read(callback, self.world.clock.now())
    }
}

impl Vonage {
    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.settings.api_key, Some(self.settings.api_secret.expose()))
    }

    fn read(&self, answer: &Answer, to: &str, parts: u32) -> Outcome {
        let (detail, body) = (self.detail(answer, to), answer.json().unwrap_or_default());
        if answer.status == 202 {
            return match body["message_uuid"].as_str().filter(|id| is_reference(id)) {
                Some(id) => Outcome::Accepted { reference: Some(id.to_owned()), parts },
                None => Outcome::InDoubt { detail },
            };
        }
        let after = answer.retry_after(self.world.clock.now());
        let refused = (400..500).contains(&answer.status);
        match code(&body).filter(|_| refused).and_then(|code| reason(&code)) {
            Some(reason @ (Reason::Throttled | Reason::Quota | Reason::Unauthorized | Reason::Temporary)) => {
                Outcome::Later { after, reason, detail }
            }
            Some(reason) => Outcome::Rejected { reason, detail },
            None => answer.refusal(after, detail),
        }
    }

    fn detail(&self, answer: &Answer, to: &str) -> String {
        let body = answer.json().unwrap_or_default();
        let said = match (code(&body), body["title"].as_str(), body["detail"].as_str()) {
            (Some(code), title, detail) => {
                format!("{code} {} {}", title.unwrap_or_default(), detail.unwrap_or_default())
            }
            _ => answer.text(),
        };
        self.scrubber.clean(&format!("{} {said}", answer.status), to)
    }
}

fn address(endpoint: Option<&Endpoint>, usual: &str, path: &str) -> String {
    format!("{}{path}", endpoint.map_or(usual, |endpoint| endpoint.as_str()).trim_end_matches('/'))
}

/// The code of a problem: what follows `#` in its type, or a number as its title.
fn code(problem: &Value) -> Option<String> {
    let of_type = problem["type"].as_str().and_then(|kind| kind.split_once('#')).map(|(_, code)| code.to_owned());
    of_type.or_else(|| match &problem["title"] {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => Some(text.clone()),
        _ => None,
    })
}

/// What a code means, of an answer or of a report.
fn reason(code: &str) -> Option<Reason> {
    Some(match code {
        "1000" | "1241" => Reason::Throttled,
        "1070" | "low-balance" => Reason::Quota,
        "1060" | "1080" | "1110" | "1140" => Reason::Unauthorized,
        "1100" => Reason::Temporary,
        "1010" | "1020" | "1021" | "1022" | "1090" | "1130" | "1150" => Reason::BadContent,
        "1040" | "1170" => Reason::BadAddress,
        "1190" | "1300" => Reason::NoSuchAddress,
        "1240" => Reason::OptedOut,
        "1050" | "1120" | "1160" | "1210" | "1250" | "1270" | "1280" => Reason::Blocked,
        "1180" | "1200" | "1220" | "1230" | "1260" | "1290" | "1310" | "1330" | "1340" => Reason::Undelivered,
        "1360" => Reason::Expired,
        _ => return None,
    })
}

fn is_reference(id: &str) -> bool {
    (1..=512).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
