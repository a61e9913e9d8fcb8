//! The look and the scripts, part of the program.

use axum::{Router, http::header, response::IntoResponse, routing::get};

use crate::app::App;

const CSS: &str = include_str!("assets/console.css");
const JS: &str = include_str!("assets/console.js");
const PASSKEY: &str = include_str!("assets/passkey.js");

/// Routes for the files.
pub(super) fn router() -> Router<App> {
    let file = |text: &'static str, kind: &'static str| {
        get(move || {
            std::future::ready(
                ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response(),
            )
        })
    };
    Router::new()
        .route("/console/console.css", file(CSS, "text/css; charset=utf-8"))
        .route("/console/console.js", file(JS, "text/javascript; charset=utf-8"))
        .route("/console/passkey.js", file(PASSKEY, "text/javascript; charset=utf-8"))
}
