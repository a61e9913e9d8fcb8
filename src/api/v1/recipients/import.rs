//! `POST /recipients/import`: a CSV file of any length, read as it arrives.

use std::io;

use aide::{
    OperationInput,
    axum::routing::{ApiMethodRouter, post_with},
    generate::GenContext,
    openapi::{MediaType, Operation, ReferenceOr, RequestBody},
};
use axum::{
    body::Body,
    extract::{FromRequest, Request, State},
    http::header,
};
use futures_util::TryStreamExt as _;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{Json, Search},
        document::describe,
    },
    app::App,
    audience::import::{self, ImportSummary},
    problem::Problem,
};

const MEDIA_TYPE: &str = "text/csv";

/// How it is imported.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// True removes everyone whom the file does not name, once all of it was read.
    #[serde(default)]
    replace: bool,
}

/// The file. `http.max_body` does not bind it: it is never held.
struct Csv(Body);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Csv, Problem> {
        let media =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(MEDIA_TYPE) {
            return Err(Problem::unsupported("send the file itself, with `Content-Type: text/csv`"));
        }
        Ok(Csv(request.into_body()))
    }
}

impl OperationInput for Csv {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let content = [(MEDIA_TYPE.to_owned(), MediaType::default())].into_iter().collect();
        operation.request_body =
            Some(ReferenceOr::Item(RequestBody { content, required: true, ..RequestBody::default() }));
    }
}

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "importRecipients",
            "recipients",
            "Reads recipients from a CSV file of any length. Its first line names the columns: customer_id, name, locale, time_zone, email, phone, tags, components; every other one is an attribute. A line that cannot be used is named with the reason, and the others go on; whoever stands on a bad line stays as they were.",
            &[],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
    Csv(body): Csv,
) -> Result<Json<ImportSummary>, Problem> {
    import::import(&app, &actor, body.into_data_stream().map_err(io::Error::other), asked.replace).await.map(Json)
}
