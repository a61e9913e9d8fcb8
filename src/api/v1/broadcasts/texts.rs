//! `GET /broadcasts/{id}/texts`: every text, word for word as it was frozen at the submit.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
        reply::Page,
    },
    app::App,
    preview::{self, Text},
    problem::Problem,
    render::Rendering,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "readTexts",
            "broadcasts",
            "Reads every text of a broadcast as it was frozen at the submit: what an approver reads, and what everyone gets.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Page<Text>>, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    let mut texts = Vec::new();
    for stored in app.store.renderings(id).await? {
        let rendering: Rendering = serde_json::from_str(&stored.document).map_err(|_| Problem::internal())?;
        texts.push(preview::text_of(&app, &rendering));
    }
    Ok(Json(Page::whole(texts)))
}
