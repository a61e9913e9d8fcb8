//! Saved filters.

mod count;
mod create;
mod delete;
mod explain;
mod fields;
mod input;
mod list;
mod replace;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/segments", list::route().merge(create::route()))
        .api_route("/segments/{id}", replace::route().merge(delete::route()))
        .api_route("/segments/count", count::route())
        .api_route("/segments/explain", explain::route())
        .api_route("/segments/fields", fields::route())
        .api_route("/segments/fields/{name}", fields::values_route())
}
