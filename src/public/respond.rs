//! Answers with a strong ETag (RFC 9110, section 8.8.3), and 304 to those who have the body already.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// A body with its ETag, the first half of its SHA-256.
#[derive(Clone, Debug)]
pub(super) struct Body {
    bytes: Bytes,
    etag: String,
}

impl Body {
    /// Hashes a body.
    pub fn new(bytes: Bytes) -> Self {
        let hex: String = Sha256::digest(&bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes, etag: format!("\"{hex}\"") }
    }

    /// The body itself.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Answers a request: 304 where its `If-None-Match` names this body. `cache_control` says how long it may be kept.
    pub fn answer(&self, request: &HeaderMap, content_type: &'static str, cache_control: &'static str) -> Response {
        let headers = [(header::CACHE_CONTROL, HeaderValue::from_static(cache_control)), etag(&self.etag)];
        if known(request, &self.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
        (headers, kind, self.bytes.clone()).into_response()
    }
}

fn etag(tag: &str) -> (header::HeaderName, HeaderValue) {
    (header::ETAG, HeaderValue::from_str(tag).expect("a quoted run of hex digits is a header value"))
}

/// Whether `If-None-Match` names the tag. A proxy that compresses makes tags weak, so `W/` is looked through, as
/// RFC 9110, section 13.1.2, asks.
fn known(request: &HeaderMap, tag: &str) -> bool {
    let named = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str) -> StatusCode {
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(value).unwrap())]);
        Body::new(Bytes::from_static(b"x")).answer(&headers, "text/plain", "no-cache").status()
    }

    #[test]
    fn a_known_body_is_not_sent_again() {
        let tag = Body::new(Bytes::from_static(b"x")).etag;
        assert_ne!(tag, Body::new(Bytes::from_static(b"y")).etag);
        for value in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            assert_eq!(asked(&value), StatusCode::NOT_MODIFIED, "{value}");
        }
        for value in ["\"other\"".to_owned(), tag.replace('"', ""), String::new()] {
            assert_eq!(asked(&value), StatusCode::OK, "{value}");
        }
    }
}
