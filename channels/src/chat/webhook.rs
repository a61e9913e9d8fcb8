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

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    contract::{
        Channel, CheckReport, Limits, Manifest, Outcome, Parcel, Provider, Reason, TextLimit, TextUnit, Unavailable,
        World,
    },
    guard::Guard,
    hook::Hook,
    limits::LimitSettings,
    posting,
    registry::{Kind, SettingsError},
    secret::Secret,
    social::posts,
};

/// The standard asks senders to stay within 20 KB.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 16_384, unit: TextUnit::Bytes };

/// What the standard allows for a key, in bytes.
const KEY: std::ops::RangeInclusive<usize> = 24..=64;

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
    hook: Hook,
    key: Vec<u8>,
    client: reqwest::Client,
    guard: Guard,
    world: World,
}

impl WebhookSettings {
    fn guard(&self) -> Result<Guard, SettingsError> {
        let network = |text: &String| -> Result<IpNet, SettingsError> {
            let single = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
            text.parse().ok().or_else(single).ok_or_else(|| {
                let message = format!("{text:?} is not a network; write it like \"10.1.0.0/16\" or \"fd00::/8\"");
                SettingsError::new("allow_networks", message)
            })
        };
        Ok(Guard::new(self.allow_networks.iter().map(network).collect::<Result<_, _>>()?))
    }

    fn key(&self) -> Result<Vec<u8>, SettingsError> {
        let key = self.signing_key.expose().strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
        key.filter(|key| KEY.contains(&key.len())).ok_or_else(|| {
            let message = "must hold whsec_ and 24 to 64 random bytes in Base64; \
                           `echo whsec_$(openssl rand -base64 32)` makes one";
            SettingsError::new("signing_key", message)
        })
    }

    fn hook(&self) -> Result<Hook, SettingsError> {
        Hook::read("webhook_url", &self.webhook_url, self.allow_cleartext)
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
        let refused = |refused| SettingsError::new("webhook_url", format!("cannot be reached: {refused}"));
        self.guard()?.literal(&self.hook()?.url).map_err(refused)?;
        self.key()?;
        if !(1..=60).contains(&self.timeout_seconds) {
            return Err(SettingsError::new("timeout_seconds", "must be 1 to 60"));
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits {
            per_second: Some(10.0),
            burst: NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        let guard = self.guard()?;
        let client = guard.client(Duration::from_secs(self.timeout_seconds)).map_err(|error| {
            let error = error.without_url();
            SettingsError::new("webhook_url", format!("this machine's TLS set-up cannot be used: {error}"))
        })?;
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
            hook: self.hook()?,
            key: self.key()?,
            client,
            guard,
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
        if let Err(refused) = self.guard.literal(&self.hook.url) {
            return Outcome::Later { after: None, reason: Reason::Unreachable, detail: refused.to_string() };
        }
        let (body, seconds) = (event.to_string(), self.world.clock.now().as_second());
        let request = self
            .client
            .post(self.hook.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature(&self.key, id, seconds, &body))
            .body(body);
        let answer = match posting::ask(request).await {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let detail = self.hook.scrubber.clean(&format!("{} {}", answer.status, answer.text()), "");
        match answer.status {
            200..=299 if answer.complete => Outcome::Accepted { reference: Some(id.to_owned()), parts: 1 },
            404 | 410 => Outcome::Rejected { reason: Reason::NoSuchAddress, detail },
            status => posting::by_status(status, answer.retry_after(self.world.clock.now()), detail),
        }
    }
}

/// The symmetric signature of the standard: HMAC-SHA-256 over id, time and body with full stops between.
fn signature(key: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests;
