//! Answers with a page about subscribing. What somebody asked for is decided elsewhere: this room knows no store.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};

use super::{PublicState, asked, headers, pages, reader_locale, vary};
pub use pages::SubscribePage;

impl PublicState {
    /// The language of whoever asks: `?lang=`, else their browser's.
    pub fn locale_of(&self, query: Option<&str>, headers: &HeaderMap) -> String {
        reader_locale(&self.current(), asked(query, "lang").as_deref(), headers)
    }

    /// A page about subscribing, at this address, which nobody keeps.
    pub fn subscribe_page(&self, status: StatusCode, path: &str, locale: &str, page: &SubscribePage<'_>) -> Response {
        let html = match pages::subscribe(&self.current().view, locale, path, page) {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "a page about subscribing does not render");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (status, headers, html).into_response();
        vary(&mut response);
        response
    }
}

/// Puts the public pages' headers on every answer of a router.
pub fn secured<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(from_fn(headers::secure))
}

/// A value of a query.
pub fn query_value(query: Option<&str>, name: &str) -> Option<String> {
    asked(query, name)
}
