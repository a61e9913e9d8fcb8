//! What a person or program is told when something cannot be done: what, where, and how to mend it. RFC 9457.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::store::StoreError;

/// A refusal. Nothing was changed.
#[derive(Clone, Debug, Serialize, JsonSchema, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// Names the kind: `about:blank` never; the part after `/problems/` is stable.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, and how to mend it.
    pub detail: String,
    /// The field at fault, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Further facts, by name: `findings`, `recipients`.
    #[serde(flatten)]
    pub more: BTreeMap<String, serde_json::Value>,
}

impl Problem {
    fn new(status: u16, kind: &str, title: &str, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            pointer: None,
            more: BTreeMap::new(),
        }
    }

    /// 400: the request cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Problem {
        Problem::new(400, "unreadable", "The request cannot be read", detail)
    }

    /// 401: nobody is signed in, or with wrong credentials.
    pub fn unauthenticated(detail: impl Into<String>) -> Problem {
        Problem::new(401, "unauthenticated", "Sign in first", detail)
    }

    /// 403: this person or key may not.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(403, "forbidden", "Not allowed", detail)
    }

    /// 404: there is none.
    pub fn missing(detail: impl Into<String>) -> Problem {
        Problem::new(404, "missing", "There is none", detail)
    }

    /// 409: not in this state.
    pub fn conflict(detail: impl Into<String>) -> Problem {
        Problem::new(409, "conflict", "Not possible now", detail)
    }

    /// 413: larger than the limit.
    pub fn too_large(detail: impl Into<String>) -> Problem {
        Problem::new(413, "too-large", "Too large", detail)
    }

    /// 422: a field has a value that cannot be used.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
        let mut problem = Problem::new(422, "invalid", "A value cannot be used", detail);
        problem.pointer = Some(pointer.into());
        problem
    }

    /// 429: too many tries.
    pub fn too_many(detail: impl Into<String>) -> Problem {
        Problem::new(429, "too-many-requests", "Too many tries", detail)
    }

    /// 500: a fault of ours; the log has more.
    pub fn internal() -> Problem {
        Problem::new(500, "internal", "A fault of ours", "something failed on our side; the log says more")
    }

    /// 503: the store cannot be written.
    pub fn unavailable(detail: impl Into<String>) -> Problem {
        Problem::new(503, "unavailable", "Not available now", detail)
    }

    /// Adds a further fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Problem {
        self.more.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::Missing(what) => Problem::missing(format!("there is no such {what}")),
            StoreError::Taken(what) => Problem::conflict(format!("there is already a {what}")),
            StoreError::Conflict(detail) => Problem::conflict(detail),
            other => {
                tracing::error!(error = %other, "the store failed");
                Problem::unavailable("the database cannot do this now; nothing was changed, try again")
            }
        }
    }
}
