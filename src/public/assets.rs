//! The files that the pages and the banner load. They are part of the program, so no path on the disk is ever served.

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest as _, Sha384};

use super::respond::Body;
use super::{PublicState, for_other_sites};

/// The banner's script, as customers' sites load it.
pub(super) const BANNER_JS: &str = include_str!("assets/banner.js");
const STATUS_CSS: &str = include_str!("assets/status.css");
const STATUS_JS: &str = include_str!("assets/status.js");
const STATUS_SVG: &str = include_str!("assets/status.svg");

/// The script under an address whose bytes never change. A release that changes the script keeps this one as a file of
/// its own and gives the new one the next number.
pub(super) const PINNED: &str = "/banner-1.js";

/// A year: it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Five minutes: a release reaches every reader soon, and a crowd does not ask each time.
const FOR_MINUTES: &str = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=604800";

/// Routes for each file.
pub(super) fn router() -> Router<PublicState> {
    Router::new()
        .route("/banner.js", get(async |headers: HeaderMap| banner_js(&headers, FOR_MINUTES)))
        .route(PINNED, get(async |headers: HeaderMap| banner_js(&headers, FOR_EVER)))
        .route("/status.css", file(STATUS_CSS, "text/css; charset=utf-8"))
        .route("/status.js", file(STATUS_JS, "text/javascript; charset=utf-8"))
        .route("/status.svg", file(STATUS_SVG, "image/svg+xml"))
}

fn banner_js(headers: &HeaderMap, kept: &'static str) -> axum::response::Response {
    let body = Body::new(Bytes::from_static(BANNER_JS.as_bytes()));
    let mut response = body.answer(headers, "text/javascript; charset=utf-8", kept);
    for_other_sites(&mut response);
    response
}

/// Every file with its name and type, for a copy.
pub(super) fn all() -> [(&'static str, &'static str, &'static str); 5] {
    [
        ("banner.js", BANNER_JS, "text/javascript; charset=utf-8"),
        (&PINNED[1..], BANNER_JS, "text/javascript; charset=utf-8"),
        ("status.css", STATUS_CSS, "text/css; charset=utf-8"),
        ("status.js", STATUS_JS, "text/javascript; charset=utf-8"),
        ("status.svg", STATUS_SVG, "image/svg+xml"),
    ]
}

/// How long a file may be kept, by its name in a copy; None for what is none of them.
pub(super) fn kept(name: &str) -> Option<&'static str> {
    let ours = all().into_iter().any(|(ours, ..)| ours == name);
    ours.then_some(if name == &PINNED[1..] { FOR_EVER } else { FOR_MINUTES })
}

/// What a tag's `integrity` says of the script that never changes (Subresource Integrity).
pub(super) fn integrity() -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(BANNER_JS)))
}

fn file(text: &'static str, content_type: &'static str) -> axum::routing::MethodRouter<PublicState> {
    let body = Body::new(Bytes::from_static(text.as_bytes()));
    get(move |headers: HeaderMap| std::future::ready(body.answer(&headers, content_type, FOR_MINUTES)))
}
