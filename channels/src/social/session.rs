//! A session with an AT Protocol server: made once, refreshed when it ends, never made for a single post.
//! Servers allow about 30 a day.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::{
    contract::{Reason, Unavailable, World},
    exchange::{Answer, Silence, exchange},
    retry_after,
    secret::Secret,
};

/// What a server answers to createSession and refreshSession. Not Debug: it is made of secrets.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    pub(super) access_jwt: String,
    refresh_jwt: String,
    pub(super) did: String,
    pub(super) handle: String,
}

/// Keeps the one session of an account.
pub(super) struct Sessions {
    world: World,
    service: String,
    identifier: String,
    app_password: Secret,
    current: Mutex<Option<Session>>,
}

impl Sessions {
    pub(super) fn new(world: &World, service: &str, identifier: &str, app_password: &Secret) -> Sessions {
        Sessions {
            world: world.clone(),
            service: service.trim_end_matches('/').to_owned(),
            identifier: identifier.to_owned(),
            app_password: app_password.clone(),
            current: Mutex::new(None),
        }
    }

    /// The address of an XRPC method.
    pub(super) fn url(&self, method: &str) -> String {
        format!("{}/xrpc/{method}", self.service)
    }

    /// The session; made if there is none yet. Who comes while it is made waits for that one.
    pub(super) async fn get(&self) -> Result<Session, Unavailable> {
        let mut current = self.current.lock().await;
        if let Some(session) = &*current {
            return Ok(session.clone());
        }
        Ok(current.insert(self.create().await?).clone())
    }

    /// A session that the server has just vouched for. One at hand is refreshed for it: a server takes an access token
    /// for two hours without asking what became of the app password, but refreshes none whose password was withdrawn.
    pub(super) async fn fresh(&self) -> Result<Session, Unavailable> {
        let current = self.current.lock().await.clone();
        match current {
            Some(session) => self.renew(&session).await,
            None => self.get().await,
        }
    }

    /// A session newer than `stale`: another task's, a refreshed one, or a new one where the refresh is refused.
    pub(super) async fn renew(&self, stale: &Session) -> Result<Session, Unavailable> {
        let mut current = self.current.lock().await;
        if let Some(session) = current.as_ref().filter(|session| session.access_jwt != stale.access_jwt) {
            return Ok(session.clone());
        }
        let refresh =
            self.world.http.post(self.url("com.atproto.server.refreshSession")).bearer_auth(&stale.refresh_jwt);
        let session = match self.ask(refresh).await {
            Err(refused) if refused.reason == Reason::Unauthorized => self.create().await,
            answer => answer,
        };
        // A refresh token works once: after a failure the next try starts from the password.
        *current = session.as_ref().ok().cloned();
        session
    }

    async fn create(&self) -> Result<Session, Unavailable> {
        let body = json!({ "identifier": self.identifier, "password": self.app_password.expose() });
        self.ask(self.world.http.post(self.url("com.atproto.server.createSession")).json(&body)).await
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Session, Unavailable> {
        let unavailable = |reason, detail: String, after| Unavailable { reason, detail, after };
        // Nothing is posted by this, so an answer that never came is no doubt.
        let answer = exchange(request).await.map_err(|silence| match silence {
            Silence::NotSent(why) | Silence::NoAnswer(why) => unavailable(Reason::Unreachable, why.to_owned(), None),
        })?;
        // The server's own words are left out: they could repeat the credentials.
        match answer.status {
            200 => answer
                .json()
                .and_then(|body| serde_json::from_value(body).ok())
                .ok_or_else(|| unavailable(Reason::BadAnswer, "the server's session cannot be read".to_owned(), None)),
            400 | 401 | 403 => Err(unavailable(
                Reason::Unauthorized,
                format!("{}: the server refuses the identifier or the app password", answer.status),
                None,
            )),
            429 => {
                let wait = wait(&answer, self.world.clock.now());
                Err(unavailable(Reason::Throttled, "429 at sign-in: the server asks to go slower".to_owned(), wait))
            }
            status => Err(unavailable(Reason::Temporary, format!("{status} at sign-in"), None)),
        }
    }
}

/// What the server asks for: `Retry-After`, or `RateLimit-Reset` in seconds since 1970.
pub(super) fn wait(answer: &Answer, now: Timestamp) -> Option<Duration> {
    answer.retry_after(now).or_else(|| {
        let reset = Timestamp::from_second(answer.header("ratelimit-reset")?.trim().parse().ok()?).ok()?;
        Some(retry_after::until(reset, now))
    })
}
