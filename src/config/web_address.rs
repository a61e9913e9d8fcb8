//! Web addresses in sections: http or https, with the fault in plain words.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de};
use url::Url;

/// Reads `https://…` or `http://…`. What was written is not repeated: addresses may hold keys.
pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    let wrong = |why: String| de::Error::custom(format!("{why}; write it like \"https://status.example.com/\""));
    let url = Url::parse(&text).map_err(|error| wrong(format!("is not a URL ({error})")))?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(wrong("is not a web address".to_owned())) }
}

/// As [`required`], for a key that may be left out.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    required(deserializer).map(Some)
}
