//! A Telegram channel or group, through a bot (core.telegram.org/bots/api).
//!
//! Texts go without markup, so nothing in them has to be escaped; Telegram makes links of addresses itself. It does not
//! know a message again, so one that was written and not answered is in doubt.
//!
//! | answer | outcome |
//! |---|---|
//! | 200 with `result.message_id` | accepted |
//! | 401, 404 | later: unauthorized: Telegram knows no such token |
//! | 403 | later: unauthorized: the bot was removed, or may not write |
//! | 400 with `migrate_to_chat_id` | rejected: bad_address, with the id to enter instead |
//! | 400 `chat not found` | rejected: no_such_address |
//! | other 400 | rejected: bad_content |
//! | 429 | later: throttled, until `parameters.retry_after` |
//! | all else | as in [`crate::posting`] |
//!
//! Deleting (`deleteMessage`, for 48 hours) answers alike, but 400 `message to delete not found`, which is deleted.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    contract::{
        Channel, CheckReport, Limits, Manifest, Outcome, Parcel, Provider, Reason, TextLimit, TextUnit, Unavailable,
        World,
    },
    detail::Scrubber,
    endpoint::Endpoint,
    exchange::Answer,
    limits::LimitSettings,
    posting::{self, Place},
    registry::{Kind, SettingsError},
    retry_after,
    secret::Secret,
};

/// sendMessage takes 4,096 characters.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 4_096, unit: TextUnit::Utf16 };

/// A Telegram channel or group.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TelegramSettings {
    /// Where the Bot API is. Default: `https://api.telegram.org`.
    #[serde(default = "telegram")]
    pub base_url: Endpoint,
    /// The bot's token, as BotFather tells it.
    pub token: Secret,
    /// The channel's name, `@acme_status`, or the chat's number, `-1001234567890`.
    pub chat: String,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: 20 a minute, which is what a group takes.
    #[serde(default)]
    pub limits: LimitSettings,
}

fn telegram() -> Endpoint {
    Url::parse("https://api.telegram.org").expect("a constant URL").into()
}

struct Telegram {
    manifest: Manifest,
    settings: TelegramSettings,
    world: World,
    scrubber: Scrubber,
}

impl Kind for TelegramSettings {
    fn channel(&self) -> Channel {
        Channel::Telegram
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.base_url.require_https("base_url", self.allow_cleartext)?;
        let is_name = self.chat.strip_prefix('@').is_some_and(|name| !name.is_empty() && !name.contains(' '));
        if !is_name && self.chat.parse::<i64>().is_err() {
            let message =
                "must be a channel's name such as \"@acme_status\", or a chat's number such as \"-1001234567890\"";
            return Err(SettingsError::new("chat", message));
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits { per_second: Some(20.0 / 60.0), burst: NonZeroU32::MIN, ..Limits::default() };
        Ok(Arc::new(Telegram {
            manifest: Manifest {
                kind: "telegram",
                name: name.to_owned(),
                channel: Channel::Telegram,
                limits: self.limits.over(declared),
                idempotent: false,
                key_life: None,
                receipts: false,
                text_limit: Some(TEXT_LIMIT),
                leaves: true,
            },
            scrubber: Scrubber::new([&self.token]),
            settings: self.clone(),
            world: world.clone(),
        }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        tests::case()
    }
}

#[async_trait]
impl Provider for Telegram {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        posting::send(self, &*self.world.clock, parcel, false).await
    }

    async fn withdraw(&self, parcel: &Parcel, reference: Option<&str>) -> Outcome {
        posting::withdraw(self, parcel, reference).await
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let me = self.look("getMe", &json!({})).await?;
        // A bot that is not in the chat is told nothing about it.
        self.look("getChat", &json!({ "chat_id": self.settings.chat })).await?;
        posting::checked(format!("signed in as {}, and the chat is there", posting::short(me["username"].as_str())))
    }
}

#[async_trait]
impl Place for Telegram {
    async fn post(&self, _: &Parcel, _: usize, text: &str, parent: Option<&str>) -> Result<Option<String>, Outcome> {
        let mut message = json!({
            "chat_id": self.settings.chat,
            "text": text,
            "link_preview_options": { "is_disabled": true },
        });
        if let Some(parent) = parent.and_then(|parent| parent.parse::<i64>().ok()) {
            // Whoever deleted the earlier one did not mean to silence this one.
            message["reply_parameters"] = json!({ "message_id": parent, "allow_sending_without_reply": true });
        }
        let answer = posting::ask(self.request("sendMessage", &message)).await?;
        let body = answer.json().unwrap_or(Value::Null);
        match (answer.status, body["result"]["message_id"].as_i64()) {
            (200, Some(id)) => Ok(Some(id.to_string())),
            _ => Err(self.refusal(&answer, &body)),
        }
    }

    async fn delete(&self, _: &Parcel, id: &str) -> Result<(), Outcome> {
        let Ok(id) = id.parse::<i64>() else {
            let detail = "this is no message of Telegram's; delete it by hand".to_owned();
            return Err(Outcome::Rejected { reason: Reason::BadAnswer, detail });
        };
        let message = json!({ "chat_id": self.settings.chat, "message_id": id });
        let answer = posting::ask(self.request("deleteMessage", &message)).await?;
        let body = answer.json().unwrap_or(Value::Null);
        let gone = said(&body).contains("message to delete not found");
        match answer.status {
            200 if body["ok"] == true => Ok(()),
            400 if gone => Ok(()),
            _ => Err(self.refusal(&answer, &body)),
        }
    }
}

impl Telegram {
    fn request(&self, method: &str, body: &Value) -> reqwest::RequestBuilder {
        let base = self.settings.base_url.as_str().trim_end_matches('/');
        self.world.http.post(format!("{base}/bot{}/{method}", self.settings.token.expose())).json(body)
    }

    fn refusal(&self, answer: &Answer, body: &Value) -> Outcome {
        let detail = self.scrubber.clean(&format!("{} {}", answer.status, said(body)), "");
        let rejected = |reason, detail| Outcome::Rejected { reason, detail };
        match answer.status {
            400 => match body["parameters"]["migrate_to_chat_id"].as_i64() {
                Some(chat) => {
                    rejected(Reason::BadAddress, format!("the group has a new number: enter \"{chat}\" as its chat"))
                }
                None if said(body).contains("chat not found") => rejected(Reason::NoSuchAddress, detail),
                None => rejected(Reason::BadContent, detail),
            },
            404 => Outcome::Later { after: None, reason: Reason::Unauthorized, detail },
            status => posting::by_status(status, self.wait(answer, body), detail),
        }
    }

    fn wait(&self, answer: &Answer, body: &Value) -> Option<Duration> {
        let told = body["parameters"]["retry_after"].as_u64();
        let told = told.map(|seconds| retry_after::clamp(Duration::from_secs(seconds)));
        told.or_else(|| answer.retry_after(self.world.clock.now()))
    }

    async fn look(&self, method: &str, body: &Value) -> Result<Value, Unavailable> {
        let answer = posting::look(self.request(method, body)).await?;
        let body = answer.json().unwrap_or(Value::Null);
        match answer.status {
            200 if body["ok"] == true => Ok(body["result"].clone()),
            404 => Err(posting::unavailable(Reason::Unauthorized, "Telegram knows no such token")),
            400 => {
                Err(posting::unavailable(Reason::NoSuchAddress, "the token is good, but the bot is not in this chat"))
            }
            _ => Err(posting::check_failed(&answer, self.wait(&answer, &body))),
        }
    }
}

fn said(body: &Value) -> &str {
    body["description"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
