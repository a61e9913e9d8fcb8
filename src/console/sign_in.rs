//! Sign in and out. Words that were typed into an ended session wait here and are handed back.

use axum::{
    Extension,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde_json::json;

use super::{
    enter::{self, Answer, COOKIE, Desk},
    form::Form,
    page, passkeys,
    words::text,
};
use crate::{
    app::App,
    listener::Peer,
    people::{
        Actor, Person,
        ceremony::Purpose,
        credentials, passkey,
        sign_in::{self, Entered},
    },
    problem::Problem,
};

/// Where to after signing in.
#[derive(serde::Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// The form.
pub(super) async fn show(Query(Next { next }): Query<Next>) -> Response {
    form(StatusCode::OK, None, &Form::default(), &next)
}

/// The same for somebody whose session ended while they wrote; `sent` is what they sent to `place`.
pub(super) fn keep(place: &str, sent: &Form) -> Response {
    let mut kept = url::form_urlencoded::Serializer::new(String::new());
    kept.extend_pairs(sent.kept());
    let held = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("kept", &kept.finish())
        .append_pair("kept_for", place)
        .finish();
    form(StatusCode::UNAUTHORIZED, None, &Form::read(held.as_bytes()), place)
}

fn form(status: StatusCode, problem: Option<&Problem>, sent: &Form, next: &str) -> Response {
    let body = json!({
        "problem": problem.map(|problem| problem.detail.clone()),
        "next": inside(next),
        "email": sent.get("email"),
        "kept": sent.raw("kept"),
        "kept_for": inside(sent.get("kept_for")),
    });
    match page::fill("sign_in", &body) {
        Ok(page) => (status, Html(page)).into_response(),
        Err(problem) => page::bare_refusal(&problem),
    }
}

/// A place within the console, or its first page: nobody is led elsewhere by a link to the sign-in.
fn inside(place: &str) -> &str {
    let path = place.split(['?', '#']).next().unwrap_or_default();
    let plain =
        place.chars().all(|c| c.is_ascii_graphic() && c != '\\') && !place.contains("//") && !path.contains("..");
    if plain && (path == "/console" || path.starts_with("/console/")) { place } else { "/console" }
}

/// Signs in by mail address and password; who has a second factor is asked for it next.
pub(super) async fn enter(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sent = Form::read(&body);
    if !enter::from_here(&headers) {
        return page::bare_refusal(&Problem::forbidden(text!("sign_in-other-site")));
    }
    let from = match peer {
        Some(Extension(Peer::Tcp(address))) => address.ip().to_string(),
        _ => "this machine".to_owned(),
    };
    match sign_in::enter(&app, sent.get("email"), sent.raw("password").unwrap_or_default(), &from).await {
        Ok(Entered::In(person, token)) => inside_now(app, person, token, &sent, &headers).await,
        Ok(Entered::Half(ticket)) => code(&app, None, &ticket, &sent).await,
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNAUTHORIZED);
            form(status, Some(&problem), &sent, sent.get("next"))
        }
    }
}

/// The second step: a code or a passkey, with what came along.
async fn code(app: &App, problem: Option<&Problem>, ticket: &str, sent: &Form) -> Response {
    let ways = match sign_in::holder(app, ticket).await {
        Ok(person) => passkeys::ways(app, &person).await,
        Err(problem) => Err(problem),
    };
    let ways = match ways {
        Ok(ways) => ways,
        Err(problem) => return page::bare_refusal(&problem),
    };
    let body = json!({
        "ways": ways,
        "problem": problem.map(|problem| problem.detail.clone()),
        "ticket": ticket,
        "next": inside(sent.get("next")),
        "kept": sent.raw("kept"),
        "kept_for": inside(sent.get("kept_for")),
    });
    let status =
        problem.map_or(StatusCode::OK, |problem| StatusCode::from_u16(problem.status).unwrap_or(StatusCode::FORBIDDEN));
    match page::fill("sign_in_code", &body) {
        Ok(page) => (status, Html(page)).into_response(),
        Err(problem) => page::bare_refusal(&problem),
    }
}

/// Signs in with the second factor.
pub(super) async fn second(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let sent = Form::read(&body);
    if !enter::from_here(&headers) {
        return page::bare_refusal(&Problem::forbidden(text!("sign_in-other-site")));
    }
    let given = passkeys::given(sent.get("ticket"), &sent);
    match sign_in::finish(&app, sent.get("ticket"), &given).await {
        Ok((person, token)) => inside_now(app, person, token, &sent, &headers).await,
        // A ticket that is over leads back to the first step; what was typed comes along.
        Err(problem) if problem.status == 401 => {
            form(StatusCode::UNAUTHORIZED, Some(&problem), &sent, sent.get("next"))
        }
        Err(problem) => code(&app, Some(&problem), sent.get("ticket"), &sent).await,
    }
}

/// Asks for a passkey as the second step.
pub(super) async fn ask(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let sent = Form::read(&body);
    if !enter::from_here(&headers) {
        return passkeys::asked(Err(Problem::forbidden(text!("sign_in-asked-elsewhere"))));
    }
    let ticket = sent.get("ticket");
    let asked = match sign_in::holder(&app, ticket).await {
        Ok(person) => passkey::ask(&app, &person, &passkeys::holder(ticket), Purpose::SignIn).await,
        Err(problem) => Err(problem),
    };
    passkeys::asked(asked)
}

/// In: a fresh session, whatever cookie came along, and the words that were kept.
async fn inside_now(app: App, person: Person, token: String, sent: &Form, headers: &HeaderMap) -> Response {
    if let Some(old) = enter::token(headers) {
        // It ends by itself in any case.
        let _ = app.store.end_session(&credentials::hash_token(old)).await;
    }
    let desk = Desk { app, actor: Actor::Person(person.clone()), person, token };
    let mut response = match carry_on(&desk, sent).await {
        Some(Ok(response)) => response,
        _ => Redirect::to(inside(sent.get("next"))).into_response(),
    };
    let cookie = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict", desk.token);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The page that hands kept words back. They are sent again by a person's click, with the new session's token.
async fn carry_on(desk: &Desk, sent: &Form) -> Option<Answer> {
    let kept = Form::read(sent.raw("kept")?.as_bytes());
    let pairs: Vec<_> = kept.kept().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let long = kept.kept().filter(|(_, value)| value.chars().count() > 12);
    let shown: Vec<_> = long.map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let frame = page::Frame { template: "carry_on", nav: "", title: text!("carry_on-title"), exercise: false };
    Some(
        page::show(desk, &frame, json!({ "place": inside(sent.get("kept_for")), "pairs": pairs, "shown": shown }))
            .await,
    )
}

/// Signs out.
pub(super) async fn out(desk: Desk) -> Answer {
    desk.app.store.end_session(&credentials::hash_token(&desk.token)).await?;
    let mut response = Redirect::to("/console/sign-in").into_response();
    let cookie = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_str(&cookie).map_err(|_| Problem::internal())?);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn nobody_is_led_out_of_the_console() {
        for good in ["/console", "/console/updates/3?saved=1", "/console?x=1"] {
            assert_eq!(inside(good), good);
        }
        let bad = [
            "",
            "https://evil.example",
            "//evil.example",
            "/console//evil.example",
            "/\\evil.example",
            "/console\\@evil",
            "/consoles",
            "/console/../api",
            "/console/\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
        ];
        for bad in bad {
            assert_eq!(inside(bad), "/console", "{bad:?}");
        }
    }
}
