//! Twilio's Programmable Messaging (twilio.com/docs/messaging/api/message-resource).
//!
//! It does not know a message again, so one that was written and not answered is in doubt.
//!
//! | answer | outcome |
//! |---|---|
//! | 201 with a `sid` | accepted |
//! | 201 without, other 2xx | in doubt |
//! | code 21211, 21217, 21266, 21614, 21635 | rejected: bad_address |
//! | code 21610 | rejected: opted_out |
//! | code 21408, 21608, 21612, 30004, 30007, 30034, 30450 | rejected: blocked |
//! | code 30003, 30005, 30006, 30008 | rejected: undelivered, no_such_address, bad_address, undelivered |
//! | code 21602, 21617 | rejected: bad_content |
//! | code 10001, 20003, 20005, 20404, 21212, 21603, 21606, 21659, 21660, 21701, 21703, 21705, 30002 | later: unauthorized (account, credentials, or a sender that is not ours) |
//! | code 14107, 20429, 21611, 30001, 30022, 63018 | later: throttled, until `Retry-After` |
//! | 404 | later: unauthorized (no such account) |
//! | any other | by its status, see `Answer::refusal` |
//! | no connection | later: unreachable |
//! | no answer | in doubt |
//!
//! What becomes of a message comes to the address that went with it ([`callback`]).

mod callback;

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::RequestBuilder;
use schemars::JsonSchema;
use serde::Deserialize;

use self::callback::Callbacks;
use super::{
    encoding,
    number::is_e164,
    senders::{self, SenderSettings},
};
use crate::{
    contract::{
        Callback, CallbackError, Channel, CheckReport, Content, Limits, Manifest, Outcome, Parcel, Provider, Reason,
        Receipt, Unavailable, World,
    },
    detail::Scrubber,
    endpoint::Endpoint,
    exchange::{Answer, exchange},
    limits::LimitSettings,
    registry::{Kind, SettingsError},
    secret::Secret,
};

/// A Twilio account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TwilioSettings {
    /// The account: `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// Its token. It signs what Twilio reports, and signs in where there is no API key.
    pub auth_token: Secret,
    /// An API key to sign in with: `SK` and 32 hexadecimal digits. Default: the account and its token.
    pub api_key: Option<String>,
    /// The API key's secret.
    pub api_key_secret: Option<Secret>,
    /// The sender's number, short code or name. Either this or `messaging_service_sid`.
    pub from: Option<String>,
    /// The messaging service that chooses the sender: `MG` and 32 hexadecimal digits.
    pub messaging_service_sid: Option<String>,
    /// Senders by country, in place of `from` or the messaging service: numbers, short codes, names, or services (`MG…`).
    #[serde(default)]
    pub senders: Vec<SenderSettings>,
    /// Where the API is. Default: `https://api.twilio.com`.
    pub endpoint: Option<Endpoint>,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: one a second, what a long number carries in the US, and for each of `senders` its own
    /// rate or one a second more; Twilio queues what is faster.
    #[serde(default)]
    pub limits: LimitSettings,
}

struct Twilio {
    manifest: Manifest,
    settings: TwilioSettings,
    base: String,
    callbacks: Option<Callbacks>,
    world: World,
    scrubber: Scrubber,
}

impl Kind for TwilioSettings {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn sender(&self) -> Option<&str> {
        self.from.as_deref().or(self.messaging_service_sid.as_deref())
    }

    fn senders(&self) -> &[SenderSettings] {
        &self.senders
    }

    fn validate(&self) -> Result<(), SettingsError> {
        let sid = |key, prefix: &str, value: &str| {
            let is_one = value
                .strip_prefix(prefix)
                .is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
            let wrong = || SettingsError::new(key, format!("must be {prefix} and 32 hexadecimal digits"));
            if is_one { Ok(()) } else { Err(wrong()) }
        };
        sid("account_sid", "AC", &self.account_sid)?;
        if let Some(key) = &self.api_key {
            sid("api_key", "SK", key)?;
        }
        if self.api_key.is_some() != self.api_key_secret.is_some() {
            return Err(SettingsError::new("api_key_secret", "goes with api_key: give both, or neither"));
        }
        match (&self.from, &self.messaging_service_sid) {
            (Some(from), None) if from.trim().is_empty() => {
                return Err(SettingsError::new("from", "is empty; give a number of yours, a short code or a name"));
            }
            (Some(_), None) => {}
            (None, Some(service)) => sid("messaging_service_sid", "MG", service)?,
            _ => return Err(SettingsError::new("from", "give either from or messaging_service_sid")),
        }
        senders::validate(&self.senders, |from| {
            if from.trim().is_empty() {
                return Err(SettingsError::new("from", "is empty; give a number of yours, a short code or a name"));
            }
            if is_service(from) { sid("from", "MG", from) } else { Ok(()) }
        })?;
        if let Some(endpoint) = &self.endpoint {
            endpoint.require_https("endpoint", self.allow_cleartext)?;
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let callbacks = Callbacks::new(name, &self.auth_token, world);
        let host = self.endpoint.as_ref().map_or("https://api.twilio.com", |endpoint| endpoint.as_str());
        Ok(Arc::new(Twilio {
            manifest: Manifest {
                kind: "twilio",
                name: name.to_owned(),
                channel: Channel::Sms,
                limits: self.limits.over(senders::limits(
                    &self.senders,
                    Limits { per_second: Some(self.rate()), ..Limits::default() },
                )),
                idempotent: false,
                key_life: None,
                receipts: callbacks.is_some(),
                text_limit: None,
                leaves: true,
            },
            base: format!("{}/2010-04-01/Accounts/{}", host.trim_end_matches('/'), self.account_sid),
            callbacks,
            scrubber: Scrubber::new([&self.auth_token].into_iter().chain(&self.api_key_secret)),
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
impl Provider for Twilio {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        let rejected = |reason, detail: &str| Outcome::Rejected { reason, detail: detail.to_owned() };
        let Content::Sms { text, .. } = &parcel.content else {
            return rejected(Reason::BadContent, "this provider carries text messages only");
        };
        if !is_e164(&parcel.to) {
            return rejected(Reason::BadAddress, "the number is not in E.164 form: + and 7 to 15 digits");
        }
        let mut form = vec![("To", parcel.to.clone()), ("Body", text.clone())];
        let usual = self.settings.from.as_deref().or(self.settings.messaging_service_sid.as_deref());
        let from = senders::sender(&self.settings.senders, usual.unwrap_or_default(), &parcel.to);
        form.push((if is_service(from) { "MessagingServiceSid" } else { "From" }, from.to_owned()));
        if let Some(callbacks) = &self.callbacks {
            form.push(("StatusCallback", callbacks.url(&parcel.token)));
        }
        let request = self.world.http.post(format!("{}/Messages.json", self.base)).form(&form);
        match exchange(self.authorized(request)).await {
            Ok(answer) => self.read(&answer, &parcel.to, encoding::measure(text).parts),
            Err(silence) => silence.outcome(),
        }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        // An API key may send and may not read the account.
        let url = match self.settings.api_key {
            Some(_) => format!("{}/Messages.json?PageSize=1", self.base),
            None => format!("{}.json", self.base),
        };
        let answer = exchange(self.authorized(self.world.http.get(url))).await.map_err(|gone| gone.unavailable())?;
        let Some(body) = answer.json().filter(|_| answer.status == 200) else {
            let mut gone = answer.unavailable(self.world.clock.now(), self.detail(&answer, ""));
            if answer.status == 404 {
                gone.reason = Reason::Unauthorized;
            }
            return Err(gone);
        };
        let summary = match body["status"].as_str() {
            None => "the API key is taken".to_owned(),
            Some("active") if body["type"] == "Trial" => {
                "the account is active, on trial: only verified numbers get anything".to_owned()
            }
            Some("active") => "the account is active".to_owned(),
            Some(_) => {
                let detail = "the account is suspended or closed".to_owned();
                return Err(Unavailable { reason: Reason::Unauthorized, detail, after: None });
            }
        };
        Ok(CheckReport { summary, ..CheckReport::default() })
    }

    fn receipt(&self, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        self.callbacks.as_ref().ok_or(CallbackError::Unsupported)?.read(callback)
    }
}

impl TwilioSettings {
    /// What all senders carry together.
    fn rate(&self) -> f64 {
        let mut own: Vec<(&str, f64)> =
            self.senders.iter().map(|sender| (sender.from.as_str(), sender.per_second.unwrap_or(1.0))).collect();
        own.sort_by(|a, b| a.0.cmp(b.0));
        own.dedup_by_key(|(from, _)| *from);
        1.0 + own.iter().map(|(_, rate)| rate).sum::<f64>()
    }
}

/// True for a messaging service; no name that may be shown is as long.
fn is_service(from: &str) -> bool {
    from.len() == 34 && from.starts_with("MG")
}

impl Twilio {
    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match (&self.settings.api_key, &self.settings.api_key_secret) {
            (Some(key), Some(secret)) => request.basic_auth(key, Some(secret.expose())),
            _ => request.basic_auth(&self.settings.account_sid, Some(self.settings.auth_token.expose())),
        }
    }

    fn read(&self, answer: &Answer, to: &str, parts: u32) -> Outcome {
        let (detail, body) = (self.detail(answer, to), answer.json().unwrap_or_default());
        if answer.status == 201 {
            return match body["sid"].as_str().filter(|sid| is_reference(sid)) {
                Some(sid) => Outcome::Accepted { reference: Some(sid.to_owned()), parts },
                None => Outcome::InDoubt { detail },
            };
        }
        let after = answer.retry_after(self.world.clock.now());
        let refused = (400..500).contains(&answer.status);
        match body["code"].as_i64().filter(|_| refused).and_then(reason) {
            Some(reason @ (Reason::Throttled | Reason::Unauthorized)) => Outcome::Later { after, reason, detail },
            Some(reason) => Outcome::Rejected { reason, detail },
            None if answer.status == 404 => Outcome::Later { after, reason: Reason::Unauthorized, detail },
            None => answer.refusal(after, detail),
        }
    }

    fn detail(&self, answer: &Answer, to: &str) -> String {
        let body = answer.json().unwrap_or_default();
        let said = match (body["code"].as_i64(), body["message"].as_str()) {
            (Some(code), Some(message)) => format!("{} {code} {message}", answer.status),
            _ => format!("{} {}", answer.status, answer.text()),
        };
        self.scrubber.clean(&said, to)
    }
}

/// What a code means, of an answer or of a report (twilio.com/docs/api/errors).
fn reason(code: i64) -> Option<Reason> {
    Some(match code {
        21211 | 21217 | 21266 | 21614 | 21635 | 30006 => Reason::BadAddress,
        21610 => Reason::OptedOut,
        21408 | 21608 | 21612 | 30004 | 30007 | 30034 | 30450 => Reason::Blocked,
        30005 => Reason::NoSuchAddress,
        30003 | 30008 => Reason::Undelivered,
        30036 => Reason::Expired,
        21602 | 21617 => Reason::BadContent,
        10001 | 20003 | 20005 | 20404 | 21212 | 21603 | 21606 | 21659 | 21660 | 21701 | 21703 | 21705 | 30002 => {
            Reason::Unauthorized
        }
        14107 | 20429 | 21611 | 30001 | 30022 | 63018 => Reason::Throttled,
        _ => return None,
    })
}

fn is_reference(id: &str) -> bool {
    (1..=512).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
