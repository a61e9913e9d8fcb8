//! `POST /recipients/import`: a CSV file of any length, read as it arrives.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::{body::Body, extract::State};
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
    people::{Role, Scope},
    problem::Problem,
};

/// How to import.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// True removes everyone whom the file does not name.
    #[serde(default)]
    replace: bool,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Reads recipients from a CSV file as it arrives, of any length. Good lines are written, a thousand at a time; \
                the answer names the bad ones. Takes no Idempotency-Key: the same file again changes nothing.";
    post_with(handle, |operation| describe("importRecipients", "recipients", text, &[])(operation).input::<Csv>())
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
    body: Body,
) -> Result<Json<ImportSummary>, Problem> {
    app.may(&actor, Role::Author, Scope::Audience.as_str())?;
    let stream = body.into_data_stream().map_err(std::io::Error::other);
    import::import(&app, &actor, stream, asked.replace).await.map(Json)
}

/// The body, for the document.
struct Csv;

impl aide::OperationInput for Csv {
    fn operation_input(_: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        use aide::openapi::{MediaType, ReferenceOr, RequestBody};
        let content = [("text/csv".to_owned(), MediaType::default())].into_iter().collect();
        operation.request_body = Some(ReferenceOr::Item(RequestBody { content, required: true, ..Default::default() }));
    }
}
