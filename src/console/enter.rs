//! The door: who is signed in, whether a form is one of ours, and the headers that keep pages from being turned against
//! their readers. What somebody typed is not lost when their session has ended: it is handed back after the sign-in.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;

use super::{form::Form, page, sign_in, words::text};
use crate::{
    app::App,
    people::{Actor, Person, credentials, sight, sign_in as sessions},
    problem::Problem,
    store::StoreError,
};

/// The largest form, in bytes: an update in eight variants and two languages has room.
pub(super) const LARGEST_FORM: usize = 1 << 20;

/// The largest form with a list of customer ids, in bytes.
pub(super) const LARGEST_LIST: usize = 8 << 20;

/// The session's cookie. Browsers take this prefix only with Secure, for this host and every path; on loopback they take
/// it over http too.
pub(super) const COOKIE: &str = "__Host-onevoice";

/// Everything from this origin, nothing inline, nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Somebody at their desk: a signed-in person, and what their pages need.
#[derive(Clone)]
pub(super) struct Desk {
    /// The application.
    pub app: App,
    /// Who it is.
    pub person: Person,
    /// The same as operations take it.
    pub actor: Actor,
    /// The session's token.
    pub token: String,
}

/// What a page answers.
pub(super) type Answer = Result<Response, Refusal>;

/// A refusal on its way to becoming a page; [`admit`] puts the frame around it.
#[derive(Clone, Debug)]
pub(super) struct Refusal(pub Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal(problem)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        Refusal(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.0.detail.clone()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl<S: Sync> FromRequestParts<S> for Desk {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Desk, Refusal> {
        parts.extensions.get::<Desk>().cloned().ok_or_else(|| Problem::internal().into())
    }
}

impl Desk {
    /// The token that every form of this session carries.
    pub fn csrf(&self) -> String {
        credentials::csrf_token(&self.token)
    }
}

/// Lets a request through with its person and form, or answers it.
pub(super) async fn admit(
    State(app): State<App>,
    matched: MatchedPath,
    numbers: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let (request, desk) = match entered(&app, request).await {
        Ok(entered) => entered,
        Err(response) => return *response,
    };
    // No page has to remember who may see what it is about.
    if let Err(problem) = sight::address(&app, &desk.actor, &matched, &numbers).await {
        return refused(&desk, &problem).await;
    }
    let response = next.run(request).await;
    match response.extensions().get::<Refusal>() {
        Some(Refusal(problem)) => refused(&desk, problem).await,
        None => response,
    }
}

/// The same for a file that is sent: its body is read as it arrives, and whoever reads it looks at the token first.
pub(super) async fn admit_upload(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if !from_here(request.headers()) {
        return page::bare_refusal(&Problem::forbidden(text!("refused-file-elsewhere")));
    }
    let token = token(request.headers()).map(str::to_owned);
    let found = match &token {
        Some(token) => sessions::session(&app, token).await,
        None => Ok(None),
    };
    let (person, token) = match (found, token) {
        (Ok(Some(person)), Some(token)) => (person, token),
        (Err(problem), _) => return page::bare_refusal(&problem),
        _ => return Redirect::to("/console/sign-in?next=%2Fconsole%2Fpeople%2Fimport").into_response(),
    };
    let desk = Desk { app, actor: Actor::Person(person.clone()), person, token };
    request.extensions_mut().insert(desk.clone());
    let response = next.run(request).await;
    match response.extensions().get::<Refusal>() {
        Some(Refusal(problem)) => refused(&desk, problem).await,
        None => response,
    }
}

async fn entered(app: &App, request: Request) -> Result<(Request, Desk), Box<Response>> {
    let (mut parts, body) = request.into_parts();
    let writes = parts.method != Method::GET && parts.method != Method::HEAD;
    if writes && !from_here(&parts.headers) {
        let problem = Problem::forbidden(text!("refused-form-elsewhere"));
        return Err(Box::new(page::bare_refusal(&problem)));
    }
    let form = if writes {
        let most = if parts.uri.path().ends_with("/list") { LARGEST_LIST } else { LARGEST_FORM };
        let read = to_bytes(body, most).await;
        Form::read(&read.map_err(|_| {
            Box::new(page::bare_refusal(&Problem::too_large(text!("refused-form-large", megabytes = most >> 20))))
        })?)
    } else {
        Form::default()
    };
    let token = token(&parts.headers).map(str::to_owned);
    let found = match &token {
        Some(token) => sessions::session(app, token).await.map_err(|problem| Box::new(page::bare_refusal(&problem)))?,
        None => None,
    };
    let (Some(person), Some(token)) = (found, token) else {
        return Err(Box::new(outside(&parts, &form, writes)));
    };
    let desk = Desk { app: app.clone(), actor: Actor::Person(person.clone()), person, token };
    if writes {
        let sent =
            parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).unwrap_or_else(|| form.get("csrf"));
        if !credentials::same(sent.as_bytes(), desk.csrf().as_bytes()) {
            let problem = Problem::forbidden(text!("refused-form-of-another"));
            return Err(Box::new(refused(&desk, &problem).await));
        }
    }
    parts.extensions.insert(form);
    parts.extensions.insert(desk.clone());
    Ok((Request::from_parts(parts, Body::empty()), desk))
}

/// The answer to somebody without a session. Scripts are told so; a form's words wait on the sign-in page.
fn outside(parts: &Parts, form: &Form, writes: bool) -> Response {
    let accepts = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if parts.headers.contains_key("x-csrf-token") || accepts.contains("text/event-stream") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if writes {
        return sign_in::keep(parts.uri.path(), form);
    }
    let place = parts.uri.path_and_query().map_or("/console", |place| place.as_str());
    let next: String = url::form_urlencoded::byte_serialize(place.as_bytes()).collect();
    Redirect::to(&format!("/console/sign-in?next={next}")).into_response()
}

/// Whether a changing request comes from our own pages. Browsers say so by Sec-Fetch-Site; older ones by Origin. What
/// says neither is left to the token.
pub(crate) fn from_here(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    match text(header::ORIGIN) {
        // Older browsers write "null" for every form of a page that sends no referrer.
        None | Some("null") => true,
        Some(origin) => origin.split_once("://").is_some_and(|(_, host)| Some(host) == text(header::HOST)),
    }
}

/// The session's token among the cookies.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

async fn refused(desk: &Desk, problem: &Problem) -> Response {
    let body = json!({ "problem": { "title": problem.title, "detail": problem.detail } });
    let frame = page::Frame { template: "refused", nav: "", title: problem.title.clone(), exercise: false };
    let mut response = match page::show(desk, &frame, body).await {
        Ok(response) => response,
        Err(_) => page::bare_refusal(problem),
    };
    *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Adds the headers to every answer. A page that shows a mail brings a policy of its own.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
