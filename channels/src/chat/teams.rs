//! A Microsoft Teams channel or chat, through a workflow's webhook (learn.microsoft.com, "Create incoming webhooks with
//! Workflows"), as an Adaptive Card.
//!
//! The workflow answers before Teams has posted, and names no message: what was posted can neither be replied to nor
//! deleted from here. An older webhook answers 200 and says in the body what Teams said.
//!
//! | answer | outcome |
//! |---|---|
//! | 202; 200 with `1` or nothing | accepted |
//! | 200 that says `HTTP error 429` | later: throttled |
//! | 200 that says `HTTP error 413`, or 400 | rejected: bad_content |
//! | 200 that says anything else | in doubt |
//! | 401, 403; 404, 410; 400 `WorkflowTriggerIsNotEnabled` | later: unauthorized: the webhook was taken away or switched off |
//! | 400, 413 | rejected: bad_content |
//! | 429 | later: throttled, until `Retry-After` |
//! | all else | as in [`crate::posting`] |

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
    exchange::Answer,
    hook::Hook,
    limits::LimitSettings,
    posting::{self, Place},
    registry::{Kind, SettingsError},
    secret::Secret,
    text,
};

/// A message may have 28 KB, card and all; links stand in it twice.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 10_000, unit: TextUnit::Bytes };

/// What Teams takes, in bytes.
const LONGEST: usize = 28 * 1024;

/// A workflow's webhook that posts to Microsoft Teams.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamsSettings {
    /// The webhook's whole address, which is a secret.
    pub webhook_url: Secret,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: two a second (60 in 30 seconds), four at once.
    #[serde(default)]
    pub limits: LimitSettings,
}

struct Teams {
    manifest: Manifest,
    hook: Hook,
    world: World,
}

impl Kind for TeamsSettings {
    fn channel(&self) -> Channel {
        Channel::Teams
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        Hook::read("webhook_url", &self.webhook_url, self.allow_cleartext)?;
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared =
            Limits { per_second: Some(2.0), burst: NonZeroU32::new(4).unwrap_or(NonZeroU32::MIN), ..Limits::default() };
        Ok(Arc::new(Teams {
            manifest: Manifest {
                kind: "teams",
                name: name.to_owned(),
                channel: Channel::Teams,
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
impl Provider for Teams {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        posting::send(self, &*self.world.clock, parcel, false).await
    }

    async fn withdraw(&self, parcel: &Parcel, _: Option<&str>) -> Outcome {
        self.delete(parcel, "").await.err().unwrap_or(Outcome::Accepted { reference: None, parts: 0 })
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        posting::checked("a workflow cannot be asked without running it; nothing was asked".to_owned())
    }
}

#[async_trait]
impl Place for Teams {
    async fn post(&self, _: &Parcel, _: usize, text: &str, _: Option<&str>) -> Result<Option<String>, Outcome> {
        let message = message(text).to_string();
        if message.len() > LONGEST {
            let detail = format!("the card has {} bytes, and Teams takes {LONGEST}; shorten the text", message.len());
            return Err(Outcome::Rejected { reason: Reason::BadContent, detail });
        }
        let request = self.world.http.post(self.hook.url.clone());
        // Without the character set the service counts two bytes to a character.
        let request = request.header("content-type", "application/json; charset=utf-8").body(message);
        let answer = posting::ask(request).await?;
        match (answer.status, answer.text().trim()) {
            (202, _) if answer.complete => Ok(None),
            (200, "1" | "") if answer.complete => Ok(None),
            (_, said) => Err(self.refusal(&answer, said)),
        }
    }
}

impl Teams {
    fn refusal(&self, answer: &Answer, said: &str) -> Outcome {
        let detail = self.hook.scrubber.clean(&format!("{} {said}", answer.status), "");
        let after = answer.retry_after(self.world.clock.now());
        let off = said.contains("WorkflowTriggerIsNotEnabled");
        match answer.status {
            200 if said.contains("HTTP error 429") => Outcome::Later { after, reason: Reason::Throttled, detail },
            200 if said.contains("HTTP error 413") || said.contains("HTTP error 400") => {
                Outcome::Rejected { reason: Reason::BadContent, detail }
            }
            status if matches!(status, 404 | 410) || status == 400 && off => {
                Outcome::Later { after: None, reason: Reason::Unauthorized, detail }
            }
            status => posting::by_status(status, after, detail),
        }
    }
}

/// The text in a card: a block for each line. Runs of text are shown as they are, where a `TextBlock` would read markup
/// in them; so each link is a run of its own that opens it.
fn message(text: &str) -> Value {
    let mut body = Vec::new();
    let mut spacing = "default";
    for line in text.lines() {
        if line.trim().is_empty() {
            spacing = "large";
            continue;
        }
        body.push(json!({ "type": "RichTextBlock", "spacing": spacing, "inlines": runs(line) }));
        spacing = "none";
    }
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": { "width": "Full" },
        "body": body,
    });
    let attachment = json!({
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": null,
        "content": card,
    });
    json!({ "type": "message", "attachments": [attachment] })
}

fn runs(line: &str) -> Vec<Value> {
    let plain = |text: &str| json!({ "type": "TextRun", "text": text });
    let mut runs = Vec::new();
    let mut from = 0;
    for link in text::links(line) {
        if link.start > from {
            runs.push(plain(&line[from..link.start]));
        }
        let url = &line[link.clone()];
        let open = json!({ "type": "Action.OpenUrl", "url": url });
        runs.push(json!({ "type": "TextRun", "text": url, "selectAction": open }));
        from = link.end;
    }
    if from < line.len() {
        runs.push(plain(&line[from..]));
    }
    runs
}

#[cfg(test)]
mod tests;
