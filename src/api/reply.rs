//! Answers: what was made, and lists by the page.

use aide::{OperationOutput, generate::GenContext, openapi};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::Problem;

/// 201: it was made.
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, axum::Json(self.0)).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Created<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut openapi::Operation) -> Option<openapi::Response> {
        axum::Json::<T>::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        Self::operation_response(ctx, operation).map(|response| (Some(201), response)).into_iter().collect()
    }
}

/// 201 where something was made, 200 where nothing was.
pub struct Made<T>(pub StatusCode, pub T);

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        (self.0, axum::Json(self.1)).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Made<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut openapi::Operation) -> Option<openapi::Response> {
        axum::Json::<T>::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        let answer = Self::operation_response(ctx, operation);
        answer.map(|response| [200, 201].map(|status| (Some(status), response.clone())).to_vec()).unwrap_or_default()
    }
}

/// The most items of a page.
pub const MOST: i64 = 200;
/// The items of a page that names no number.
pub const USUAL: i64 = 50;

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Page<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// Give this as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// All of a short list.
    pub fn whole(items: Vec<T>) -> Page<T> {
        Page { items, next_cursor: None }
    }

    /// A page of `limit` items, from a list that was asked for one more; `cursor` names the place of an item.
    pub fn of(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Page<T> {
        let limit = usize::try_from(limit).unwrap_or_default();
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(cursor);
        Page { items, next_cursor }
    }
}

/// The number of items that was asked for.
///
/// # Errors
/// 400 for less than one and more than [`MOST`].
pub fn limit(asked: Option<i64>) -> Result<i64, Problem> {
    match asked.unwrap_or(USUAL) {
        limit @ 1..=MOST => Ok(limit),
        other => Err(Problem::unreadable(format!("limit is {other}; a page has 1 to {MOST} items"))),
    }
}

/// The refusal of a cursor that no page answered with.
pub fn bad_cursor() -> Problem {
    Problem::unreadable(
        "this cursor is none of ours; give the `next_cursor` of the page before, or none for the first page",
    )
}

/// A cursor that is a number.
///
/// # Errors
/// 400 for anything else.
pub fn number(cursor: Option<&str>) -> Result<i64, Problem> {
    cursor.map_or(Ok(0), |cursor| cursor.parse().map_err(|_| bad_cursor()))
}
