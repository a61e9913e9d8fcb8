//! What customers are told about over time.

mod hidden;
mod list;
mod list_people;
mod named;
mod open;
mod read;
pub(super) mod replies;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/incidents", open::route().merge(list::route()))
        .api_route("/incidents/hidden", hidden::route())
        .api_route("/incidents/{id}", read::route())
        .api_route("/incidents/{id}/named", named::route())
        .api_route("/incidents/{id}/list", list_people::route())
        .api_route("/incidents/{id}/replies", replies::route())
}
