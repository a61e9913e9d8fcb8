//! Addresses that must not be written to.

mod add;
mod lift;
mod list;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/suppressions", list::route().merge(add::route()))
        .api_route("/suppressions/lift", lift::route())
}
