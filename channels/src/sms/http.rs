//! `sms-http`: any gateway that takes a text message as one HTTP request, described in configuration.
//!
//! Values of `headers`, `query`, `form` and `json` may hold these placeholders; a value that comes out empty is left out.
//!
//! | placeholder | stands for |
//! |---|---|
//! | `{to}`, `{to_digits}` | the number in E.164, with and without its plus sign |
//! | `{from}`, `{username}`, `{password}` | the settings of these names |
//! | `{text}` | the message |
//! | `{coding}` | the setting for its alphabet |
//! | `{token}` | our name for the delivery |
//! | `{receipt_url}` | where to report what became of it; empty without `receipts` or a public address |
//!
//! A gateway does not know a message again, so one that was written and not answered is in doubt.
//!
//! | answer | outcome |
//! |---|---|
//! | as in `success` | accepted |
//! | as in one of `refusals` | by its reason: later for unauthorized, throttled, quota, temporary; else rejected |
//! | other 2xx, 408, 500, 502, 504, other 5xx | in doubt: it may have been passed on |
//! | 3xx | later: bad_answer; redirects are not followed |
//! | 401, 403 | later: unauthorized |
//! | 402 | later: quota |
//! | 429, 503 | later: throttled, temporary; until `Retry-After` |
//! | other 4xx | rejected: bad_content |
//! | no connection | later: unreachable |
//! | no answer, or one that cannot be read | in doubt |

mod answer;
mod kannel;
mod receipt;
mod reply;
mod request;
mod settings;

use std::sync::Arc;

use async_trait::async_trait;

pub use self::{
    answer::{JsonEquals, Matcher, ReferenceSettings, Refusal},
    receipt::{ReceiptSettings, StateWord},
    reply::ReplySettings,
    settings::{CheckSettings, Coding, Method, Preset, SmsHttpSettings},
};
use self::{receipt::Receipts, request::Values};
use crate::{
    contract::{
        Callback, CallbackError, Channel, CheckReport, Content, Heard, Limits, Manifest, Outcome, Parcel, Provider,
        Reason, Receipt, SmsEncoding, Unavailable, World,
    },
    detail::Scrubber,
    exchange::exchange,
    registry::{Kind, SettingsError},
    sms::{
        encoding,
        number::is_e164,
        senders::{self, SenderSettings},
    },
};

struct SmsHttp {
    manifest: Manifest,
    settings: SmsHttpSettings,
    receipts: Option<Receipts>,
    world: World,
    scrubber: Scrubber,
}

impl Kind for SmsHttpSettings {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn limits(&self) -> &crate::limits::LimitSettings {
        &self.limits
    }

    fn sender(&self) -> Option<&str> {
        Some(&self.from)
    }

    fn senders(&self) -> &[SenderSettings] {
        &self.senders
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.check_values()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let settings = self.with_preset();
        let receipts = settings.receipts.as_ref().and_then(|receipts| Receipts::new(name, receipts, world));
        Ok(Arc::new(SmsHttp {
            manifest: Manifest {
                kind: "sms-http",
                name: name.to_owned(),
                channel: Channel::Sms,
                limits: settings
                    .limits
                    .over(senders::limits(&settings.senders, Limits { per_second: Some(10.0), ..Limits::default() })),
                idempotent: false,
                key_life: None,
                receipts: receipts.is_some(),
                text_limit: None,
                leaves: true,
            },
            scrubber: Scrubber::new(settings.secrets()),
            settings,
            receipts,
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
impl Provider for SmsHttp {
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
        let values = self.values(parcel, text, *encoding);
        let request = request::build(&self.world.http, &self.settings, &values);
        match exchange(request).await {
            Ok(answer) => {
                let parts = encoding::measure(text).parts;
                let after = answer.retry_after(self.world.clock.now());
                let detail = self.scrubber.clean(&format!("{} {}", answer.status, answer.text()), &parcel.to);
                answer::read(&self.settings, &answer, parts, after, detail)
            }
            Err(silence) => silence.outcome(),
        }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let Some(check) = &self.settings.check else {
            let summary = "this gateway has no credential check in its settings; nothing was asked".to_owned();
            return Ok(CheckReport { summary, ..CheckReport::default() });
        };
        match exchange(request::check(&self.world.http, &self.settings, check)).await {
            Ok(answer) if check.status.contains(&answer.status) => {
                let summary = "the gateway takes the credentials".to_owned();
                Ok(CheckReport { summary, ..CheckReport::default() })
            }
            Ok(answer) => {
                let detail = self.scrubber.clean(&format!("{} {}", answer.status, answer.text()), "");
                Err(answer.unavailable(self.world.clock.now(), detail))
            }
            Err(silence) => Err(silence.unavailable()),
        }
    }

    fn receipt(&self, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        self.receipts.as_ref().ok_or(CallbackError::Unsupported)?.read(callback)
    }

    fn hear(&self, callback: &Callback<'_>) -> Result<Vec<Heard>, CallbackError> {
        if !ReplySettings::is_meant(callback) {
            return Ok(self.receipt(callback)?.into_iter().map(Heard::Receipt).collect());
        }
        let replies = self.settings.replies.as_ref().ok_or(CallbackError::Unsupported)?;
        Ok(vec![Heard::Reply(replies.read(callback)?)])
    }
}

impl SmsHttp {
    fn values<'a>(&'a self, parcel: &'a Parcel, text: &'a str, encoding: SmsEncoding) -> Values<'a> {
        let coding = match encoding {
            SmsEncoding::Gsm7 => &self.settings.coding.gsm7,
            SmsEncoding::Ucs2 => &self.settings.coding.ucs2,
        };
        Values {
            to: &parcel.to,
            from: senders::sender(&self.settings.senders, &self.settings.from, &parcel.to),
            text,
            token: &parcel.token,
            coding,
            receipt_url: self.receipts.as_ref().map(|receipts| receipts.url(&parcel.token)).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
