//! `GET` and `POST /receipts/{provider}`: a provider's later word on what it carried. The provider proves itself in the
//! request; there is no key.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
    routing::get,
};

use super::body::too_large;
use crate::{
    app::App,
    problem::Problem,
    track::receipts::{self, Incoming},
};

/// The largest callback, in bytes: SendGrid puts up to 768 KB of events into one.
const LARGEST: usize = 1 << 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/receipts/{provider}", get(receive).post(receive)).layer(DefaultBodyLimit::max(LARGEST))
}

async fn receive(
    State(app): State<App>,
    Path(provider): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    let Ok(body) = body else { return too_large().into_response() };
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: BTreeMap<String, String> = headers.iter().filter_map(text).collect();
    let path_and_query = uri.path_and_query().map_or("/", |place| place.as_str());
    let incoming = Incoming { method: method.as_str(), path_and_query, headers: &headers, body: &body };
    // A receipt that says nothing new is as good as one that does: providers repeat them.
    receipts::receive(&app, &provider, &incoming)
        .await
        .map_or_else(Problem::into_response, |_| StatusCode::NO_CONTENT.into_response())
}
