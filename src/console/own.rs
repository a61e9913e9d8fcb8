//! One's own access: another password, and where one is signed in.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::Times,
    words::text,
};
use crate::{people::own, problem::Problem};

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    view(&desk, None, None).await
}

async fn view(desk: &Desk, done: Option<String>, problem: Option<Problem>) -> Answer {
    let times = Times::of(&desk.app);
    let sessions = own::sessions(&desk.app, &desk.actor, Some(&desk.token)).await?;
    let rows = sessions.iter().map(|session| {
        json!({ "began": times.near(session.created_at), "used": times.away(session.seen_at), "current": session.current })
    });
    let body = json!({
        "email": desk.person.email,
        "rows": rows.collect::<Vec<Value>>(),
        "others": sessions.iter().any(|session| !session.current),
        "done": done,
        "problem": problem.as_ref().map(|problem| problem.detail.clone()),
        "at_new": problem.as_ref().is_some_and(|problem| problem.pointer.as_deref() == Some("/new")),
        "at_current": problem.as_ref().is_some_and(|problem| problem.pointer.as_deref() == Some("/password")),
    });
    let frame = Frame { template: "own", nav: "", title: text!("own-title"), exercise: false };
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// Changes the password, or ends the other sessions.
pub(super) async fn act(desk: Desk, form: Form) -> Answer {
    let (app, actor, token) = (&desk.app, &desk.actor, Some(desk.token.as_str()));
    let raw = |name: &str| form.raw(name).unwrap_or_default();
    let done = match form.get("action") {
        "password" => own::change_password(app, actor, token, raw("password"), raw("new_password"))
            .await
            .map(|()| text!("own-changed")),
        "others" => own::end_others(app, actor, token).await.map(|_| text!("own-ended")),
        other => Err(Problem::unreadable(text!("refused-no-button", name = format!("{other:?}")))),
    };
    match done {
        Ok(done) => view(&desk, Some(done), None).await,
        Err(problem) if problem.pointer.is_some() || problem.status == 429 => view(&desk, None, Some(problem)).await,
        Err(problem) => Err(problem.into()),
    }
}
