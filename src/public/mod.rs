//! What customers see: the banner on the organisation's websites and the status page. Both are served from the last
//! committed state, held in memory ([`PublicState`]), and are the same for every reader of a locale.
//!
//! # The banner on a website
//!
//! One line in each page, anywhere:
//!
//! ```html
//! <script src="https://status.example/banner.js" async></script>
//! ```
//!
//! A site with a content security policy adds two sources, and needs no `unsafe-inline`, nonce or hash:
//!
//! ```text
//! script-src  https://status.example;
//! connect-src https://status.example;
//! ```
//!
//! The banner lies over the top of the page (`position: fixed`) and moves nothing in it. It speaks the language of
//! `<html lang>`, sets no cookie, defines no global name, keeps "dismissed" in `sessionStorage` where there is one, and
//! shows nothing while this origin is unreachable. A dismissed banner comes back with the next update.
//!
//! # Addresses
//!
//! | address | what |
//! |---|---|
//! | `/`, `/status` | what is going on now |
//! | `/status/incidents/{id}` | one incident, every update |
//! | `/status/history` | what is over |
//! | `/banner.js`, `/banner.json?locale=` | the banner |
//!
//! Pages take `?lang=`, else the browser's languages.

mod assets;
mod banner;
mod headers;
mod links;
mod locale;
mod pages;
mod respond;
mod state;
#[cfg(test)]
mod tests;
mod time;
pub mod view;
mod words;

use std::fmt::Display;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub use state::PublicState;
use state::{Published, Subject};

/// How long pages and the banner may be kept: seconds, so that an update shows; and while we are down, a day, because
/// an old word with its time on it is better than none (RFC 5861).
const BRIEFLY: &str = "public, max-age=10, stale-while-revalidate=30, stale-if-error=86400";

/// The public routes, with their security headers.
pub fn router(state: PublicState) -> Router {
    Router::new()
        .route("/", get(now))
        .route("/status", get(now))
        .route("/status/history", get(history))
        .route("/status/incidents/{id}", get(incident))
        .route("/banner.json", get(banner_json))
        .merge(assets::router())
        .layer(from_fn(headers::secure))
        .with_state(state)
}

async fn now(State(state): State<PublicState>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    page(&state.current(), Subject::Now, query.as_deref(), &headers)
}

async fn history(State(state): State<PublicState>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    page(&state.current(), Subject::History, query.as_deref(), &headers)
}

/// The number is read leniently, so that a mistyped link gets the page that leads back.
async fn incident(
    State(state): State<PublicState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let published = state.current();
    let place = published.view.incidents.iter().position(|incident| Ok(incident.id) == id.parse());
    let subject = place.map_or(Subject::Missing, Subject::Incident);
    page(&published, subject, query.as_deref(), &headers)
}

async fn banner_json(State(state): State<PublicState>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let published = state.current();
    let locale = reader_locale(&published, asked(query.as_deref(), "locale").as_deref(), &headers);
    let body = published.body(Subject::Banner, &locale, |view| banner::json(view, &locale));
    let mut response = match body {
        Ok(body) => body.answer(&headers, "application/json", BRIEFLY),
        Err(error) => broken(Subject::Banner, &error),
    };
    for_other_sites(&mut response);
    vary(&mut response);
    response
}

/// One page in the reader's locale.
fn page(published: &Published, subject: Subject, query: Option<&str>, headers: &HeaderMap) -> Response {
    let locale = reader_locale(published, asked(query, "lang").as_deref(), headers);
    let body = published.body(subject, &locale, |view| match subject {
        Subject::History => pages::history(view, &locale),
        Subject::Incident(place) => pages::incident(view, &locale, place),
        Subject::Missing => pages::missing(view, &locale),
        // The banner is no page and comes by its own handler.
        Subject::Now | Subject::Banner => pages::now(view, &locale),
    });
    // Conditions hold for what is there only (RFC 9110, section 13.2.1).
    let nothing = HeaderMap::new();
    let (conditions, status) = match subject {
        Subject::Missing => (&nothing, StatusCode::NOT_FOUND),
        _ => (headers, StatusCode::OK),
    };
    let mut response = match body {
        Ok(body) => body.answer(conditions, "text/html; charset=utf-8", BRIEFLY),
        Err(error) => broken(subject, &error),
    };
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    vary(&mut response);
    response
}

fn reader_locale(published: &Published, asked: Option<&str>, headers: &HeaderMap) -> String {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    locale::choose(asked, accepted, &published.view.locales, &published.view.default_locale)
}

/// A value of the query. What cannot be read is ignored: nobody is kept from a status page by a broken link.
fn asked(query: Option<&str>, name: &str) -> Option<String> {
    let query = query.unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Lets every site read the answer, without credentials.
fn for_other_sites(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

fn vary(response: &mut Response) {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language"));
}

/// A page that does not render is our mistake. The log names the page; the reader gets no detail.
fn broken(subject: Subject, error: &dyn Display) -> Response {
    tracing::error!(?subject, %error, "a public page does not render");
    (StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown at the moment. Please try again.").into_response()
}
