//! What the simulator remembers, and the rules of posting.

use std::collections::{HashMap, VecDeque};

use axum::http::{HeaderMap, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Refusal;
use super::limits::{Family, Limits};
use super::text;

/// How long the key of a post is remembered: Mastodon's PostStatusService keeps it 3600 seconds.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// A post.
#[derive(Debug, Clone)]
pub struct Status {
    /// Its number, in decimal digits.
    pub id: String,
    /// The position of its account among the tokens.
    pub account: usize,
    /// The text as it was sent.
    pub text: String,
    /// The content warning; empty without one.
    pub spoiler_text: String,
    /// The post that it replies to.
    pub in_reply_to_id: Option<String>,
    /// `public`, `unlisted`, `private` or `direct`.
    pub visibility: String,
    /// The language's code.
    pub language: String,
    /// Whether its media are hidden at first.
    pub sensitive: bool,
    /// The Idempotency-Key that it came with.
    pub key: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What goes wrong with a request to post.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// This answer, and nothing was posted.
    Refuse(StatusCode),
    /// It was posted, and yet this is the answer.
    PostThenRefuse(StatusCode),
}

/// What a client wants to post.
#[derive(Default)]
pub struct Draft(HashMap<String, String>);

impl Draft {
    /// From `application/x-www-form-urlencoded`.
    pub fn from_form(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// From `application/json`; what is not an object has no fields.
    pub fn from_json(body: &[u8]) -> Self {
        let fields: serde_json::Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Self(fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, text(value))).collect())
    }

    /// An empty field is no field.
    fn field(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

/// Everything.
pub struct State {
    /// Where the simulator is.
    pub url: String,
    /// Its clock.
    pub now: Timestamp,
    /// What was posted, oldest first.
    pub statuses: Vec<Status>,
    /// What goes wrong next.
    pub faults: VecDeque<Fault>,
    /// How much was asked for.
    pub limits: Limits,
    tokens: Vec<String>,
    /// By account and key: the post, and until when it is remembered.
    keys: HashMap<(usize, String), (String, Timestamp)>,
    last_id: u64,
}

impl State {
    /// Accounts that have posted nothing.
    pub fn new(tokens: &[&str], now: Timestamp) -> Self {
        Self {
            url: String::new(),
            now,
            statuses: Vec::new(),
            faults: VecDeque::new(),
            limits: Limits::default(),
            tokens: tokens.iter().map(|token| (*token).to_owned()).collect(),
            keys: HashMap::new(),
            last_id: 117_440_826_656_342_711,
        }
    }

    /// The account whose token the request has.
    pub fn account_of(&self, headers: &HeaderMap) -> Option<usize> {
        let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
        self.tokens.iter().position(|known| known == token)
    }

    /// Posts and gives the id. With a key that is remembered, it gives the id of the post made with it, whatever the draft says.
    pub fn post(&mut self, account: usize, draft: Draft, key: Option<&str>) -> Result<String, Refusal> {
        let remembered = key.map(|key| (account, key.to_owned()));
        if let Some((id, until)) = remembered.as_ref().and_then(|key| self.keys.get(key))
            && *until > self.now
        {
            return Ok(id.clone());
        }
        let status = self.accept(account, &draft, key)?;
        let id = status.id.clone();
        self.statuses.push(status);
        self.limits.take(account, Family::Posts, self.now);
        if let Some(key) = remembered {
            let until = self.now.saturating_add(KEY_LIFE).expect("a near time");
            self.keys.insert(key, (id.clone(), until));
        }
        Ok(id)
    }

    fn accept(&mut self, account: usize, draft: &Draft, key: Option<&str>) -> Result<Status, Refusal> {
        let text = draft.field("status").unwrap_or_default();
        let spoiler_text = draft.field("spoiler_text").unwrap_or_default();
        if text.trim().is_empty() {
            return Err(invalid("Text can't be blank"));
        }
        if text::count(&text) + text::count(&spoiler_text) > text::MOST_CHARACTERS {
            return Err(invalid(&format!("Text character limit of {} exceeded", text::MOST_CHARACTERS)));
        }
        let visibility = draft.field("visibility").unwrap_or_else(|| "public".to_owned());
        if !["public", "unlisted", "private", "direct"].contains(&visibility.as_str()) {
            return Err(invalid("Visibility is not included in the list"));
        }
        let in_reply_to_id = draft.field("in_reply_to_id");
        if in_reply_to_id.as_ref().is_some_and(|id| self.status(id).is_err()) {
            let error = "The post you are trying to reply to does not appear to exist.";
            return Err(Refusal(StatusCode::NOT_FOUND, error.to_owned()));
        }
        self.last_id += 1;
        Ok(Status {
            id: self.last_id.to_string(),
            account,
            text,
            spoiler_text,
            in_reply_to_id,
            visibility,
            language: draft.field("language").unwrap_or_else(|| "en".to_owned()),
            sensitive: draft.field("sensitive").is_some_and(|value| ["1", "true"].contains(&value.as_str())),
            key: key.map(str::to_owned),
            created_at: self.now,
        })
    }

    /// Deletes an account's own post.
    pub fn delete(&mut self, account: usize, id: &str) -> Result<(), Refusal> {
        if self.status(id)?.account != account {
            return Err(not_found());
        }
        self.statuses.retain(|status| status.id != id);
        self.limits.take(account, Family::Deletions, self.now);
        Ok(())
    }

    /// A post.
    pub fn status(&self, id: &str) -> Result<&Status, Refusal> {
        self.statuses.iter().find(|status| status.id == id).ok_or_else(not_found)
    }

    /// What a post replies to, directly or not, oldest first.
    pub fn ancestors(&self, id: &str) -> Vec<&Status> {
        let mut found = Vec::new();
        let mut next = self.status(id).ok();
        while let Some(parent) = next.and_then(|status| self.status(status.in_reply_to_id.as_deref()?).ok()) {
            found.insert(0, parent);
            next = Some(parent);
        }
        found
    }

    /// The replies to a post and to its replies, oldest first.
    pub fn descendants(&self, id: &str) -> Vec<&Status> {
        self.statuses.iter().filter(|status| self.ancestors(&status.id).iter().any(|above| above.id == id)).collect()
    }
}

fn invalid(why: &str) -> Refusal {
    Refusal(StatusCode::UNPROCESSABLE_ENTITY, format!("Validation failed: {why}"))
}

fn not_found() -> Refusal {
    Refusal(StatusCode::NOT_FOUND, "Not Found".to_owned())
}
