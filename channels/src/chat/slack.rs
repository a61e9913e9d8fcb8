//! A Slack channel, through an incoming webhook (docs.slack.dev, "Sending messages using incoming webhooks").
//!
//! A webhook answers in plain words and names no message, so what it posted can neither be replied to nor deleted from
//! here, and what was written and not answered is in doubt.
//!
//! | answer | outcome |
//! |---|---|
//! | 200 `ok` | accepted |
//! | `no_service`, `no_team`, `no_active_hooks`, `team_disabled`, `invalid_token`, `token_revoked` | later: unauthorized: the webhook was taken away |
//! | 403, such as `action_prohibited` | later: unauthorized |
//! | 404 `channel_not_found`, 410 `channel_is_archived` | rejected: no_such_address |
//! | 400, such as `invalid_payload`, `no_text` | rejected: bad_content |
//! | 429 | later: throttled, until `Retry-After` |
//! | 500 `rollup_error` | in doubt |
//! | all else | as in [`crate::posting`] |

use std::{num::NonZeroU32, sync::Arc};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{
    contract::{
        Channel, CheckReport, Limits, Manifest, Outcome, Parcel, Provider, Reason, TextLimit, TextUnit, Unavailable,
        World,
    },
    exchange::Answer,
    hook::Hook,
    limits::LimitSettings,
    posting::{self, Place},
    registry::{Kind, SettingsError},
    secret::Secret,
};

/// Slack cuts a text at 40,000 characters, and an escaped one is up to five times as long.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 8_000, unit: TextUnit::Utf16 };

/// What Slack says where the webhook itself is gone.
const GONE: &[&str] = &["no_service", "no_team", "no_active_hooks", "team_disabled", "invalid_token", "token_revoked"];

/// An incoming webhook of a Slack channel.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlackSettings {
    /// The webhook's whole address, which is a secret: `https://hooks.slack.com/services/…`.
    pub webhook_url: Secret,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: one a second.
    #[serde(default)]
    pub limits: LimitSettings,
}

struct Slack {
    manifest: Manifest,
    hook: Hook,
    world: World,
}

impl Kind for SlackSettings {
    fn channel(&self) -> Channel {
        Channel::Slack
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        Hook::read("webhook_url", &self.webhook_url, self.allow_cleartext)?;
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits { per_second: Some(1.0), burst: NonZeroU32::MIN, ..Limits::default() };
        Ok(Arc::new(Slack {
            manifest: Manifest {
                kind: "slack",
                name: name.to_owned(),
                channel: Channel::Slack,
                limits: self.limits.over(declared),
                idempotent: false,
                key_life: None,
                receipts: false,
                text_limit: Some(TEXT_LIMIT),
                leaves: true,
            },
            hook: Hook::read("webhook_url", &self.webhook_url, self.allow_cleartext)?,
            world: world.clone(),
        }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        tests::case()
    }
}

#[async_trait]
impl Provider for Slack {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        posting::send(self, &*self.world.clock, parcel, false).await
    }

    async fn withdraw(&self, parcel: &Parcel, _: Option<&str>) -> Outcome {
        self.delete(parcel, "").await.err().unwrap_or(Outcome::Accepted { reference: None, parts: 0 })
    }

    /// A message without a text is refused by a webhook that works, and by one that is gone in other words.
    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let answer = posting::look(self.world.http.post(self.hook.url.clone()).json(&json!({}))).await?;
        let said = answer.text();
        match answer.status {
            400 if !GONE.contains(&said.trim()) => posting::checked("the webhook takes messages".to_owned()),
            403 | 404 | 410 | 400 => {
                let detail = self.hook.scrubber.clean(&format!("the webhook is gone: {} {said}", answer.status), "");
                Err(posting::unavailable(Reason::Unauthorized, &detail))
            }
            _ => Err(posting::check_failed(&answer, answer.retry_after(self.world.clock.now()))),
        }
    }
}

#[async_trait]
impl Place for Slack {
    async fn post(&self, _: &Parcel, _: usize, text: &str, _: Option<&str>) -> Result<Option<String>, Outcome> {
        // Without markup an asterisk of the text stays one; previews of links would push the text away.
        let message = json!({ "text": escape(text), "mrkdwn": false, "unfurl_links": false, "unfurl_media": false });
        let answer = posting::ask(self.world.http.post(self.hook.url.clone()).json(&message)).await?;
        match (answer.status, answer.text().trim()) {
            (200, "ok") => Ok(None),
            (_, said) => Err(self.refusal(&answer, said)),
        }
    }
}

impl Slack {
    fn refusal(&self, answer: &Answer, said: &str) -> Outcome {
        let detail = self.hook.scrubber.clean(&format!("{} {said}", answer.status), "");
        match answer.status {
            400..=499 if GONE.contains(&said) => Outcome::Later { after: None, reason: Reason::Unauthorized, detail },
            404 | 410 => Outcome::Rejected { reason: Reason::NoSuchAddress, detail },
            status => posting::by_status(status, answer.retry_after(self.world.clock.now()), detail),
        }
    }
}

/// The three characters that Slack reads as its own; no others are escaped.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
