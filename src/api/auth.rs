//! Who asks: a key, a session, or whoever may open the daemon's socket. A cookie is never looked at here, so that no
//! page of another site can speak for somebody.

use aide::OperationInput;
use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};

use crate::{
    app::App,
    listener::Peer,
    people::{Actor, Role, Scope, sight, sign_in},
    problem::Problem,
};

pub use crate::people::sight::{broadcast, may_see, update};

/// The actor of a request; every operation but signing in has one.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Problem> {
        parts.extensions.get::<Caller>().cloned().ok_or_else(nobody)
    }
}

impl OperationInput for Caller {}

fn nobody() -> Problem {
    Problem::unauthenticated("send `Authorization: Bearer` with an API key or the token of `POST /api/v1/sessions`")
}

/// The token of a request, if it brings one.
///
/// # Errors
/// 401 for an `Authorization` that is no bearer token.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(nobody)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(Some(token.trim())) } else { Err(nobody()) }
}

/// Who asks.
///
/// # Errors
/// 401 when nobody does, or with a token that does not count.
pub async fn identify(app: &App, headers: &HeaderMap, peer: Option<&Peer>) -> Result<Actor, Problem> {
    let Some(token) = bearer(headers)? else {
        // Whoever may open the socket could read the database as well.
        return if peer == Some(&Peer::Unix) { Ok(Actor::Operator) } else { Err(nobody()) };
    };
    let found = if token.starts_with("ov_") {
        sign_in::key(app, token).await?
    } else {
        sign_in::session(app, token).await?.map(Actor::Person)
    };
    found.ok_or_else(|| {
        Problem::unauthenticated("this key or token does not count: it ended, was taken back, or never was")
    })
}

/// Lets only known callers through, to what they may see. Reading takes the scope `read` of a key; every other operation
/// names its own.
pub async fn require(
    State(app): State<App>,
    matched: MatchedPath,
    parts: RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let actor = identify(&app, request.headers(), request.extensions().get::<Peer>()).await?;
    if request.method() == Method::GET {
        app.may(&actor, Role::Viewer, Scope::Read.as_str())?;
    }
    sight::address(&app, &actor, &matched, &parts).await?;
    request.extensions_mut().insert(Caller(actor));
    Ok(next.run(request).await)
}

/// Where a request comes from, for counting wrong passwords.
pub fn place(peer: Option<&Peer>) -> String {
    match peer {
        Some(Peer::Tcp(peer)) => peer.ip().to_canonical().to_string(),
        Some(Peer::Unix) | None => "socket".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_token_is_one() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            bearer(&headers).map(|token| token.map(str::to_owned))
        };
        assert_eq!(of("bearer abc").unwrap().as_deref(), Some("abc"));
        assert!(of("Basic abc").is_err() && of("abc").is_err());
        assert_eq!(bearer(&HeaderMap::new()).unwrap(), None);
    }
}
