//! Any program that takes a signed webhook (Standard Webhooks, github.com/standard-webhooks/standard-webhooks).
//!
//! `webhook-id` is made from the delivery, so that a repeat has the same one and the receiver drops it; the signature
//! covers it with the time and the body. Only public addresses are reached, and the networks that the configuration names.
//!
//! | answer | outcome |
//! |---|---|
//! | 2xx | accepted |
//! | 2xx with more than anybody should read | in doubt |
//! | 404, 410 | rejected: no_such_address |
//! | all else | as in [`crate::posting`] |
//!
//! The body of an update, and of its deletion, whose `type` is `incident.update.withdrawn` and which has no `text`:
//!
//! ```json
//! {
//!   "type": "incident.update",
//!   "timestamp": "2026-03-01T11:53:20Z",
//!   "data": { "delivery": "12-webhook-0", "language": "en", "text": "…", "first": "…", "previous": "…" }
//! }
//! ```
//!
//! `first` and `previous` are the ids of the incident's first update and of the one before; null in the first.

use std::{num::NonZeroU32, sync::Arc};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    contract::{
        Channel, CheckReport, Limits, Manifest, Outcome, Parcel, Provider, Reason, TextLimit, TextUnit, Unavailable,
        World,
    },
    limits::LimitSettings,
    posting,
    registry::{Kind, SettingsError},
    secret::Secret,
    signed::{Called, Caller},
    social::posts,
};

/// The standard asks senders to stay within 20 KB.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 16_384, unit: TextUnit::Bytes };

/// A signed webhook.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// The whole address that is called, which is a secret.
    pub webhook_url: Secret,
    /// The key of the signature, `whsec_` and 24 to 64 bytes in Base64, which the receiver has too.
    pub signing_key: Secret,
    /// Networks that may be reached though they are not public, such as `10.1.0.0/16`. Default: none.
    #[serde(default)]
    pub allow_networks: Vec<String>,
    /// How long the receiver may take to answer, 1 to 60. Default: 15.
    #[serde(default = "fifteen")]
    pub timeout_seconds: u64,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: ten a second.
    #[serde(default)]
    pub limits: LimitSettings,
}

fn fifteen() -> u64 {
    15
}

struct Webhook {
    manifest: Manifest,
    caller: Caller,
    world: World,
}

impl WebhookSettings {
    fn called(&self) -> Called<'_> {
        Called {
            url: ("webhook_url", &self.webhook_url),
            keys: ("signing_key", std::slice::from_ref(&self.signing_key)),
            allow_networks: &self.allow_networks,
            allow_cleartext: self.allow_cleartext,
            timeout_seconds: self.timeout_seconds,
        }
    }
}

impl Kind for WebhookSettings {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.called().validate()?;
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits {
            per_second: Some(10.0),
            burst: NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        Ok(Arc::new(Webhook {
            manifest: Manifest {
                kind: "webhook",
                name: name.to_owned(),
                channel: Channel::Webhook,
                limits: self.limits.over(declared),
                idempotent: true,
                key_life: None,
                receipts: false,
                text_limit: Some(TEXT_LIMIT),
                leaves: true,
            },
            caller: Caller::new(&self.called())?,
            world: world.clone(),
        }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        tests::case()
    }
}

#[async_trait]
impl Provider for Webhook {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        let parts = match posts(parcel) {
            Ok(parts) => parts,
            Err(refusal) => return refusal,
        };
        let thread = parcel.thread.as_ref();
        let event = json!({
            "type": "incident.update",
            "timestamp": parcel.started_at.to_string(),
            "data": {
                "delivery": parcel.id.to_string(),
                "language": parcel.locale,
                "text": parts.join("\n"),
                "first": thread.map(|thread| &thread.root),
                "previous": thread.map(|thread| &thread.parent),
            },
        });
        self.call(&parcel.token, &event).await
    }

    async fn withdraw(&self, parcel: &Parcel, _: Option<&str>) -> Outcome {
        let event = json!({
            "type": "incident.update.withdrawn",
            "timestamp": parcel.started_at.to_string(),
            "data": { "delivery": parcel.id.to_string(), "withdrawn": parcel.token },
        });
        self.call(&format!("{}-withdrawn", parcel.token), &event).await
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        posting::checked("a receiver cannot be asked without calling it; nothing was asked".to_owned())
    }
}

impl Webhook {
    async fn call(&self, id: &str, event: &Value) -> Outcome {
        let clock = self.world.clock.as_ref();
        let answer = match self.caller.ask(clock, id, event.to_string()).await {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let detail = self.caller.clean(&format!("{} {}", answer.status, answer.text()));
        match answer.status {
            200..=299 if answer.complete => Outcome::Accepted { reference: Some(id.to_owned()), parts: 1 },
            404 | 410 => Outcome::Rejected { reason: Reason::NoSuchAddress, detail },
            status => posting::by_status(status, answer.retry_after(clock.now()), detail),
        }
    }
}

#[cfg(test)]
mod tests;
