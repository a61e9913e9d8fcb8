//! An account on an AT Protocol server: Bluesky's, or another.
//!
//! Posts are put with `com.atproto.repo.putRecord` under a key and a time made from the delivery, so that a repeat
//! writes the same record again and makes no second post.
//!
//! | answer | outcome |
//! |---|---|
//! | 200 with `uri` and `cid` | accepted |
//! | 200 without | in doubt |
//! | 400, 401 `ExpiredToken`, `InvalidToken` | the session is renewed and the post repeated once |
//! | 401, 403 | later: unauthorized |
//! | 429 | later: throttled, until `Retry-After` or `RateLimit-Reset` |
//! | 400, 413, other 4xx | rejected: bad_content |
//! | 3xx | later: bad_answer; redirects are not followed |
//! | 503 | later: temporary |
//! | 408, other 5xx | in doubt |
//! | no connection | later: unreachable |
//! | no answer | in doubt |
//!
//! Deleting (`com.atproto.repo.deleteRecord`, under the same keys, so that it finds these posts and no others) answers
//! alike; 200 is deleted, whether or not there was something.

use std::{num::NonZeroU32, sync::Arc};

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    about_part,
    facets::facets,
    posts, reference,
    session::{Session, Sessions, wait},
    tid::tid,
};
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
    secret::Secret,
    text::links,
};

/// The lexicon's own limit (app.bsky.feed.post): 300 grapheme clusters and 3,000 bytes.
pub const TEXT_LIMIT: TextLimit = TextLimit { max: 300, unit: TextUnit::Graphemes };
const COLLECTION: &str = "app.bsky.feed.post";

/// An account on an AT Protocol server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlueskySettings {
    /// The account's server. Default: `https://bsky.social`.
    #[serde(default = "bluesky_service")]
    pub service: Endpoint,
    /// The account's handle or DID: `alerts.example.com`.
    pub identifier: String,
    /// An app password of the account, never its own password.
    pub app_password: Secret,
    /// Permits http to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Overrides of the limits. Default: one a second on average, 30 at once (5,000 points an hour, 3 a post).
    #[serde(default)]
    pub limits: LimitSettings,
}

fn bluesky_service() -> Endpoint {
    Url::parse("https://bsky.social").expect("a constant URL").into()
}

struct Bluesky {
    manifest: Manifest,
    world: World,
    sessions: Sessions,
    scrubber: Scrubber,
}

/// What came of one try to put or delete a record.
enum Put {
    Done(String),
    Stale,
    Failed(Outcome),
}

impl Kind for BlueskySettings {
    fn channel(&self) -> Channel {
        Channel::Bluesky
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.service.require_https("service", self.allow_cleartext)?;
        if self.identifier.is_empty()
            || self.identifier.starts_with('@')
            || self.identifier.contains(char::is_whitespace)
        {
            return Err(SettingsError::new(
                "identifier",
                "must be a handle without @, such as alerts.example.com, or a DID",
            ));
        }
        self.limits.validate()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits {
            per_second: Some(1.0),
            burst: NonZeroU32::new(30).unwrap_or(NonZeroU32::MIN),
            ..Limits::default()
        };
        Ok(Arc::new(Bluesky {
            manifest: Manifest {
                kind: "bluesky",
                name: name.to_owned(),
                channel: Channel::Bluesky,
                limits: self.limits.over(declared),
                idempotent: true,
                key_life: None,
                receipts: false,
                text_limit: Some(TEXT_LIMIT),
                leaves: true,
            },
            world: world.clone(),
            sessions: Sessions::new(world, self.service.as_str(), &self.identifier, &self.app_password),
            scrubber: Scrubber::new([&self.app_password]),
        }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        tests::case()
    }
}

#[async_trait]
impl Provider for Bluesky {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        let parts = match posts(parcel) {
            Ok(parts) => parts,
            Err(refusal) => return refusal,
        };
        let mut root = parcel.thread.as_ref().map(|thread| thread.root.clone());
        let mut parent = parcel.thread.as_ref().map(|thread| thread.parent.clone());
        let mut made = Vec::with_capacity(parts.len());
        for (place, text) in parts.iter().enumerate() {
            let record = record(parcel, place, text, root.as_deref(), parent.as_deref());
            match self.put(&tid(&parcel.token, parcel.started_at, place), &record).await {
                Ok(post) => {
                    root.get_or_insert_with(|| post.clone());
                    parent = Some(post.clone());
                    made.push(post);
                }
                Err(outcome) => return about_part(outcome, place, parts.len()),
            }
        }
        Outcome::Accepted { reference: reference(&made), parts: u32::try_from(made.len()).unwrap_or(u32::MAX) }
    }

    async fn withdraw(&self, parcel: &Parcel, _: Option<&str>) -> Outcome {
        let parts = match posts(parcel) {
            Ok(parts) => parts,
            Err(refusal) => return refusal,
        };
        for place in 0..parts.len() {
            let key = tid(&parcel.token, parcel.started_at, place);
            if let Err(outcome) = self.call("com.atproto.repo.deleteRecord", &key, None).await {
                return about_part(outcome, place, parts.len());
            }
        }
        Outcome::Accepted { reference: None, parts: u32::try_from(parts.len()).unwrap_or(u32::MAX) }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let session = self.sessions.fresh().await?;
        let handle: String = session.handle.chars().take(100).collect();
        Ok(CheckReport { summary: format!("signed in as {handle}"), ..CheckReport::default() })
    }
}

impl Bluesky {
    /// Puts one record.
    async fn put(&self, key: &str, record: &Value) -> Result<String, Outcome> {
        self.call("com.atproto.repo.putRecord", key, Some(record)).await
    }

    /// Calls a method on the record under a key, with a renewed session if the one at hand has ended. Answers how the
    /// record is referred to, where there is one.
    async fn call(&self, method: &str, key: &str, record: Option<&Value>) -> Result<String, Outcome> {
        let later = |gone: Unavailable| Outcome::Later { after: gone.after, reason: gone.reason, detail: gone.detail };
        let session = self.sessions.get().await.map_err(later)?;
        let renewed = match self.call_with(&session, method, key, record).await {
            Put::Done(post) => return Ok(post),
            Put::Failed(outcome) => return Err(outcome),
            Put::Stale => self.sessions.renew(&session).await.map_err(later)?,
        };
        match self.call_with(&renewed, method, key, record).await {
            Put::Done(post) => Ok(post),
            Put::Failed(outcome) => Err(outcome),
            Put::Stale => Err(Outcome::Later {
                after: None,
                reason: Reason::Unauthorized,
                detail: "the server refuses a session that it has just made".to_owned(),
            }),
        }
    }

    async fn call_with(&self, session: &Session, method: &str, key: &str, record: Option<&Value>) -> Put {
        let mut body = json!({ "repo": session.did, "collection": COLLECTION, "rkey": key });
        if let Some(record) = record {
            body["record"] = record.clone();
        }
        let url = self.sessions.url(method);
        match exchange(self.world.http.post(url).bearer_auth(&session.access_jwt).json(&body)).await {
            Ok(answer) if record.is_none() && answer.status == 200 => Put::Done(String::new()),
            Ok(answer) => self.read(&answer),
            Err(Silence::NotSent(why)) => {
                Put::Failed(Outcome::Later { after: None, reason: Reason::Unreachable, detail: why.to_owned() })
            }
            Err(Silence::NoAnswer(why)) => Put::Failed(Outcome::InDoubt { detail: why.to_owned() }),
        }
    }

    fn read(&self, answer: &Answer) -> Put {
        let body = answer.json().unwrap_or(Value::Null);
        if answer.status == 200
            && let (Some(uri), Some(cid)) = (body["uri"].as_str(), body["cid"].as_str())
            && uri.len() + cid.len() <= 240
        {
            return Put::Done(format!("{uri} {cid}"));
        }
        let error = body["error"].as_str().unwrap_or_default();
        if matches!((answer.status, error), (400 | 401, "ExpiredToken" | "InvalidToken")) {
            return Put::Stale;
        }
        let said = format!("{} {error}: {}", answer.status, body["message"].as_str().unwrap_or_default());
        let detail = self.scrubber.clean(&said, "");
        let after = wait(answer, self.world.clock.now());
        Put::Failed(match answer.status {
            200..=299 | 408 => Outcome::InDoubt { detail },
            300..=399 => Outcome::Later { after: None, reason: Reason::BadAnswer, detail },
            401 | 403 => Outcome::Later { after: None, reason: Reason::Unauthorized, detail },
            429 => Outcome::Later { after, reason: Reason::Throttled, detail },
            503 => Outcome::Later { after, reason: Reason::Temporary, detail },
            400..=499 => Outcome::Rejected { reason: Reason::BadContent, detail },
            _ => Outcome::InDoubt { detail },
        })
    }
}

/// The post's record: the same bytes at every try, since its time is the broadcast's.
fn record(parcel: &Parcel, place: usize, text: &str, root: Option<&str>, parent: Option<&str>) -> Value {
    let mut record = json!({
        "$type": COLLECTION,
        "text": text,
        "createdAt": created_at(parcel.started_at, place),
        "langs": [parcel.locale],
    });
    let facets = facets(text);
    if !facets.is_empty() {
        record["facets"] = Value::Array(facets);
    }
    // The card is what readers see of a link. A page's own title would have to be fetched, and could change between tries.
    if let Some(link) = links(text).first().map(|at| &text[at.clone()]) {
        let host = Url::parse(link).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let external = json!({ "uri": link, "title": host, "description": "" });
        record["embed"] = json!({ "$type": "app.bsky.embed.external", "external": external });
    }
    // A reference that another provider made (a trial's) cannot be replied to; the news goes out all the same.
    if let (Some(root), Some(parent)) = (root.and_then(strong_reference), parent.and_then(strong_reference)) {
        record["reply"] = json!({ "root": root, "parent": parent });
    }
    record
}

/// A millisecond for each part keeps a thread in order where times are compared.
fn created_at(started_at: Timestamp, place: usize) -> String {
    let part = i64::try_from(place).unwrap_or(0).milliseconds();
    format!("{:.3}", started_at.checked_add(part).unwrap_or(started_at))
}

fn strong_reference(reference: &str) -> Option<Value> {
    let (uri, cid) = reference.split_once(' ')?;
    uri.starts_with("at://").then(|| json!({ "uri": uri, "cid": cid }))
}

#[cfg(test)]
mod tests;
