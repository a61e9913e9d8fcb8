//! What a request carries: a JSON body, a query, the numbers in its path. Whatever cannot be read is refused with the
//! place of the fault.

use aide::{
    OperationInput, OperationOutput,
    generate::GenContext,
    openapi::{self, Operation},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_path_to_error::Segment;

use crate::problem::Problem;

/// A JSON body: a request's, or an answer's.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Problem> {
        if !is_json(request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())) {
            return Err(Problem::unsupported("send the body as JSON, with `Content-Type: application/json`"));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => Problem::unreadable("the body ended before it was complete; send it again"),
        })?;
        read(&body).map(Json)
    }
}

/// The refusal of a body beyond the limit.
pub fn too_large() -> Problem {
    Problem::too_large("the body is larger than `http.max_body` allows; send less at once")
}

fn is_json(content_type: Option<&str>) -> bool {
    let media_type =
        content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// Reads JSON.
///
/// # Errors
/// 400 for what is no JSON; 422 with a pointer for a value that does not fit.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().clone();
        refuse(&path, error.inner())
    })?;
    reader.end().map_err(|error| Problem::unreadable(format!("the body has more after its JSON: {error}")))?;
    Ok(value)
}

/// As [`read`], from a value that is JSON already.
///
/// # Errors
/// 422 with a pointer.
pub fn read_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| refuse(error.path(), error.inner()))
}

fn refuse(path: &serde_path_to_error::Path, error: &serde_json::Error) -> Problem {
    if !error.is_data() {
        return Problem::unreadable(format!("the body is no JSON: {error}"));
    }
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => push(&mut pointer, key),
            Segment::Unknown => {}
        }
    }
    // serde speaks of "line 1 column 20": a pointer says it better.
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let field = |before: &str| message.strip_prefix(before)?.split('`').next();
    if let Some(name) = field("unknown field `").or_else(|| field("missing field `"))
        && !pointer.ends_with(&format!("/{}", escape(name)))
    {
        push(&mut pointer, name);
    }
    Problem::invalid(pointer, message)
}

/// Adds a name to a JSON pointer (RFC 6901, 3).
fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&escape(name));
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Json<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<openapi::Response> {
        axum::Json::<T>::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, openapi::Response)> {
        Self::operation_response(ctx, operation).map(|response| (Some(200), response)).into_iter().collect()
    }
}

impl<T: JsonSchema> OperationInput for Json<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        axum::Json::<T>::operation_input(ctx, operation);
    }
}

/// The query of a request.
pub struct Search<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Search<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Search<T>, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(value)| Search(value)).map_err(|rejection| Problem::unreadable(rejection.body_text()))
    }
}

impl<T: JsonSchema> OperationInput for Search<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Query::<T>::operation_input(ctx, operation);
    }
}

/// The variable parts of a request's path.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<At<T>, Problem> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        read.map(|Path(value)| At(value))
            .map_err(|_| Problem::missing("there is nothing at this address; look at its number"))
    }
}

impl<T: JsonSchema> OperationInput for At<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Path::<T>::operation_input(ctx, operation);
    }
}

/// A number in a path.
#[derive(serde::Deserialize, JsonSchema)]
pub struct Id {
    /// Its number.
    pub id: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::content::Content;

    fn pointer(body: &str) -> (u16, Option<String>, String) {
        let problem = read::<Content>(body.as_bytes()).expect_err("refused");
        (problem.status, problem.pointer, problem.detail)
    }

    #[test]
    fn a_fault_is_named_by_its_pointer() {
        let at = |body| pointer(body).1.unwrap();
        assert_eq!(at(r#"{"status":"on fire","variants":[]}"#), "/status");
        assert_eq!(at(r#"{"variants":[]}"#), "/status");
        assert_eq!(at(r#"{"status":"resolved","variants":[],"extra":1}"#), "/extra");
        assert_eq!(
            at(r#"{"status":"resolved","variants":[{"name":"a","facts":{"en":{"why":3}}}]}"#),
            "/variants/0/facts/en/why"
        );
        assert_eq!(
            at(r#"{"status":"resolved","variants":[{"name":"a","facts":{"e/n":{"who":""}}}]}"#),
            "/variants/0/facts/e~1n/who"
        );
    }

    #[test]
    fn what_is_no_json_is_unreadable() {
        assert_eq!(pointer("{").0, 400);
        assert_eq!(pointer(r#"{"status":"resolved","variants":[]} x"#).0, 400);
        assert!(!pointer(r#"{"status":"on fire"}"#).2.contains("line"));
    }

    #[test]
    fn only_json_is_read_as_json() {
        for good in ["application/json", "application/json; charset=utf-8", "Application/Merge-Patch+JSON"] {
            assert!(is_json(Some(good)), "{good}");
        }
        // A browser sends these across origins without asking.
        for bad in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
            assert!(!is_json(bad), "{bad:?}");
        }
    }
}
