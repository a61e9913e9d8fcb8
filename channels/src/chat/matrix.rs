//! A room on a Matrix homeserver (spec.matrix.org, client-server API, "Sending events to a room").
//!
//! Each post is put under a transaction id made from the delivery's token and the part's number. The homeserver answers a
//! repeat with the event that is there; Synapse remembers for a day, by the access token's device.
//!
//! | answer | outcome |
//! |---|---|
//! | 200 with an `event_id` | accepted |
//! | 401; 403 | later: unauthorized (the token has ended; the account may not post there) |
//! | `M_RESOURCE_LIMIT_EXCEEDED` | later: quota |
//! | 404 | rejected: no_such_address |
//! | 429 | later: throttled, until `retry_after_ms` or `Retry-After` |
//! | all else | as in [`crate::posting`] |
//!
//! Deleting is a redaction, which answers alike.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use reqwest::Method;
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

/// An event may have 65,536 bytes with everything that the homeserver adds; half of that leaves room for escapes.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 32_000, unit: TextUnit::Bytes };

/// How long a homeserver remembers a transaction id: Synapse a day, less an hour for clocks and queues.
const KEY_LIFE: Duration = Duration::from_secs(23 * 3600);

/// A room on a Matrix homeserver.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatrixSettings {
    /// The homeserver: `https://matrix.example.com`.
    pub homeserver: Endpoint,
    /// An access token of the account that posts.
    pub access_token: Secret,
    /// The room's id, not an alias: `!opaque:example.com`. The account has to be in it.
    pub room: String,
    /// Sends notices, which bots do and clients show quietly, in place of messages. Default: false.
    #[serde(default)]
    pub notice: bool,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: one in five seconds on average, 10 at once, as Synapse allows.
    #[serde(default)]
    pub limits: LimitSettings,
}

struct Matrix {
    manifest: Manifest,
    settings: MatrixSettings,
    world: World,
    scrubber: Scrubber,
}

impl Kind for MatrixSettings {
    fn channel(&self) -> Channel {
        Channel::Matrix
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.homeserver.require_https("homeserver", self.allow_cleartext)?;
        if !self.room.starts_with('!') || self.room.len() < 2 || self.room.contains(char::is_whitespace) {
            let message = "must be a room's id, which begins with \"!\"; a client shows it in the room's settings";
            return Err(SettingsError::new("room", message));
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits {
            per_second: Some(0.2),
            burst: NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        Ok(Arc::new(Matrix {
            manifest: Manifest {
                kind: "matrix",
                name: name.to_owned(),
                channel: Channel::Matrix,
                limits: self.limits.over(declared),
                idempotent: true,
                key_life: Some(KEY_LIFE),
                receipts: false,
                text_limit: Some(TEXT_LIMIT),
                leaves: true,
            },
            scrubber: Scrubber::new([&self.access_token]),
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
impl Provider for Matrix {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        posting::send(self, &*self.world.clock, parcel, true).await
    }

    async fn withdraw(&self, parcel: &Parcel, reference: Option<&str>) -> Outcome {
        posting::withdraw(self, parcel, reference).await
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let who = self.get(&["account", "whoami"]).await?;
        let user = who["user_id"].as_str().unwrap_or_default();
        let member = match self.get(&["rooms", &self.settings.room, "state", "m.room.member", user]).await {
            Ok(member) => member,
            // The homeserver says so of a room that the account has never been in.
            Err(gone) if gone.reason != Reason::Unauthorized && gone.reason != Reason::BadAnswer => return Err(gone),
            Err(_) => Value::Null,
        };
        if member["membership"] != "join" {
            let detail = "the token is good, but its account is not in the room; invite it, and accept";
            return Err(posting::unavailable(Reason::Unauthorized, detail));
        }
        posting::checked(format!("signed in as {}, in the room", posting::short(Some(user))))
    }
}

#[async_trait]
impl Place for Matrix {
    async fn post(
        &self,
        parcel: &Parcel,
        place: usize,
        text: &str,
        parent: Option<&str>,
    ) -> Result<Option<String>, Outcome> {
        // Without `m.mentions` older clients would wake people for words that look like their names.
        let mut event = json!({
            "msgtype": if self.settings.notice { "m.notice" } else { "m.text" },
            "body": text,
            "m.mentions": {},
        });
        // A reply stays in the room's view, where a thread would fold it away. An exercise's reference is no event.
        if let Some(parent) = parent.filter(|parent| parent.starts_with('$')) {
            event["m.relates_to"] = json!({ "m.in_reply_to": { "event_id": parent } });
        }
        let transaction = format!("{}-{place}", parcel.token);
        self.put(&["rooms", &self.settings.room, "send", "m.room.message", &transaction], &event).await.map(Some)
    }

    async fn delete(&self, parcel: &Parcel, id: &str) -> Result<(), Outcome> {
        // One event is redacted once, so its own id makes the transaction's.
        let transaction = format!("{}-{id}", parcel.token);
        self.put(&["rooms", &self.settings.room, "redact", id, &transaction], &json!({})).await.map(drop)
    }
}

impl Matrix {
    fn request(&self, method: Method, path: &[&str]) -> reqwest::RequestBuilder {
        let mut url: Url = (*self.settings.homeserver).clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            // A room's id has characters that a path has to escape.
            segments.pop_if_empty().extend(["_matrix", "client", "v3"]).extend(path);
        }
        self.world.http.request(method, url).bearer_auth(self.settings.access_token.expose())
    }

    /// Puts an event and answers its id.
    async fn put(&self, path: &[&str], event: &Value) -> Result<String, Outcome> {
        let answer = posting::ask(self.request(Method::PUT, path).json(event)).await?;
        let body = answer.json().unwrap_or(Value::Null);
        let id = body["event_id"].as_str().filter(|id| id.starts_with('$') && id.len() <= 240);
        match (answer.status, id) {
            (200, Some(id)) => Ok(id.to_owned()),
            _ => Err(self.refusal(&answer, &body)),
        }
    }

    fn refusal(&self, answer: &Answer, body: &Value) -> Outcome {
        let code = body["errcode"].as_str().unwrap_or_default();
        let said = format!("{} {code}: {}", answer.status, body["error"].as_str().unwrap_or_default());
        let detail = self.scrubber.clean(&said, "");
        match answer.status {
            400..=499 if code == "M_RESOURCE_LIMIT_EXCEEDED" => {
                Outcome::Later { after: None, reason: Reason::Quota, detail }
            }
            404 => Outcome::Rejected { reason: Reason::NoSuchAddress, detail },
            status => posting::by_status(status, self.wait(answer, body), detail),
        }
    }

    fn wait(&self, answer: &Answer, body: &Value) -> Option<Duration> {
        let told = body["retry_after_ms"].as_u64().map(|wait| retry_after::clamp(Duration::from_millis(wait)));
        told.or_else(|| answer.retry_after(self.world.clock.now()))
    }

    async fn get(&self, path: &[&str]) -> Result<Value, Unavailable> {
        let answer = posting::look(self.request(Method::GET, path)).await?;
        match (answer.status, answer.json()) {
            (200, Some(body)) => Ok(body),
            (_, body) => Err(posting::check_failed(&answer, self.wait(&answer, &body.unwrap_or_default()))),
        }
    }
}

#[cfg(test)]
mod tests;
