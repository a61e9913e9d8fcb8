//! What customers see: the banner on the organisation's websites and the status page. Both are served from the last
//! committed state, held in memory ([`PublicState`]), and are the same for every reader of a locale.
//!
//! # The banner on a website
//!
//! One tag in each page, anywhere; `/banner/snippet.txt` has it with this installation's key and copies:
//!
//! ```html
//! <script src="https://status.example/banner.js" data-key="…" data-origins="https://status.example/ https://copy.example/" async></script>
//! ```
//!
//! A site with a content security policy adds, for each origin, two sources, and needs no `unsafe-inline`, nonce or hash:
//!
//! ```text
//! script-src  https://status.example https://copy.example;
//! connect-src https://status.example https://copy.example;
//! ```
//!
//! The banner lies over the top of the page (`position: fixed`) and moves nothing in it. It speaks the language of
//! `<html lang>`, sets no cookie, defines no global name, keeps "dismissed" in `sessionStorage` where there is one, and
//! shows nothing while no origin is reachable. A dismissed banner comes back with the next update. What it believes is
//! said in `signed.rs`.
//!
//! # Addresses
//!
//! | address | what |
//! |---|---|
//! | `/`, `/status` | what is going on now |
//! | `/status/incidents/{id}` | one incident, every update |
//! | `/status/history` | what is over |
//! | `/subscribe` and what it leads to | people subscribe by themselves (`src/subscribe`) |
//! | `/banner.js`, `/banner-1.js` | the banner's script; the second never changes, for a tag with `integrity` |
//! | `/banner/live.json`, `/banner/events` | what it says, signed: asked for, and as a stream |
//! | `/banner/snippet.txt` | the tag for a website, and its lines for a content security policy |
//! | `/banner.json?locale=` | what it says in one locale, for other programs |
//! | `/feed.atom`, `/feed.rss` | what was told, for readers of feeds |
//! | `/api/v2/summary.json` and seven more | the same in Statuspage's shape, for tools |
//!
//! Pages take `?lang=`, else the browser's languages.

mod assets;
mod banner;
mod copy;
mod events;
mod feeds;
mod headers;
mod links;
mod locale;
mod pages;
mod respond;
mod signed;
mod snippet;
mod state;
mod statuspage;
mod subscribe;
#[cfg(test)]
mod tests;
mod text;
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

pub use copy::{BANNER, File, INVENTORY, Inventory, digest};
use pages::Place;
pub use signed::Signer;
pub use state::{Changes, PublicState};
use state::{Published, Subject};
pub use subscribe::{SubscribePage, query_value, secured};
pub use words::{consent, fill, subscribe_words};

/// How long pages and the banner may be kept: seconds, so that an update shows; and while we are down, a day, because
/// an old word with its time on it is better than none (RFC 5861).
const BRIEFLY: &str = "public, max-age=10, stale-while-revalidate=30, stale-if-error=86400";

/// The public routes, with their security headers.
pub fn router(state: PublicState) -> Router {
    let api = statuspage::Resource::ALL.into_iter().fold(Router::new(), |router, (path, resource)| {
        router.route(path, get(async move |State(state): State<PublicState>, headers| api(&state, resource, &headers)))
    });
    let feeds = feeds::Format::ALL.into_iter().fold(Router::new(), |router, (path, format)| {
        let answer = async move |State(state): State<PublicState>, RawQuery(query): RawQuery, headers| {
            feed(&state, format, query.as_deref(), &headers)
        };
        router.route(path, get(answer))
    });
    Router::new()
        .route("/", get(now))
        .route("/status", get(now))
        .route("/status/history", get(history))
        .route("/status/incidents/{id}", get(incident))
        .route("/banner.json", get(banner_json))
        .route("/banner/live.json", get(banner_live))
        .route("/banner/events", get(events::stream))
        .route("/banner/snippet.txt", get(snippet::text))
        .merge(api)
        .merge(feeds)
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

async fn banner_live(State(state): State<PublicState>, headers: HeaderMap) -> Response {
    let mut response = state.current().banner.answer(&headers, "application/json", BRIEFLY);
    for_other_sites(&mut response);
    response
}

/// A resource of the status API: the same for every reader.
fn api(state: &PublicState, resource: statuspage::Resource, headers: &HeaderMap) -> Response {
    let subject = Subject::Api(resource);
    let mut response = match state.current().body(subject, "", |view| statuspage::json(view, resource)) {
        Ok(body) => body.answer(headers, "application/json", BRIEFLY),
        Err(error) => broken(subject, &error),
    };
    for_other_sites(&mut response);
    response
}

/// A feed in the language asked for, else in the default: what fetches feeds speaks for many readers.
fn feed(state: &PublicState, format: feeds::Format, query: Option<&str>, headers: &HeaderMap) -> Response {
    let published = state.current();
    let (view, subject) = (&published.view, Subject::Feed(format));
    let locale = locale::choose(asked(query, "lang").as_deref(), None, &view.locales, &view.default_locale);
    let mut response = match published.body(subject, &locale, |view| feeds::xml(view, format, &locale)) {
        Ok(body) => body.answer(headers, format.content_type(), BRIEFLY),
        Err(error) => broken(subject, &error),
    };
    for_other_sites(&mut response);
    response
}

/// One page in the reader's locale.
fn page(published: &Published, subject: Subject, query: Option<&str>, headers: &HeaderMap) -> Response {
    let locale = reader_locale(published, asked(query, "lang").as_deref(), headers);
    let body = published.body(subject, &locale, |view| match subject {
        Subject::History => pages::history(view, &locale, Place::Live),
        Subject::Incident(place) => pages::incident(view, &locale, Place::Live, place),
        Subject::Missing => pages::missing(view, &locale, Place::Live),
        // The others are no pages and come by their own handlers.
        Subject::Now | Subject::Banner | Subject::Api(_) | Subject::Feed(_) => pages::now(view, &locale, Place::Live),
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
