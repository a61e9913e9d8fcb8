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

    /// 401: the password was right, and a second factor is asked for.
    pub fn second_factor(detail: impl Into<String>) -> Problem {
        let mut problem = Problem::new(401, "second-factor", "A second factor is asked for", detail);
        problem.pointer = Some("/code".to_owned());
        problem
    }

    /// 403: this person or key may not.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(403, "forbidden", "Not allowed", detail)
    }

    /// 404: there is none.
    pub fn missing(detail: impl Into<String>) -> Problem {
        Problem::new(404, "missing", "There is none", detail)
    }

    /// 405: there is something at this address, and it does not take this method.
    pub fn wrong_method(detail: impl Into<String>) -> Problem {
        Problem::new(405, "wrong-method", "Not with this method", detail)
    }

    /// 409: not in this state.
    pub fn conflict(detail: impl Into<String>) -> Problem {
        Problem::new(409, "conflict", "Not possible now", detail)
    }

    /// 413: larger than the limit.
    pub fn too_large(detail: impl Into<String>) -> Problem {
        Problem::new(413, "too-large", "Too large", detail)
    }

    /// 415: written in a format that is not read here.
    pub fn unsupported(detail: impl Into<String>) -> Problem {
        Problem::new(415, "unsupported", "Not in this format", detail)
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

    /// Says where the value at fault lies within the request, whose pointer so far began at a part of it.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Problem {
        self.pointer = self.pointer.map(|pointer| format!("{prefix}{pointer}"));
        self
    }

    /// Adds a further fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Problem {
        self.more.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }
}

/// A line that a person or program gave, without the white space around it: 1 to `most` characters, and none that ends a
/// line or steers a terminal, a header or a CSV file.
///
/// # Errors
/// 422 at `pointer`.
pub fn line(pointer: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    let ends_line = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if text.is_empty() || text.chars().count() > most || text.contains(ends_line) {
        return Err(Problem::invalid(
            pointer,
            format!("give one line of 1 to {most} characters, without control characters"),
        ));
    }
    Ok(text.to_owned())
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
