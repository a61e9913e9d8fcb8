//! People who are told.

mod batch;
mod delete;
mod delete_many;
mod import;
mod list;
mod put;
mod read;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/recipients", list::route())
        .api_route("/recipients/{customer_id}", read::route().merge(put::route()).merge(delete::route()))
        .api_route("/recipients/batch", batch::route())
        .api_route("/recipients/import", import::route())
        .api_route("/recipients/delete", delete_many::route())
}
