//! Passkeys on pages: what the script asks for, and what it puts into a form. A page says which of a person's ways there are;
//! without scripts a code is always one of them.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{enter::Desk, form::Form, time::Times};
use crate::{
    app::App,
    people::{
        Person,
        ceremony::Purpose,
        credentials,
        factor::{self, Given, Standing},
        passkey::{self, Answer},
    },
    problem::Problem,
};

/// Who holds a ceremony: a session or a sign-in, by the hash of its token or ticket.
pub(super) fn holder(token: &str) -> Vec<u8> {
    credentials::hash_token(token)
}

/// The passkey's answer that the script put into a form, if it did.
pub(super) fn answer(token: &str, form: &Form) -> Option<Answer> {
    let json = form.raw("passkey").filter(|json| !json.is_empty())?;
    Some(Answer { holder: holder(token), json: json.to_owned() })
}

/// The proof of a form: a passkey's answer, or else a code.
pub(super) fn given(token: &str, form: &Form) -> Given {
    Given { code: form.get("code").to_owned(), passkey: answer(token, form) }
}

/// What the script is answered: what the browser asks an authenticator for, or why it is not asked, in words.
pub(super) fn asked(asked: Result<Value, Problem>) -> Response {
    match asked {
        Ok(options) => Json(options).into_response(),
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, problem.detail).into_response()
        }
    }
}

/// By what a person can prove themselves: an authenticator app, passkeys, and where those work.
pub(super) async fn ways(app: &App, person: &Person) -> Result<Value, Problem> {
    let place = passkey::place(&app.config);
    Ok(json!({
        "app": factor::standing(app, person.id).await? == Standing::Counts,
        "passkeys": app.store.passkeys(person.id).await?.len(),
        "origin": place.as_ref().map(|place| place.origin.clone()).unwrap_or_default(),
        "not": place.err().map(|problem| problem.detail),
    }))
}

/// A person's own, for the page.
pub(super) async fn rows(desk: &Desk) -> Result<Vec<Value>, Problem> {
    let times = Times::of(&desk.app);
    let row = |one: &passkey::Shown| json!({ "id": one.id, "name": one.name, "added": times.near(one.created_at), "used": one.last_used_at.map(|at| times.near(at)) });
    Ok(passkey::list(&desk.app, &desk.actor).await?.iter().map(row).collect())
}

/// Asks for a new one.
pub(super) async fn offer(desk: Desk, form: Form) -> Response {
    let password = form.raw("password").unwrap_or_default();
    asked(passkey::offer(&desk.app, &desk.actor, &holder(&desk.token), password).await)
}

/// Asks for a proof before a change of one's factors.
pub(super) async fn prove(desk: Desk) -> Response {
    asked(passkey::ask(&desk.app, &desk.person, &holder(&desk.token), Purpose::Change).await)
}
