//! `GET /copies`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{body::Json, document::describe, reply::Page},
    app::App,
    publish::Copy,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists the published copies of the status page and the banner: when each was written last, and since when \
        one is behind, in its files or where it is served.";
    get_with(handle, describe("listCopies", "copies", text, &[]))
}

async fn handle(State(app): State<App>) -> Json<Page<Copy>> {
    Json(Page::whole(app.copies.all()))
}
