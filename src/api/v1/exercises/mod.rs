//! Practice, and how it went.

mod end;
mod list;
mod read;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/exercises", list::route())
        .api_route("/exercises/{id}", read::route())
        .api_route("/exercises/{id}/end", end::route())
}
