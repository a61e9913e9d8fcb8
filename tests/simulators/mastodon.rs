//! A simulator of the part of Mastodon 4.7 that a poster meets: statuses, who one is, and what the instance allows.
//!
//! `check.rs` drives it with Mastodon.py and replays against it what Mastodon.py's authors recorded with a real server. Its clock
//! stands still until [`Mastodon::advance`] turns it.

mod check;
mod entities;
mod limits;
mod state;
mod text;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use self::limits::Family;
use self::state::{Draft, State};
pub use self::state::{Fault, Status};
use super::server::Server;

/// The access token of the first account.
pub const TOKEN: &str = "token-of-onevoice";

/// A running simulator.
pub struct Mastodon {
    server: Server,
    state: Arc<Mutex<State>>,
}

type Answer = std::result::Result<Value, Refusal>;

/// A status code and the text of `{"error": …}`.
struct Refusal(StatusCode, String);

impl Mastodon {
    /// Starts one with one account, whose token is [`TOKEN`].
    pub async fn start() -> Self {
        Self::start_with(&[TOKEN]).await
    }

    /// Starts one with an account for each token: `account1`, `account2` and so on.
    pub async fn start_with(tokens: &[&str]) -> Self {
        #[allow(clippy::disallowed_methods, reason = "clients compare the reset time with their own clock")]
        let state = Arc::new(Mutex::new(State::new(tokens, Timestamp::now())));
        let server = Server::start(router(state.clone())).await;
        state.lock().expect("no handler panics").url = server.url.clone();
        Self { server, state }
    }

    /// Where it is, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Turns the clock. An Idempotency-Key is kept for an hour.
    pub fn advance(&self, duration: SignedDuration) {
        let mut state = self.lock();
        state.now = state.now.saturating_add(duration).expect("a near time");
    }

    /// Makes the next request to post go wrong.
    pub fn fail_next(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    /// Leaves every account this many posts until the limit's next reset.
    pub fn leave_posts(&self, remaining: u32) {
        self.lock().limits.leave(Family::Posts, remaining);
    }

    /// What was posted and not deleted, oldest first.
    pub fn statuses(&self) -> Vec<Status> {
        self.lock().statuses.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no handler panics")
    }
}

fn router(state: Arc<Mutex<State>>) -> Router {
    let instance = get(async |Shared(state): Shared<Arc<Mutex<State>>>| Json(entities::instance_v2(&lock(&state).url)));
    let old_instance =
        get(async |Shared(state): Shared<Arc<Mutex<State>>>| Json(entities::instance_v1(&lock(&state).url)));
    Router::new()
        .route("/api/v1/statuses", post(post_status))
        .route("/api/v1/statuses/{id}", get(read_status).delete(delete_status))
        .route("/api/v1/statuses/{id}/context", get(read_context))
        .route("/api/v1/accounts/verify_credentials", get(verify_credentials))
        .route("/api/v1/instance", old_instance.clone())
        .route("/api/v1/instance/", old_instance)
        .route("/api/v2/instance", instance.clone())
        .route("/api/v2/instance/", instance)
        .fallback(async || (StatusCode::NOT_FOUND, Json(json!({ "error": "Not Found" }))))
        .with_state(state)
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no handler panics")
}

async fn post_status(Shared(state): Shared<Arc<Mutex<State>>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut state = lock(&state);
    let fault = state.faults.pop_front();
    if let Some(Fault::Refuse(code)) = fault {
        return (code, Json(json!({ "error": "scripted fault" }))).into_response();
    }
    let answer = answer(&mut state, &headers, Family::Posts, |state, account| {
        let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
        let is_json =
            headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let draft = if is_json { Draft::from_json(&body) } else { Draft::from_form(&body) };
        let id = state.post(account, draft, key)?;
        Ok(entities::status(state, state.status(&id)?))
    });
    match fault {
        Some(Fault::PostThenRefuse(code)) => (code, Json(json!({ "error": "scripted fault" }))).into_response(),
        _ => answer,
    }
}

async fn read_status(Shared(state): Shared<Arc<Mutex<State>>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    answer(&mut lock(&state), &headers, Family::Requests, |state, _| Ok(entities::status(state, state.status(&id)?)))
}

async fn delete_status(
    Shared(state): Shared<Arc<Mutex<State>>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    answer(&mut lock(&state), &headers, Family::Deletions, |state, account| {
        let deleted = entities::deleted_status(state, state.status(&id)?);
        state.delete(account, &id)?;
        Ok(deleted)
    })
}

async fn read_context(
    Shared(state): Shared<Arc<Mutex<State>>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    answer(&mut lock(&state), &headers, Family::Requests, |state, _| {
        let shown = |statuses: Vec<&Status>| -> Vec<Value> {
            statuses.into_iter().map(|status| entities::status(state, status)).collect()
        };
        state.status(&id)?;
        Ok(json!({ "ancestors": shown(state.ancestors(&id)), "descendants": shown(state.descendants(&id)) }))
    })
}

async fn verify_credentials(Shared(state): Shared<Arc<Mutex<State>>>, headers: HeaderMap) -> Response {
    answer(&mut lock(&state), &headers, Family::Requests, |state, account| Ok(entities::own_account(state, account)))
}

/// Who asks, whether they may ask once more, and then the answer, with the limit's state in its header lines. Every request counts
/// towards the limit of requests; a post or deletion counts towards its own limit when it succeeds, and that is the one shown.
fn answer(
    state: &mut State,
    headers: &HeaderMap,
    family: Family,
    act: impl FnOnce(&mut State, usize) -> Answer,
) -> Response {
    let Some(account) = state.account_of(headers) else {
        return refuse(Refusal(StatusCode::UNAUTHORIZED, "The access token is invalid".into()));
    };
    let now = state.now;
    let requests_left = state.limits.take(account, Family::Requests, now);
    let mut response = if !requests_left || (family != Family::Requests && !state.limits.any_left(account, family, now))
    {
        refuse(Refusal(StatusCode::TOO_MANY_REQUESTS, "Too many requests".into()))
    } else {
        match act(state, account) {
            Ok(value) => Json(value).into_response(),
            Err(refusal) => refuse(refusal),
        }
    };
    let shown = if requests_left { family } else { Family::Requests };
    response.headers_mut().extend(state.limits.headers(account, shown, now));
    response
}

fn refuse(Refusal(code, error): Refusal) -> Response {
    (code, Json(json!({ "error": error }))).into_response()
}
