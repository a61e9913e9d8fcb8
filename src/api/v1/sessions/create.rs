//! `POST /sessions`: a mail address and a password for a token.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::{Extension, State};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    api::{auth, body::Json, document::describe, reply::Created},
    app::App,
    listener::Peer,
    people::{
        Person,
        sign_in::{self, Entered},
    },
    problem::Problem,
};

/// Who signs in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// The mail address.
    email: String,
    /// The password.
    password: String,
    /// A code of the second factor, from the phone or a recovery code, for who has one.
    #[serde(default)]
    code: Option<String>,
}

/// A session.
#[derive(Serialize, JsonSchema)]
struct Session {
    /// Send it as `Authorization: Bearer`. It is shown this once.
    token: String,
    /// Who is signed in.
    person: Person,
    /// It ends then if it is not used.
    idle_expires_at: Timestamp,
    /// It ends then in any case.
    expires_at: Timestamp,
}

pub fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "signIn",
            "sessions",
            "Signs in. Who has a second factor gives a `code` of it, too; without one the answer is 401 `second-factor`. The token ends after 8 hours without use, and after 24 hours in any case. Takes no Idempotency-Key.",
            &[401, 429],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    Json(asked): Json<Credentials>,
) -> Result<Created<Session>, Problem> {
    let from = auth::place(peer.as_deref());
    let (person, token) = match (sign_in::enter(&app, &asked.email, &asked.password, &from).await?, &asked.code) {
        (Entered::In(person, token), _) => (person, token),
        (Entered::Half(ticket), Some(code)) => sign_in::finish(&app, &ticket, &code.as_str().into()).await?,
        (Entered::Half(_), None) => {
            return Err(Problem::second_factor("give the code of your second factor, too, as `code`"));
        }
    };
    let now = app.world.clock.now();
    Ok(Created(Session { token, person, idle_expires_at: now + sign_in::IDLE, expires_at: now + sign_in::LONGEST }))
}
