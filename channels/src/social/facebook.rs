//! A Facebook page, through the Graph API (developers.facebook.com, "Pages API", "Handling errors").
//!
//! A page cannot reply to its own post so that its followers see it, so each update is a post of its own. What was written
//! and not answered is in doubt.
//!
//! | answer | outcome |
//! |---|---|
//! | 200 with an `id` | accepted |
//! | code 4, 17, 32, 341, 613 | later: throttled, until `Retry-After` or what `X-Business-Use-Case-Usage` says |
//! | code 102, 190 | later: unauthorized: the token has ended |
//! | code 3, 10, 200 to 299 | later: unauthorized: a permission is missing |
//! | code 368 | rejected: blocked |
//! | code 506, other 400 | rejected: bad_content |
//! | code 1, 2 | in doubt |
//! | all else | as in [`crate::posting`] |
//!
//! Deleting answers alike, but code 100 with subcode 33, which is gone and so deleted.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
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

/// The longest post of a page.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 63_206, unit: TextUnit::Utf16 };

/// A Facebook page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FacebookSettings {
    /// The Graph API with its version. Default: `https://graph.facebook.com/v24.0`.
    #[serde(default = "graph")]
    pub base_url: Endpoint,
    /// The page's number.
    pub page_id: String,
    /// A page access token with the permission pages_manage_posts, made from a long-lived one.
    pub access_token: Secret,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: one in ten seconds, five at once.
    #[serde(default)]
    pub limits: LimitSettings,
}

fn graph() -> Endpoint {
    Url::parse("https://graph.facebook.com/v24.0").expect("a constant URL").into()
}

struct Facebook {
    manifest: Manifest,
    settings: FacebookSettings,
    world: World,
    scrubber: Scrubber,
}

impl Kind for FacebookSettings {
    fn channel(&self) -> Channel {
        Channel::Facebook
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.base_url.require_https("base_url", self.allow_cleartext)?;
        if self.page_id.is_empty() || !self.page_id.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = "must be the page's number, which \"About\" shows as its id, such as \"100064000000000\"";
            return Err(SettingsError::new("page_id", message));
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared =
            Limits { per_second: Some(0.1), burst: NonZeroU32::new(5).unwrap_or(NonZeroU32::MIN), ..Limits::default() };
        Ok(Arc::new(Facebook {
            manifest: Manifest {
                kind: "facebook",
                name: name.to_owned(),
                channel: Channel::Facebook,
                limits: self.limits.over(declared),
                idempotent: false,
                key_life: None,
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
impl Provider for Facebook {
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
        let page = self.look(&self.settings.page_id, &[("fields", "name")]).await?;
        // A token may look at itself; where it may not, nothing is known of its end.
        let own = [("input_token", self.settings.access_token.expose())];
        let token = self.look("debug_token", &own).await.unwrap_or(Value::Null);
        Ok(CheckReport {
            summary: format!("posts as {}", posting::short(page["name"].as_str())),
            expires_at: ends(&token["data"]),
            ..CheckReport::default()
        })
    }
}

#[async_trait]
impl Place for Facebook {
    async fn post(&self, _: &Parcel, _: usize, text: &str, _: Option<&str>) -> Result<Option<String>, Outcome> {
        let request = self.request(Method::POST, &format!("{}/feed", self.settings.page_id));
        let answer = posting::ask(request.json(&json!({ "message": text, "published": true }))).await?;
        let body = answer.json().unwrap_or(Value::Null);
        match (answer.status, body["id"].as_str().filter(|id| is_id(id))) {
            (200, Some(id)) => Ok(Some(id.to_owned())),
            _ => Err(self.refusal(&answer, &body)),
        }
    }

    async fn delete(&self, _: &Parcel, id: &str) -> Result<(), Outcome> {
        if !is_id(id) {
            let detail = "this is no post of the page's; delete it by hand".to_owned();
            return Err(Outcome::Rejected { reason: Reason::BadAnswer, detail });
        }
        let answer = posting::ask(self.request(Method::DELETE, id)).await?;
        let body = answer.json().unwrap_or(Value::Null);
        let code = |key: &str| body["error"][key].as_i64();
        match answer.status {
            200 if body["success"] == true => Ok(()),
            400..=499 if (code("code"), code("error_subcode")) == (Some(100), Some(33)) => Ok(()),
            _ => Err(self.refusal(&answer, &body)),
        }
    }
}

impl Facebook {
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let base = self.settings.base_url.as_str().trim_end_matches('/');
        self.world.http.request(method, format!("{base}/{path}")).bearer_auth(self.settings.access_token.expose())
    }

    async fn look(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Unavailable> {
        let answer = posting::look(self.request(Method::GET, path).query(query)).await?;
        let body = answer.json().unwrap_or(Value::Null);
        match (answer.status, self.refusal(&answer, &body)) {
            (200, _) if body.is_object() => Ok(body),
            // Facebook answers 400 to a token that has ended.
            (_, Outcome::Later { reason: Reason::Unauthorized, detail, .. }) => {
                Err(posting::unavailable(Reason::Unauthorized, &detail))
            }
            (_, Outcome::Later { reason: reason @ Reason::Throttled, detail, after }) => {
                Err(Unavailable { reason, detail, after })
            }
            _ => Err(posting::check_failed(&answer, None)),
        }
    }

    fn refusal(&self, answer: &Answer, body: &Value) -> Outcome {
        let error = &body["error"];
        let code = error["code"].as_i64().unwrap_or_default();
        let said = format!("{} code {code}: {}", answer.status, error["message"].as_str().unwrap_or_default());
        let detail = self.scrubber.clean(&said, "");
        let after = self.wait(answer);
        match code {
            4 | 17 | 32 | 341 | 613 => Outcome::Later { after, reason: Reason::Throttled, detail },
            3 | 10 | 102 | 190 | 200..=299 => Outcome::Later { after: None, reason: Reason::Unauthorized, detail },
            368 => Outcome::Rejected { reason: Reason::Blocked, detail },
            1 | 2 => Outcome::InDoubt { detail },
            _ => posting::by_status(answer.status, after, detail),
        }
    }

    /// `X-Business-Use-Case-Usage` names for each of its subjects the minutes until it may be asked again.
    fn wait(&self, answer: &Answer) -> Option<Duration> {
        let told = || {
            let usage: Value = serde_json::from_str(answer.header("x-business-use-case-usage")?).ok()?;
            let subjects = usage.as_object()?.values().filter_map(Value::as_array).flatten();
            let minutes = subjects.filter_map(|of| of["estimated_time_to_regain_access"].as_u64()).max()?;
            (minutes > 0).then(|| retry_after::clamp(Duration::from_secs(minutes.saturating_mul(60))))
        };
        answer.retry_after(self.world.clock.now()).or_else(told)
    }
}

/// When a token ends, or may not read what it posts for any more; 0 is never.
fn ends(token: &Value) -> Option<Timestamp> {
    let end = |key: &str| token[key].as_i64().filter(|end| *end > 0).and_then(|end| Timestamp::from_second(end).ok());
    end("expires_at").into_iter().chain(end("data_access_expires_at")).min()
}

/// `PAGE_POST`.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests;
