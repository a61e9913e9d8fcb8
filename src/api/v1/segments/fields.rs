//! `GET /segments/fields` and `GET /segments/fields/{name}`: what segments can ask about.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::Caller,
        body::{At, Json},
        document::describe,
    },
    app::App,
    audience::fields,
    problem::Problem,
    store::fields::Known,
};

/// A field.
#[derive(Deserialize, JsonSchema)]
struct Field {
    /// `tag`, `component`, `locale`, `time_zone`, or an attribute's name.
    name: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listFields",
            "segments",
            "Lists what is known of people, the most frequent first: attributes, `tag`, `component`, `locale`, `time_zone`. Of a long list a part is looked at, and said.",
            &[],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Known>, Problem> {
    fields::fields(&app, &actor).await.map(Json)
}

pub(super) fn values_route() -> ApiMethodRouter<App> {
    get_with(
        handle_values,
        describe(
            "listFieldValues",
            "segments",
            "Lists the values of a field, the most frequent first. Of a long list a part is looked at, and said.",
            &[422],
        ),
    )
}

async fn handle_values(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Field { name }): At<Field>,
) -> Result<Json<Known>, Problem> {
    fields::values(&app, &actor, &name).await.map(Json)
}
