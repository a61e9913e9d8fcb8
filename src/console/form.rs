//! A form as it was sent: names and values in order. Names may come more than once.

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{enter::Refusal, words::text};
use crate::problem::Problem;

/// The pairs of a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn read(body: &[u8]) -> Form {
        // Browsers send line ends as CRLF; texts are kept with LF.
        let line_ends = |text: std::borrow::Cow<'_, str>| text.replace("\r\n", "\n");
        Form {
            pairs: url::form_urlencoded::parse(body)
                .map(|(name, value)| (name.into_owned(), line_ends(value)))
                .collect(),
        }
    }

    /// The first value of a name, without white space around it; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).map_or("", str::trim)
    }

    /// The first value of a name as it was typed.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every pair whose name begins with `prefix`, with the rest of the name.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.pairs.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Every pair that may be shown again: no passwords and no tokens.
    pub fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        let secret = |name: &str| matches!(name, "csrf" | "code" | "passkey") || name.contains("password");
        self.pairs.iter().filter(move |(name, _)| !secret(name)).map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The door reads the form, because it has to look at its token.
impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Form, Refusal> {
        parts.extensions.get::<Form>().cloned().ok_or_else(|| Problem::unreadable(text!("refused-no-form")).into())
    }
}
