//! An account on X, through its API version 2, with requests signed for the account (OAuth 1.0a).
//!
//! X knows no post again but by its words: the same words within hours are refused. What was written and not answered is
//! in doubt.
//!
//! | answer | outcome |
//! |---|---|
//! | 201 with `data.id` | accepted |
//! | 401; 403 | later: unauthorized |
//! | 402; 429 `UsageCapExceeded` | later: quota |
//! | 403 about duplicate content | rejected: bad_content |
//! | 403 about a post to reply to that is gone | the same without it |
//! | 400, other 4xx | rejected: bad_content |
//! | 429 | later: throttled, until `Retry-After`, `x-user-limit-24hour-reset` or `x-rate-limit-reset` |
//! | all else | as in [`crate::posting`] |
//!
//! Deleting (`DELETE /2/tweets/:id`) answers alike, but 404, which is deleted.

use std::{
    num::NonZeroU32,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::Method;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::oauth1::Keys;
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

/// What every account may post.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 280, unit: TextUnit::XCharacters };

/// An account on X.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct XSettings {
    /// Where the API is. Default: `https://api.x.com`.
    #[serde(default = "x")]
    pub base_url: Endpoint,
    /// The app's API key.
    pub api_key: Secret,
    /// The app's API key secret.
    pub api_key_secret: Secret,
    /// The account's access token, made with permission to read and write.
    pub access_token: Secret,
    /// The account's access token secret.
    pub access_token_secret: Secret,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: X's 100 posts in 15 minutes, ten at once.
    #[serde(default)]
    pub limits: LimitSettings,
}

fn x() -> Endpoint {
    Url::parse("https://api.x.com").expect("a constant URL").into()
}

struct X {
    manifest: Manifest,
    base_url: Endpoint,
    keys: Keys,
    world: World,
    scrubber: Scrubber,
}

impl Kind for XSettings {
    fn channel(&self) -> Channel {
        Channel::X
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
            per_second: Some(100.0 / 900.0),
            burst: NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        let secrets = [&self.api_key, &self.api_key_secret, &self.access_token, &self.access_token_secret];
        Ok(Arc::new(X {
            manifest: Manifest {
                kind: "x",
                name: name.to_owned(),
                channel: Channel::X,
                limits: self.limits.over(declared),
                idempotent: false,
                key_life: None,
                receipts: false,
                text_limit: Some(TEXT_LIMIT),
                leaves: true,
            },
            base_url: self.base_url.clone(),
            keys: Keys {
                consumer_key: self.api_key.clone(),
                consumer_secret: self.api_key_secret.clone(),
                token: self.access_token.clone(),
                token_secret: self.access_token_secret.clone(),
                count: AtomicU64::new(0),
            },
            scrubber: Scrubber::new(secrets),
            world: world.clone(),
        }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        tests::case()
    }
}

#[async_trait]
impl Provider for X {
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
        let answer = posting::look(self.request(Method::GET, "/2/users/me")).await?;
        match (answer.status, answer.json()) {
            (200, Some(body)) => {
                posting::checked(format!("signed in as {}", posting::short(body["data"]["username"].as_str())))
            }
            _ => Err(posting::check_failed(&answer, self.wait(&answer))),
        }
    }
}

#[async_trait]
impl Place for X {
    async fn post(&self, _: &Parcel, _: usize, text: &str, parent: Option<&str>) -> Result<Option<String>, Outcome> {
        let answer = self.tweet(text, parent.filter(|parent| is_id(parent))).await?;
        // Whoever deleted the earlier post did not mean to silence this one.
        let orphaned = parent.is_some() && answer.status == 403 && said(&answer).contains("reply to a");
        let answer = if orphaned { self.tweet(text, None).await? } else { answer };
        let body = answer.json().unwrap_or(Value::Null);
        match (answer.status, body["data"]["id"].as_str().filter(|id| is_id(id))) {
            (200 | 201, Some(id)) => Ok(Some(id.to_owned())),
            _ => Err(self.refusal(&answer)),
        }
    }

    async fn delete(&self, _: &Parcel, id: &str) -> Result<(), Outcome> {
        if !is_id(id) {
            let detail = "this is no post of X's; delete it by hand".to_owned();
            return Err(Outcome::Rejected { reason: Reason::BadAnswer, detail });
        }
        let answer = posting::ask(self.request(Method::DELETE, &format!("/2/tweets/{id}"))).await?;
        match answer.status {
            404 => Ok(()),
            200 if answer.json().is_some_and(|body| body["data"]["deleted"] == true) => Ok(()),
            _ => Err(self.refusal(&answer)),
        }
    }
}

impl X {
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base_url.as_str().trim_end_matches('/'));
        let header = self.keys.header(method.as_str(), &url, &*self.world.clock);
        self.world.http.request(method, url).header("authorization", header)
    }

    async fn tweet(&self, text: &str, parent: Option<&str>) -> Result<Answer, Outcome> {
        let mut post = json!({ "text": text });
        if let Some(parent) = parent {
            post["reply"] = json!({ "in_reply_to_tweet_id": parent });
        }
        posting::ask(self.request(Method::POST, "/2/tweets").json(&post)).await
    }

    fn refusal(&self, answer: &Answer) -> Outcome {
        let said = said(answer);
        let detail = self.scrubber.clean(&format!("{} {said}", answer.status), "");
        match answer.status {
            402 => Outcome::Later { after: None, reason: Reason::Quota, detail },
            429 if said.contains("UsageCapExceeded") => {
                Outcome::Later { after: self.wait(answer), reason: Reason::Quota, detail }
            }
            403 if said.contains("duplicate content") => Outcome::Rejected { reason: Reason::BadContent, detail },
            status => posting::by_status(status, self.wait(answer), detail),
        }
    }

    fn wait(&self, answer: &Answer) -> Option<Duration> {
        let now = self.world.clock.now();
        let reset = |name: &str| {
            let at = Timestamp::from_second(answer.header(name)?.parse().ok()?).ok()?;
            Some(retry_after::until(at, now))
        };
        let used_up = answer.header("x-user-limit-24hour-remaining") == Some("0");
        let day = used_up.then(|| reset("x-user-limit-24hour-reset")).flatten();
        answer.retry_after(now).or(day).or_else(|| reset("x-rate-limit-reset"))
    }
}

/// What a problem document of X's says, or its older list of errors.
fn said(answer: &Answer) -> String {
    let body = answer.json().unwrap_or(Value::Null);
    let words = ["/title", "/detail", "/errors/0/message"].map(|at| body.pointer(at).and_then(Value::as_str));
    words.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

fn is_id(id: &str) -> bool {
    (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
