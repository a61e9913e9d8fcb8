//! The HTTP API for programs: `/api/v1`, its OpenAPI document, and the two addresses that messages point back to.
//!
//! Handlers read the request, call an operation and write its answer. Who may do what is decided by the operations, so
//! that the console and the API cannot differ.

pub mod auth;
mod body;
mod document;
mod idempotency;
pub mod problem;
mod receipts;
mod reply;
#[cfg(test)]
mod tests;
mod unsubscribe;
mod v1;

use std::sync::Arc;

use aide::openapi::OpenApi;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Extension},
    http::{Method, Uri, header},
    middleware::from_fn_with_state,
    response::IntoResponse,
    routing::get,
};

pub(crate) use self::body::read as read_json;
use crate::{app::App, problem::Problem};
pub(crate) use unsubscribe::mask;

/// Where the API lives.
pub const PREFIX: &str = "/api/v1";

/// `/api/v1`, `/openapi.json`, `/receipts/{provider}` and `/u/{token}`.
pub fn router(app: App) -> Router {
    let (open, guarded, document) = documented();
    let guarded = guarded
        .route_layer(from_fn_with_state(app.clone(), idempotency::once))
        .route_layer(from_fn_with_state(app.clone(), auth::require));
    let api = open
        .route_layer(from_fn_with_state(app.clone(), idempotency::once))
        .merge(guarded)
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(app.config.http.max_body));
    let document: Arc<str> = serde_json::to_string(&document).unwrap_or_default().into();
    Router::new()
        .nest(PREFIX, api)
        .route("/openapi.json", get(openapi_json).layer(Extension(document)))
        .merge(receipts::router())
        .merge(unsubscribe::router())
        .with_state(app)
}

/// The OpenAPI 3.1 document.
pub fn openapi() -> OpenApi {
    documented().2
}

/// What anybody may call, what takes a caller, and the document of both.
fn documented() -> (Router<App>, Router<App>, OpenApi) {
    aide::generate::extract_schemas(true);
    let (open, guarded) = (v1::open(), v1::guarded());
    let mut document = document::empty();
    let open = open.finish_api(&mut document);
    let guarded = guarded.finish_api(&mut document);
    document::finish(&mut document);
    (open, guarded, document)
}

async fn openapi_json(Extension(document): Extension<Arc<str>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document.to_string())
}

async fn missing(uri: Uri) -> Problem {
    Problem::missing(format!("there is nothing at {}; /openapi.json lists every address", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::wrong_method(format!("{} does not take {method}; /openapi.json says what it takes", uri.path()))
}
