//! An account on a Mastodon server, through its own API (docs.joinmastodon.org/methods/statuses).
//!
//! Each post carries an `Idempotency-Key` made from the delivery's token and the part's number. The server keeps it for
//! about an hour, and a repeat within it answers with the post that is there: what is in doubt is resent within the hour.
//!
//! | answer | outcome |
//! |---|---|
//! | 200 with an `id` | accepted |
//! | 200 without | in doubt |
//! | 401, 403 | later: unauthorized |
//! | 404 | the same without the post to reply to, which was deleted; then rejected: bad_content |
//! | 413, 422, other 4xx | rejected: bad_content |
//! | 429 | later: throttled, until `Retry-After` or `x-ratelimit-reset` |
//! | 3xx | later: bad_answer; redirects are not followed |
//! | 503 | later: temporary |
//! | 408, other 5xx | in doubt |
//! | no connection | later: unreachable |
//! | no answer | in doubt |
//!
//! Deleting (`DELETE /api/v1/statuses/:id`) answers alike, but 404, which is deleted: the server finds only what is the
//! account's own, and what is gone is gone.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{about_part, named, posts, reference};
use crate::{
    contract::{
        Channel, CheckReport, Limits, Manifest, Outcome, Parcel, Provider, Reason, TextLimit, TextUnit, Unavailable,
        World,
    },
    detail::Scrubber,
    endpoint::Endpoint,
    exchange::{Answer, Silence, exchange},
    limits::LimitSettings,
    registry::{Kind, SettingsError},
    retry_after,
    secret::Secret,
};

/// How long a server remembers an idempotency key: an hour (`app/services/post_status_service.rb` keeps it so), less
/// five minutes for clocks and queues.
const KEY_LIFE: Duration = Duration::from_secs(55 * 60);

/// What a server allows that does not say otherwise; the check reads the server's own.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 500, unit: TextUnit::MastodonCharacters };

/// Who sees a post (Mastodon's `visibility`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone, in public timelines.
    #[default]
    Public,
    /// Everyone, but not in public timelines.
    Unlisted,
    /// Followers.
    Private,
}

/// An account on a Mastodon server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MastodonSettings {
    /// The server: `https://mastodon.social`.
    pub base_url: Endpoint,
    /// An access token with the scopes `write:statuses` and `read:accounts`.
    pub access_token: Secret,
    /// Who sees the posts. Default: public.
    #[serde(default)]
    pub visibility: Visibility,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: a server's 300 requests in five minutes, one at a time.
    #[serde(default)]
    pub limits: LimitSettings,
}

struct Mastodon {
    manifest: Manifest,
    settings: MastodonSettings,
    world: World,
    scrubber: Scrubber,
}

/// Why a post was not made.
enum Refusal {
    /// 404: the post to reply to is gone, or the server is not what it should be.
    NoParent(Outcome),
    Other(Outcome),
}

impl Kind for MastodonSettings {
    fn channel(&self) -> Channel {
        Channel::Mastodon
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.base_url.require_https("base_url", self.allow_cleartext)?;
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits {
            per_second: Some(1.0),
            burst: NonZeroU32::new(30).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        Ok(Arc::new(Mastodon {
            manifest: Manifest {
                kind: "mastodon",
                name: name.to_owned(),
                channel: Channel::Mastodon,
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
impl Provider for Mastodon {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        let parts = match posts(parcel) {
            Ok(parts) => parts,
            Err(refusal) => return refusal,
        };
        let mut parent = parcel.thread.as_ref().map(|thread| thread.parent.clone());
        let mut ids = Vec::with_capacity(parts.len());
        for (place, text) in parts.iter().enumerate() {
            let mut answer = self.post(parcel, place, text, parent.as_deref()).await;
            if parent.is_some() && matches!(answer, Err(Refusal::NoParent(_))) {
                // Whoever deleted the earlier post did not mean to silence this one.
                answer = self.post(parcel, place, text, None).await;
            }
            match answer {
                Ok(id) => {
                    parent = Some(id.clone());
                    ids.push(id);
                }
                Err(Refusal::NoParent(outcome) | Refusal::Other(outcome)) => {
                    return about_part(outcome, place, parts.len());
                }
            }
        }
        Outcome::Accepted { reference: reference(&ids), parts: u32::try_from(ids.len()).unwrap_or(u32::MAX) }
    }

    async fn withdraw(&self, parcel: &Parcel, reference: Option<&str>) -> Outcome {
        let refused = |detail: &str| Outcome::Rejected { reason: Reason::BadAnswer, detail: detail.to_owned() };
        let known: Vec<&str> = reference.map(|reference| named(reference).collect()).unwrap_or_default();
        if known.is_empty() {
            return refused("the server never said which post it is; look at the account, and delete it there by hand");
        }
        for (place, id) in known.iter().enumerate() {
            if let Err(outcome) = self.delete(id).await {
                return about_part(outcome, place, known.len());
            }
        }
        match posts(parcel) {
            Ok(parts) if parts.len() > known.len() => {
                refused("only the ends of this thread are known, and deleted; delete what is between by hand")
            }
            _ => Outcome::Accepted { reference: None, parts: u32::try_from(known.len()).unwrap_or(u32::MAX) },
        }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let account = self.get("/api/v1/accounts/verify_credentials").await?;
        // Version 1 is what servers before 4.0 and some relatives have.
        let instance = match self.get("/api/v2/instance").await {
            Ok(instance) => instance,
            Err(_) => self.get("/api/v1/instance").await.unwrap_or(Value::Null),
        };
        let max = instance.pointer("/configuration/statuses/max_characters").and_then(Value::as_u64);
        let name: String = account["acct"].as_str().unwrap_or("?").chars().take(100).collect();
        Ok(CheckReport {
            summary: format!("signed in as {name}"),
            text_limit: max
                .and_then(|max| u32::try_from(max).ok())
                .map(|max| TextLimit { max, unit: TextUnit::MastodonCharacters }),
            expires_at: None,
        })
    }
}

impl Mastodon {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.settings.base_url.as_str().trim_end_matches('/'))
    }

    async fn post(&self, parcel: &Parcel, place: usize, text: &str, parent: Option<&str>) -> Result<String, Refusal> {
        // Mastodon knows languages by ISO 639-1, without the region.
        let language = parcel.locale.split(['-', '_']).next().unwrap_or_default();
        let mut status = json!({ "status": text, "visibility": self.settings.visibility, "language": language });
        if let Some(parent) = parent {
            status["in_reply_to_id"] = json!(parent);
        }
        let request = self
            .world
            .http
            .post(self.url("/api/v1/statuses"))
            .bearer_auth(self.settings.access_token.expose())
            .header("Idempotency-Key", format!("{}-{place}", parcel.token))
            .json(&status);
        match exchange(request).await {
            Ok(answer) => self.read(&answer),
            Err(Silence::NotSent(why)) => {
                let detail = why.to_owned();
                Err(Refusal::Other(Outcome::Later { after: None, reason: Reason::Unreachable, detail }))
            }
            Err(Silence::NoAnswer(why)) => Err(Refusal::Other(Outcome::InDoubt { detail: why.to_owned() })),
        }
    }

    async fn delete(&self, id: &str) -> Result<(), Outcome> {
        // A server's word becomes a part of an address.
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            let detail = "the server named the post in a way that no address can hold; delete it there by hand";
            return Err(Outcome::Rejected { reason: Reason::BadAnswer, detail: detail.to_owned() });
        }
        let request = self
            .world
            .http
            .delete(self.url(&format!("/api/v1/statuses/{id}")))
            .bearer_auth(self.settings.access_token.expose());
        match exchange(request).await {
            Ok(answer) if matches!(answer.status, 200 | 404) => Ok(()),
            Ok(answer) => match self.refusal(&answer) {
                Refusal::NoParent(outcome) | Refusal::Other(outcome) => Err(outcome),
            },
            Err(Silence::NotSent(why)) => {
                Err(Outcome::Later { after: None, reason: Reason::Unreachable, detail: why.to_owned() })
            }
            Err(Silence::NoAnswer(why)) => Err(Outcome::InDoubt { detail: why.to_owned() }),
        }
    }

    fn read(&self, answer: &Answer) -> Result<String, Refusal> {
        let body = answer.json();
        let id = body.as_ref().and_then(|body| body["id"].as_str());
        // The id goes into references of 512 bytes; servers' ids have 18 digits.
        match (answer.status, id.filter(|id| !id.is_empty() && id.len() <= 128)) {
            (200, Some(id)) => Ok(id.to_owned()),
            _ => Err(self.refusal(answer)),
        }
    }

    fn refusal(&self, answer: &Answer) -> Refusal {
        let body = answer.json();
        let said = body.as_ref().and_then(|body| body["error"].as_str()).unwrap_or_default();
        let detail = self.scrubber.clean(&format!("{} {said}", answer.status), "");
        Refusal::Other(match answer.status {
            404 => return Refusal::NoParent(Outcome::Rejected { reason: Reason::BadContent, detail }),
            200..=299 | 408 => Outcome::InDoubt { detail },
            429 => Outcome::Later { after: self.wait(answer), reason: Reason::Throttled, detail },
            401 | 403 => Outcome::Later { after: None, reason: Reason::Unauthorized, detail },
            503 => Outcome::Later { after: self.wait(answer), reason: Reason::Temporary, detail },
            400..=499 => Outcome::Rejected { reason: Reason::BadContent, detail },
            300..=399 => Outcome::Later { after: None, reason: Reason::BadAnswer, detail },
            _ => Outcome::InDoubt { detail },
        })
    }

    fn wait(&self, answer: &Answer) -> Option<Duration> {
        let now = self.world.clock.now();
        answer.retry_after(now).or_else(|| {
            let reset: Timestamp = answer.header("x-ratelimit-reset")?.parse().ok()?;
            Some(retry_after::until(reset, now))
        })
    }

    async fn get(&self, path: &str) -> Result<Value, Unavailable> {
        let request = self.world.http.get(self.url(path)).bearer_auth(self.settings.access_token.expose());
        let unavailable = |reason, detail: &str, after| Unavailable { reason, detail: detail.to_owned(), after };
        let answer = exchange(request).await.map_err(|silence| match silence {
            Silence::NotSent(why) | Silence::NoAnswer(why) => unavailable(Reason::Unreachable, why, None),
        })?;
        match (answer.status, answer.json()) {
            (200, Some(body)) => Ok(body),
            (401 | 403, _) => Err(unavailable(Reason::Unauthorized, "the server refuses the access token", None)),
            (429, _) => Err(unavailable(Reason::Throttled, "the server asks to go slower", self.wait(&answer))),
            (status, _) => Err(unavailable(Reason::BadAnswer, &format!("{status} at {path}"), None)),
        }
    }
}

#[cfg(test)]
mod tests;
