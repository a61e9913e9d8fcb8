//! Changes of components and contact routes that wait for a second person.

mod accept;
mod decline;
mod list;
mod read;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/proposals", list::route())
        .api_route("/proposals/{id}", read::route())
        .api_route("/proposals/{id}/accept", accept::route())
        .api_route("/proposals/{id}/decline", decline::route())
}
