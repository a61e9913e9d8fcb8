//! `POST /updates/{id}/sign-off`: a reader's signature, or their remark.

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
        reply::Page,
    },
    app::App,
    approve::sign::{self, Required, Word},
    problem::Problem,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    post_with(
        handle,
        describe(
            "signUpdate",
            "updates",
            "Signs an update that waits for an approval, or remarks on it. Takes a signed-in person who holds the sign-off and wrote no word of it; no key. Answers the sign-offs as they stand then.",
            &[404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Json(word): Json<Word>,
) -> Result<Json<Page<Required>>, Problem> {
    auth::update(&app, &actor, id).await?;
    let broadcast = sign::say(&app, &actor, id, &word).await?;
    Ok(Json(Page::whole(sign::required(&app, &broadcast).await?)))
}
