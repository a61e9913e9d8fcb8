//! One HTTP request and its bounded answer, with the one question that matters told apart: was it written?

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{RequestBuilder, header::HeaderMap};

use crate::{
    contract::{Outcome, Reason, Unavailable},
    failpoint, guard, retry_after,
};

/// The most that is read of an answer. No provider's contract needs more, and a broken one must not fill memory.
pub(crate) const LONGEST_ANSWER: usize = 64 * 1024;

/// What a place answered.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body, at most [`LONGEST_ANSWER`] bytes.
    pub(crate) body: Vec<u8>,
    /// False where the body was longer, or broke off.
    pub(crate) complete: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Silence {
    /// The request was not written: nothing happened.
    NotSent(&'static str),
    /// It was written, at least in part, and nobody answered: it may have been carried out.
    NoAnswer(&'static str),
}

impl Silence {
    /// What became of the message that the request carried.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Silence::NotSent(why) => {
                Outcome::Later { after: None, reason: Reason::Unreachable, detail: why.to_owned() }
            }
            Silence::NoAnswer(why) => Outcome::InDoubt { detail: why.to_owned() },
        }
    }

    /// What a credential check says of it.
    pub(crate) fn unavailable(self) -> Unavailable {
        let (Silence::NotSent(why) | Silence::NoAnswer(why)) = self;
        Unavailable { reason: Reason::Unreachable, detail: why.to_owned(), after: None }
    }
}

/// Sends a request and reads its answer.
pub(crate) async fn exchange(request: RequestBuilder) -> Result<Answer, Silence> {
    failpoint::pass("write");
    // A reqwest error prints the URL, and a gateway's URL holds the password: only its kind is passed on.
    let mut response = request.send().await.map_err(|error| {
        if error.is_builder() {
            Silence::NotSent("the request could not be built from these settings")
        } else if guard::stopped(&error) {
            Silence::NotSent(guard::REFUSED)
        } else if error.is_connect() {
            Silence::NotSent("no connection could be made")
        } else if error.is_timeout() {
            Silence::NoAnswer("no answer in time")
        } else {
            Silence::NoAnswer("the connection broke before an answer came, or the answer is not HTTP")
        }
    })?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    let complete = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LONGEST_ANSWER => body.extend_from_slice(&chunk),
            Ok(None) => break true,
            Ok(Some(_)) | Err(_) => break false,
        }
    };
    failpoint::pass("reply");
    Ok(Answer { status, headers, body, complete })
}

impl Answer {
    /// The body as text, with what is not UTF-8 replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; None where it is not, or not all of it.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        if self.complete { serde_json::from_slice(&self.body).ok() } else { None }
    }

    /// One header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What a refusal means to a message where its status says all. Such a service does not know a message again, so
    /// that one which it may have taken is in doubt.
    ///
    /// | status | outcome |
    /// |---|---|
    /// | 3xx | later: bad_answer; redirects are not followed |
    /// | 401, 403 | later: unauthorized |
    /// | 402 | later: quota |
    /// | 429, 503 | later: throttled, temporary; until `Retry-After` |
    /// | 408, 2xx, other 5xx | in doubt |
    /// | other 4xx | rejected: bad_content |
    pub(crate) fn refusal(&self, after: Option<Duration>, detail: String) -> Outcome {
        let later = |reason, detail| Outcome::Later { after, reason, detail };
        match self.status {
            300..=399 => later(Reason::BadAnswer, detail),
            401 | 403 => later(Reason::Unauthorized, detail),
            402 => later(Reason::Quota, detail),
            429 => later(Reason::Throttled, detail),
            503 => later(Reason::Temporary, detail),
            408 => Outcome::InDoubt { detail },
            400..=499 => Outcome::Rejected { reason: Reason::BadContent, detail },
            _ => Outcome::InDoubt { detail },
        }
    }

    /// The same for a credential check.
    pub(crate) fn unavailable(&self, now: Timestamp, detail: String) -> Unavailable {
        let reason = match self.status {
            401 | 403 => Reason::Unauthorized,
            429 => Reason::Throttled,
            500..=599 => Reason::Temporary,
            _ => Reason::BadAnswer,
        };
        Unavailable { reason, detail, after: self.retry_after(now) }
    }

    /// What `Retry-After` asks for.
    pub(crate) fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        retry_after::parse(self.header("retry-after")?, now)
    }
}
