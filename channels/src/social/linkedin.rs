//! A LinkedIn organisation, through the Posts API (learn.microsoft.com/linkedin, "Posts API").
//!
//! An organisation cannot reply to its own post so that its followers see it, so each update is a post of its own. What was
//! written and not answered is in doubt.
//!
//! | answer | outcome |
//! |---|---|
//! | 201 with `x-restli-id` | accepted |
//! | 401; 403 | later: unauthorized |
//! | 426 | later: bad_answer: the API's version has ended; enter a newer one |
//! | 422 | rejected: bad_content, such as a duplicate |
//! | all else | as in [`crate::posting`] |
//!
//! Deleting answers 204, also where it is gone; 404 is deleted too.

use std::{num::NonZeroU32, sync::Arc};

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
    secret::Secret,
};

/// The longest commentary.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 3_000, unit: TextUnit::Utf16 };

/// A LinkedIn organisation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkedinSettings {
    /// Where the API is. Default: `https://api.linkedin.com`.
    #[serde(default = "api")]
    pub base_url: Endpoint,
    /// The organisation's number.
    pub organization: String,
    /// A token with the permission w_organization_social. It lives 60 days.
    pub access_token: Secret,
    /// The API's version, a month of the last twelve as YYYYMM. Default: 202610.
    #[serde(default = "version")]
    pub version: String,
    /// The app, which may ask when its tokens end; without it, enter the day as credential_ends.
    #[serde(default)]
    pub app: Option<LinkedinApp>,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: one a minute, five at once; LinkedIn takes 150 a day.
    #[serde(default)]
    pub limits: LimitSettings,
}

/// The app that the token was made for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkedinApp {
    /// Where tokens are asked about. Default: `https://www.linkedin.com`.
    #[serde(default = "www")]
    pub oauth_url: Endpoint,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: Secret,
}

fn api() -> Endpoint {
    Url::parse("https://api.linkedin.com").expect("a constant URL").into()
}

fn www() -> Endpoint {
    Url::parse("https://www.linkedin.com").expect("a constant URL").into()
}

fn version() -> String {
    "202610".to_owned()
}

struct Linkedin {
    manifest: Manifest,
    settings: LinkedinSettings,
    world: World,
    scrubber: Scrubber,
}

impl Kind for LinkedinSettings {
    fn channel(&self) -> Channel {
        Channel::Linkedin
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.base_url.require_https("base_url", self.allow_cleartext)?;
        if let Some(app) = &self.app {
            app.oauth_url.require_https("app.oauth_url", self.allow_cleartext)?;
        }
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(&self.organization) {
            let message =
                "must be the organisation's number, which the address of its admin page shows, such as \"2414183\"";
            return Err(SettingsError::new("organization", message));
        }
        if !digits(&self.version) || self.version.len() != 6 {
            return Err(SettingsError::new("version", "must be a month as YYYYMM, such as \"202610\""));
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits {
            per_second: Some(1.0 / 60.0),
            burst: NonZeroU32::new(5).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        let secrets = [Some(&self.access_token), self.app.as_ref().map(|app| &app.client_secret)];
        Ok(Arc::new(Linkedin {
            manifest: Manifest {
                kind: "linkedin",
                name: name.to_owned(),
                channel: Channel::Linkedin,
                limits: self.limits.over(declared),
                idempotent: false,
                key_life: None,
                receipts: false,
                text_limit: Some(TEXT_LIMIT),
                leaves: true,
            },
            scrubber: Scrubber::new(secrets.into_iter().flatten()),
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
impl Provider for Linkedin {
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
        let answer = posting::look(self.request(Method::GET, &["organizations", &self.settings.organization])).await?;
        let name =
            answer.json().unwrap_or(Value::Null)["localizedName"].as_str().map(|name| posting::short(Some(name)));
        let summary = match (answer.status, name) {
            (200, Some(name)) => format!("the token is taken, for {name}"),
            // To post takes another permission than to read.
            (403, _) => "the token is taken; it may not read the organisation, so nothing more was asked".to_owned(),
            _ => {
                return Err(posting::check_failed(&answer, answer.retry_after(self.world.clock.now())));
            }
        };
        let expires_at = match &self.settings.app {
            Some(app) => self.ends(app).await?,
            None => None,
        };
        Ok(CheckReport { summary, expires_at, ..CheckReport::default() })
    }
}

#[async_trait]
impl Place for Linkedin {
    async fn post(&self, _: &Parcel, _: usize, text: &str, _: Option<&str>) -> Result<Option<String>, Outcome> {
        let post = json!({
            "author": format!("urn:li:organization:{}", self.settings.organization),
            "commentary": escape(text),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": false,
        });
        let answer = posting::ask(self.request(Method::POST, &["posts"]).json(&post)).await?;
        match (answer.status, answer.header("x-restli-id").filter(|id| is_urn(id))) {
            (201, Some(id)) => Ok(Some(id.to_owned())),
            _ => Err(self.refusal(&answer)),
        }
    }

    async fn delete(&self, _: &Parcel, id: &str) -> Result<(), Outcome> {
        if !is_urn(id) {
            let detail = "this is no post of LinkedIn's; delete it by hand".to_owned();
            return Err(Outcome::Rejected { reason: Reason::BadAnswer, detail });
        }
        let request = self.request(Method::DELETE, &["posts", id]).header("x-restli-method", "DELETE");
        let answer = posting::ask(request).await?;
        match answer.status {
            204 | 404 => Ok(()),
            _ => Err(self.refusal(&answer)),
        }
    }
}

impl Linkedin {
    fn request(&self, method: Method, path: &[&str]) -> reqwest::RequestBuilder {
        let base = self.settings.base_url.as_str().trim_end_matches('/');
        // A colon is part of a URN, and of no path segment by LinkedIn's rules.
        let path: Vec<String> = path.iter().map(|part| part.replace(':', "%3A")).collect();
        self.world
            .http
            .request(method, format!("{base}/rest/{}", path.join("/")))
            .bearer_auth(self.settings.access_token.expose())
            .header("linkedin-version", &self.settings.version)
            .header("x-restli-protocol-version", "2.0.0")
    }

    /// When the token ends, as LinkedIn tells its app.
    async fn ends(&self, app: &LinkedinApp) -> Result<Option<Timestamp>, Unavailable> {
        let url = format!("{}/oauth/v2/introspectToken", app.oauth_url.as_str().trim_end_matches('/'));
        let form = [
            ("client_id", app.client_id.as_str()),
            ("client_secret", app.client_secret.expose()),
            ("token", self.settings.access_token.expose()),
        ];
        let answer = posting::look(self.world.http.post(url).form(&form)).await?;
        let told = answer.json().unwrap_or(Value::Null);
        match answer.status {
            200 if told["active"] == false => {
                Err(posting::unavailable(Reason::Unauthorized, "LinkedIn says that the token has ended"))
            }
            200 => Ok(told["expires_at"].as_i64().and_then(|end| Timestamp::from_second(end).ok())),
            _ => Err(posting::unavailable(Reason::BadAnswer, "LinkedIn does not tell this app when its token ends")),
        }
    }

    fn refusal(&self, answer: &Answer) -> Outcome {
        let body = answer.json().unwrap_or(Value::Null);
        let said = format!("{} {}", answer.status, body["message"].as_str().unwrap_or_default());
        let detail = self.scrubber.clean(&said, "");
        match answer.status {
            426 => Outcome::Later { after: None, reason: Reason::BadAnswer, detail },
            status => posting::by_status(status, answer.retry_after(self.world.clock.now()), detail),
        }
    }
}

/// A commentary is in LinkedIn's "little text" format: its marks are escaped, so that a text is read as it was written.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "|{}@[]()<>#\\*_~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn is_urn(id: &str) -> bool {
    let number = ["urn:li:share:", "urn:li:ugcPost:"].iter().find_map(|kind| id.strip_prefix(kind));
    number.is_some_and(|number| (1..=32).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
