//! Refusals as HTTP answers: `application/problem+json` (RFC 9457).

use aide::{OperationOutput, generate::GenContext, openapi};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::problem::Problem;

/// The media type of refusals.
pub const MEDIA_TYPE: &str = "application/problem+json";

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 11.6.1: a 401 names a way to sign in.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Which refusals an operation has is said where it is documented, so that nothing is inferred from the type.
impl OperationOutput for Problem {
    type Inner = Problem;

    fn inferred_responses(_: &mut GenContext, _: &mut openapi::Operation) -> Vec<(Option<u16>, openapi::Response)> {
        Vec::new()
    }
}
