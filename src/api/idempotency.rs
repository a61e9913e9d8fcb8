//! `Idempotency-Key`: a caller that does not know whether its request arrived sends it again, and it counts once.
//!
//! Answers are kept for a day by caller and key. The operation runs to its end even when its caller hangs up, so that
//! the repeated request finds the answer. Requests and answers that hold a secret are never kept: there the header is
//! refused (see [`REFUSED`]).

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};

use super::{auth::Caller, body};
use crate::{
    app::App,
    people::sight,
    problem::Problem,
    store::people::{KeptAnswer, Repeat},
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest key, in bytes.
const LONGEST_KEY: usize = 255;
/// The largest answer that is kept, in bytes; larger ones there are none.
const LARGEST_ANSWER: usize = 16 << 20;

/// Operations that take or answer with a secret, or whose body is too long to be compared. They refuse the header.
pub const REFUSED: [&str; 12] = [
    "/sessions",
    "/keys",
    "/people",
    "/me/password",
    "/me/second-factor",
    "/me/second-factor/confirm",
    "/me/second-factor/recovery-codes",
    "/me/second-factor/remove",
    "/me/passkeys/{id}/remove",
    "/updates/{id}/approve",
    "/playbooks/{id}/approve",
    "/recipients/import",
];

/// Makes a repeated POST count once.
pub async fn once(State(app): State<App>, request: Request, next: Next) -> Result<Response, Problem> {
    let Some(key) = request.headers().get(KEY).filter(|_| request.method() == Method::POST) else {
        return Ok(next.run(request).await);
    };
    let key = key.to_str().ok().map(|key| key.trim().to_owned()).filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    let key = key.ok_or_else(|| Problem::unreadable("an Idempotency-Key has 1 to 255 visible ASCII characters"))?;
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let path = matched.strip_prefix(super::PREFIX).unwrap_or(&matched);
    if REFUSED.contains(&path) {
        let detail = "this operation takes no Idempotency-Key: it handles a secret, or a stream; look whether it was done, and send it again without";
        return Err(Problem::unreadable(detail));
    }
    let Some(Caller(actor)) = request.extensions().get::<Caller>().cloned() else {
        return Err(Problem::internal());
    };
    let owner = actor.audit_name();
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, app.config.http.max_body).await.map_err(|_| body::too_large())?;
    let place = parts.uri.path_and_query().map(|place| place.as_str()).unwrap_or_default();
    let hash = fingerprint(place, &bytes);
    match app.store.reserve_repeat(&owner, &key, &hash, app.world.clock.now()).await? {
        Repeat::Fresh => {}
        Repeat::UnderWay => {
            return Err(Problem::conflict(
                "the first request with this Idempotency-Key is still under way; ask again soon",
            ));
        }
        Repeat::Different => {
            return Err(Problem::invalid(
                "",
                "this Idempotency-Key was used for another request; take a fresh one for each request",
            ));
        }
        Repeat::Answered(answer) => {
            // What an address names was looked at before; what only the answer names may be hidden by now.
            if let Some(incident) = opened(path, &answer) {
                sight::may_see(&app, &actor, incident).await?;
            }
            return Ok(replay(answer));
        }
    }
    let request = Request::from_parts(parts, Body::from(bytes));
    let run = tokio::spawn(async move {
        let answer = next.run(request).await;
        keep(&app, &owner, &key, answer).await
    });
    run.await.map_err(|_| Problem::internal())?
}

/// The incident that a kept answer of an operation without a number in its address is about.
fn opened(path: &str, answer: &KeptAnswer) -> Option<i64> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    match path {
        "/incidents" => body["id"].as_i64(),
        "/announcements" => body["incident"]["id"].as_i64(),
        _ => None,
    }
}

/// Tells one request from another.
pub(super) fn fingerprint(place: &str, body: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(place).chain_update([0]).chain_update(body).finalize().to_vec()
}

/// Keeps an answer for whoever asks again. Faults of ours and "slow down" are not kept: the next try may do better.
async fn keep(app: &App, owner: &str, key: &str, answer: Response) -> Result<Response, Problem> {
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, LARGEST_ANSWER).await.map_err(|_| Problem::internal())?;
    let content_type =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let final_answer = !parts.status.is_server_error() && parts.status != StatusCode::TOO_MANY_REQUESTS;
    let kept =
        KeptAnswer { status: parts.status.as_u16(), content_type: content_type.to_owned(), body: bytes.to_vec() };
    app.store.keep_answer(owner, key, final_answer.then_some(&kept)).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn replay(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if let Ok(value) = HeaderValue::from_str(&answer.content_type)
        && !answer.content_type.is_empty()
    {
        headers.insert(header::CONTENT_TYPE, value);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
