//! SendGrid, Web API version 3 (twilio.com/docs/sendgrid/api-reference/mail-send/mail-send).
//!
//! It takes a mail in pieces and builds one of its own, which it signs itself ([`pieces`]). It does not know a message
//! again, so one that was written and not answered is in doubt. Its rewriting of links, its pixel and its unsubscribe
//! footer are switched off for each mail.
//!
//! | answer | outcome |
//! |---|---|
//! | 202 | accepted; its reference is `X-Message-Id` |
//! | 200 | in doubt: only its sandbox answers so |
//! | 400 about `personalizations` and an address | rejected: bad_address |
//! | 400, 413, other 4xx | rejected: bad_content |
//! | 401 that speaks of credits | later: quota |
//! | 401, 403 | later: unauthorized |
//! | 404, 405, 406, 415 | later: bad_answer; this is not SendGrid |
//! | 429 | later: throttled, until `Retry-After` or `X-RateLimit-Reset` |
//! | 3xx | later: bad_answer; redirects are not followed |
//! | 503 | later: temporary |
//! | 408, other 5xx | in doubt |
//! | no connection | later: unreachable |
//! | no answer | in doubt |

mod events;
mod pieces;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::RequestBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use self::events::Events;
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
    retry_after,
    secret::Secret,
};

/// The argument by which an event names its delivery.
const ARGUMENT: &str = "onevoice";

/// A SendGrid account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendgridSettings {
    /// An API key with the permission `mail.send`.
    pub api_key: Secret,
    /// The verification key of the signed event webhook, as the settings page shows it. Default: nothing is told.
    pub events_key: Option<String>,
    /// Where the API is; `https://api.eu.sendgrid.com` for subusers in the EU. Default: `https://api.sendgrid.com`.
    pub endpoint: Option<Endpoint>,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: 100 a second over eight connections.
    #[serde(default)]
    pub limits: LimitSettings,
}

struct Sendgrid {
    manifest: Manifest,
    settings: SendgridSettings,
    base: String,
    events: Option<Events>,
    world: World,
    scrubber: Scrubber,
}

impl Kind for SendgridSettings {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        if let Some(endpoint) = &self.endpoint {
            endpoint.require_https("endpoint", self.allow_cleartext)?;
        }
        self.events_key.as_deref().map(Events::new).transpose()?;
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits {
            per_second: Some(100.0),
            connections: NonZeroU32::new(8).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        let events = self.events_key.as_deref().map(Events::new).transpose()?;
        let base = self.endpoint.as_ref().map_or("https://api.sendgrid.com", |endpoint| endpoint.as_str());
        Ok(Arc::new(Sendgrid {
            manifest: Manifest {
                kind: "sendgrid",
                name: name.to_owned(),
                channel: Channel::Email,
                limits: self.limits.over(declared),
                idempotent: false,
                key_life: None,
                receipts: events.is_some(),
                text_limit: None,
                leaves: true,
            },
            base: base.trim_end_matches('/').to_owned(),
            events,
            scrubber: Scrubber::new([&self.api_key]),
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
impl Provider for Sendgrid {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        let rejected = |detail: &str| Outcome::Rejected { reason: Reason::BadContent, detail: detail.to_owned() };
        let Content::Mail { raw, .. } = &parcel.content else {
            return rejected("this provider carries mail only");
        };
        let mut mail = match pieces::of(raw) {
            Ok(mail) => mail,
            Err(why) => return rejected(why),
        };
        mail["personalizations"] =
            json!([{ "to": [{ "email": parcel.to }], "custom_args": { ARGUMENT: parcel.token } }]);
        let off = json!({ "enable": false });
        mail["tracking_settings"] =
            json!({ "click_tracking": off, "open_tracking": off, "subscription_tracking": off });
        match exchange(self.authorized(self.world.http.post(self.url("/v3/mail/send"))).json(&mail)).await {
            Ok(answer) => self.read(&answer, &parcel.to),
            Err(silence) => silence.outcome(),
        }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let request = self.authorized(self.world.http.get(self.url("/v3/scopes")));
        let answer = exchange(request).await.map_err(|silence| silence.unavailable())?;
        let Some(body) = answer.json().filter(|_| answer.status == 200) else {
            return Err(answer.unavailable(self.world.clock.now(), self.detail(&answer, "")));
        };
        if body["scopes"].as_array().is_some_and(|scopes| scopes.iter().any(|scope| scope == "mail.send")) {
            let summary = "the key may send mail".to_owned();
            return Ok(CheckReport { summary, ..CheckReport::default() });
        }
        let detail = "the key may not send mail; give it the permission mail.send".to_owned();
        Err(Unavailable { reason: Reason::Unauthorized, detail, after: None })
    }

    fn receipt(&self, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        self.events.as_ref().ok_or(CallbackError::Unsupported)?.read(callback, self.world.clock.now())
    }
}

impl Sendgrid {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.settings.api_key.expose()).header("accept", "application/json")
    }

    fn read(&self, answer: &Answer, to: &str) -> Outcome {
        if answer.status == 202 && answer.complete {
            let id = answer.header("x-message-id").map(|id| self.scrubber.reference(id, to));
            return Outcome::Accepted { reference: id.filter(|id| !id.is_empty()), parts: 1 };
        }
        let now = self.world.clock.now();
        let after = answer.retry_after(now).or_else(|| reset(answer, now));
        let (detail, errors) = (self.detail(answer, to), answer.json().unwrap_or_default()["errors"].take());
        let about = |field: &str, words: &str| {
            let says = |error: &Value| {
                error["field"].as_str().unwrap_or_default().starts_with(field)
                    && error["message"].as_str().unwrap_or_default().to_ascii_lowercase().contains(words)
            };
            errors.as_array().is_some_and(|errors| errors.iter().any(says))
        };
        match answer.status {
            400 if about("personalizations", "email") => Outcome::Rejected { reason: Reason::BadAddress, detail },
            401 if about("", "credits") => Outcome::Later { after, reason: Reason::Quota, detail },
            404 | 405 | 406 | 415 => Outcome::Later { after, reason: Reason::BadAnswer, detail },
            _ => answer.refusal(after, detail),
        }
    }

    fn detail(&self, answer: &Answer, to: &str) -> String {
        let body = answer.json().unwrap_or_default();
        let said = body["errors"][0]["message"].as_str().map_or_else(|| answer.text(), str::to_owned);
        self.scrubber.clean(&format!("{} {said}", answer.status), to)
    }
}

/// When the limit begins anew, in seconds since 1970.
fn reset(answer: &Answer, now: Timestamp) -> Option<Duration> {
    let at: i64 = answer.header("x-ratelimit-reset").filter(|_| answer.status == 429)?.parse().ok()?;
    Some(retry_after::until(Timestamp::from_second(at).ok()?, now))
}

#[cfg(test)]
mod tests;
