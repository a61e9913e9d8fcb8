//! The files that the pages and the banner load. They are part of the program, so no path on the disk is ever served.

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use bytes::Bytes;

use super::respond::Body;
use super::{PublicState, for_other_sites};

/// The banner's script, as customers' sites load it.
pub(super) const BANNER_JS: &str = include_str!("assets/banner.js");
const STATUS_CSS: &str = include_str!("assets/status.css");
const STATUS_JS: &str = include_str!("assets/status.js");
const STATUS_SVG: &str = include_str!("assets/status.svg");

/// Five minutes: a release reaches every reader soon, and a crowd does not ask each time.
const FOR_MINUTES: &str = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=604800";

/// Routes for each file.
pub(super) fn router() -> Router<PublicState> {
    Router::new()
        .route("/banner.js", get(banner_js))
        .route("/status.css", file(STATUS_CSS, "text/css; charset=utf-8"))
        .route("/status.js", file(STATUS_JS, "text/javascript; charset=utf-8"))
        .route("/status.svg", file(STATUS_SVG, "image/svg+xml"))
}

async fn banner_js(headers: HeaderMap) -> axum::response::Response {
    let body = Body::new(Bytes::from_static(BANNER_JS.as_bytes()));
    let mut response = body.answer(&headers, "text/javascript; charset=utf-8", FOR_MINUTES);
    for_other_sites(&mut response);
    response
}

fn file(text: &'static str, content_type: &'static str) -> axum::routing::MethodRouter<PublicState> {
    let body = Body::new(Bytes::from_static(text.as_bytes()));
    get(move |headers: HeaderMap| std::future::ready(body.answer(&headers, content_type, FOR_MINUTES)))
}
