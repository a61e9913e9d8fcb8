//! `/banner/events`: the signed banner as a stream (server-sent events), so that a website shows a change at once. It is
//! a convenience: whoever gets no place, or loses the stream, asks for `/banner/live.json` every half minute.
//!
//! Thousands read the same: an event is written once, and every stream is handed the same bytes.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::{PublicState, for_other_sites};

/// Often enough that no proxy on the way takes the stream for dead.
const ALIVE: Duration = Duration::from_secs(25);

/// The signed banner as an event.
pub(super) fn of(banner: &[u8]) -> Event {
    Event::default().data(String::from_utf8_lossy(banner))
}

/// The state now, and each that replaces it.
pub(super) async fn stream(State(state): State<PublicState>) -> Response {
    let Some(place) = state.live() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "every place is taken; ask /banner/live.json\n").into_response();
    };
    // The place is given back when the stream ends.
    let states = stream::unfold((state.banners(), place), async |(mut banners, place)| {
        banners.changed().await.ok()?;
        let event = banners.borrow_and_update().clone()?;
        Some((Ok::<_, Infallible>(event), (banners, place)))
    });
    let mut response = Sse::new(states).keep_alive(KeepAlive::new().interval(ALIVE)).into_response();
    // Proxies that gather what they pass on would gather this for ever.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for_other_sites(&mut response);
    response
}
