//! Amazon SES, API version 2 (docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html).
//!
//! The mail goes as it is, as raw content. SES puts a `Message-ID` and a `Date` of its own in the place of ours. It does
//! not know a message again, so one that was written and not answered is in doubt.
//!
//! | answer | outcome |
//! |---|---|
//! | 200 with a `MessageId` | accepted |
//! | 200 without | in doubt |
//! | `AccountSuspendedException`, `SendingPausedException`, `MailFromDomainNotVerifiedException`, `NotFoundException` (the configuration set) | later: unauthorized |
//! | `MessageRejected` that speaks of an address that is not verified | later: unauthorized |
//! | other `MessageRejected` | rejected: bad_content |
//! | `BadRequestException` that speaks of the address | rejected: bad_address |
//! | other `BadRequestException` | rejected: bad_content |
//! | `TooManyRequestsException`, `ThrottlingException` | later: throttled, until `Retry-After` |
//! | either of these that speaks of the daily quota, `LimitExceededException` | later: quota |
//! | `UnrecognizedClientException`, `InvalidClientTokenId`, `InvalidSignatureException`, `IncompleteSignature`, `MissingAuthenticationToken`, `AccessDeniedException`, `ExpiredTokenException` | later: unauthorized |
//! | any other | by its status, see `Answer::refusal` |
//! | no connection | later: unreachable |
//! | no answer | in doubt |
//!
//! What becomes of a mail comes as an event of the configuration set through an SNS topic ([`events`]).

mod events;
mod sign;
mod sns;

use std::{num::NonZeroU32, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Method, RequestBuilder, header};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use self::{sign::Signer, sns::Topic};
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

/// The tag by which an event names its delivery.
const TAG: &str = "onevoice";

/// Amazon SES in one region.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SesSettings {
    /// The region: `eu-west-1`.
    pub region: String,
    /// The id of an access key that may `ses:SendEmail`, `ses:SendRawEmail` and `ses:GetAccount`.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
    /// The configuration set that mails go by. It publishes the events. Default: the identity's own.
    pub configuration_set: Option<String>,
    /// What becomes of mails, told through an SNS topic. Default: nothing is told.
    pub events: Option<EventSettings>,
    /// Where the API is. Default: `https://email.REGION.amazonaws.com`.
    pub endpoint: Option<Endpoint>,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: 14 a second, an account's first rate, over four connections.
    #[serde(default)]
    pub limits: LimitSettings,
}

/// The SNS topic to which the configuration set publishes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventSettings {
    /// Its ARN. `PUBLIC_URL/receipts/NAME` subscribes to it; the subscription is confirmed by itself.
    pub topic_arn: String,
    /// The certificate that the topic signs with, PEM. Default: fetched from SNS when it is first needed.
    pub certificate_file: Option<PathBuf>,
}

struct Ses {
    manifest: Manifest,
    settings: SesSettings,
    base: String,
    signer: Signer,
    topic: Option<Arc<Topic>>,
    world: World,
    scrubber: Scrubber,
}

impl Kind for SesSettings {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain(&self.region) {
            return Err(SettingsError::new("region", "is not the name of a region, such as \"eu-west-1\""));
        }
        if !plain(&self.access_key_id) {
            return Err(SettingsError::new("access_key_id", "is not an access key's id, such as \"AKIA…\""));
        }
        if let Some(endpoint) = &self.endpoint {
            endpoint.require_https("endpoint", self.allow_cleartext)?;
        }
        if let Some(events) = &self.events {
            sns::region(&events.topic_arn).ok_or_else(|| {
                SettingsError::new("events.topic_arn", "must look like \"arn:aws:sns:REGION:ACCOUNT:NAME\"")
            })?;
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits {
            per_second: Some(14.0),
            connections: NonZeroU32::new(4).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        let base = match &self.endpoint {
            Some(endpoint) => endpoint.as_str().trim_end_matches('/').to_owned(),
            None => format!("https://email.{}.{}", self.region, sns::domain(&self.region)),
        };
        let topic = self.events.as_ref().map(|events| Topic::new(events, world)).transpose()?;
        Ok(Arc::new(Ses {
            manifest: Manifest {
                kind: "ses",
                name: name.to_owned(),
                channel: Channel::Email,
                limits: self.limits.over(declared),
                idempotent: false,
                key_life: None,
                receipts: topic.is_some(),
                text_limit: None,
                leaves: true,
            },
            base,
            signer: Signer::new(&self.access_key_id, &self.secret_access_key, &self.region, "ses"),
            topic,
            scrubber: Scrubber::new([&self.secret_access_key]),
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
impl Provider for Ses {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        let Content::Mail { raw, .. } = &parcel.content else {
            let detail = "this provider carries mail only".to_owned();
            return Outcome::Rejected { reason: Reason::BadContent, detail };
        };
        let mut mail = json!({
            "Destination": { "ToAddresses": [parcel.to] },
            "Content": { "Raw": { "Data": BASE64_STANDARD.encode(raw) } },
            "EmailTags": [{ "Name": TAG, "Value": parcel.token }],
        });
        if let Some(set) = &self.settings.configuration_set {
            mail["ConfigurationSetName"] = json!(set);
        }
        match exchange(self.request(Method::POST, "/v2/email/outbound-emails", mail.to_string())).await {
            Ok(answer) => self.read(&answer, &parcel.to),
            Err(silence) => silence.outcome(),
        }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let request = self.request(Method::GET, "/v2/email/account", String::new());
        let answer = exchange(request).await.map_err(|silence| silence.unavailable())?;
        let Some(account) = answer.json().filter(|_| answer.status == 200) else {
            let mut gone = answer.unavailable(self.world.clock.now(), self.detail(&answer, ""));
            if is_credential_error(&error_name(&answer)) {
                gone.reason = Reason::Unauthorized;
            }
            return Err(gone);
        };
        if account["SendingEnabled"] == false {
            let detail = "the account's sending is paused; the SES console says why".to_owned();
            return Err(Unavailable { reason: Reason::Unauthorized, detail, after: None });
        }
        let quota = |name: &str| account["SendQuota"][name].as_f64().unwrap_or_default();
        let mut summary = format!(
            "sending is enabled, {} mails a second; {} of {} a day are left",
            quota("MaxSendRate"),
            (quota("Max24HourSend") - quota("SentLast24Hours")).max(0.0),
            quota("Max24HourSend"),
        );
        if account["ProductionAccessEnabled"] == false {
            summary.push_str("; the account is in the sandbox: only verified addresses get anything");
        }
        Ok(CheckReport { summary, ..CheckReport::default() })
    }

    fn receipt(&self, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        self.topic.as_ref().ok_or(CallbackError::Unsupported)?.receive(callback)
    }
}

impl Ses {
    fn request(&self, method: Method, path: &str, body: String) -> RequestBuilder {
        let url = format!("{}{path}", self.base);
        let signed = self.signer.sign(&method, &url, body.as_bytes(), self.world.clock.now());
        let request = self.world.http.request(method, url).header(header::CONTENT_TYPE, sign::CONTENT_TYPE);
        request.header("x-amz-date", signed.date).header(header::AUTHORIZATION, signed.authorization).body(body)
    }

    fn read(&self, answer: &Answer, to: &str) -> Outcome {
        let detail = self.detail(answer, to);
        if answer.status == 200 {
            let body = answer.json();
            return match body.as_ref().and_then(|body| body["MessageId"].as_str()).filter(|id| is_reference(id)) {
                Some(id) => Outcome::Accepted { reference: Some(id.to_owned()), parts: 1 },
                None => Outcome::InDoubt { detail },
            };
        }
        let after = answer.retry_after(self.world.clock.now());
        let (name, words) = (error_name(answer), answer.text().to_ascii_lowercase());
        let says = |phrase: &str| words.contains(phrase);
        let later = |reason, detail| Outcome::Later { after, reason, detail };
        let rejected = |reason, detail| Outcome::Rejected { reason, detail };
        match name.as_str() {
            "AccountSuspendedException"
            | "SendingPausedException"
            | "MailFromDomainNotVerifiedException"
            | "NotFoundException" => later(Reason::Unauthorized, detail),
            "MessageRejected" if says("not verified") => later(Reason::Unauthorized, detail),
            "MessageRejected" => rejected(Reason::BadContent, detail),
            "BadRequestException" if says("illegal address") || says("@domain") || says("invalid email address") => {
                rejected(Reason::BadAddress, detail)
            }
            "BadRequestException" => rejected(Reason::BadContent, detail),
            "LimitExceededException" => later(Reason::Quota, detail),
            "TooManyRequestsException" | "ThrottlingException" | "Throttling" if says("quota") => {
                later(Reason::Quota, detail)
            }
            "TooManyRequestsException" | "ThrottlingException" | "Throttling" => later(Reason::Throttled, detail),
            name if is_credential_error(name) => later(Reason::Unauthorized, detail),
            _ => answer.refusal(after, detail),
        }
    }

    fn detail(&self, answer: &Answer, to: &str) -> String {
        let body = answer.json().unwrap_or_default();
        let said = ["message", "Message"].iter().find_map(|key| body[key].as_str().map(str::to_owned));
        let said = said.unwrap_or_else(|| answer.text());
        self.scrubber.clean(&format!("{} {} {said}", answer.status, error_name(answer)), to)
    }
}

/// The name of an error: of the header `x-amzn-ErrorType`, or of the body, each with things around it that vary.
fn error_name(answer: &Answer) -> String {
    let body = answer.json().unwrap_or_default();
    let name = answer.header("x-amzn-errortype").or_else(|| body["__type"].as_str()).or_else(|| body["code"].as_str());
    let name = name.unwrap_or_default().rsplit('#').next().unwrap_or_default();
    name.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn is_credential_error(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "AccessDeniedException",
        "ExpiredTokenException",
        "SignatureDoesNotMatch",
    ];
    // Some come with `Exception` at their end and some without.
    NAMES.iter().any(|known| name.trim_end_matches("Exception") == known.trim_end_matches("Exception"))
}

fn is_reference(id: &str) -> bool {
    (1..=512).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
