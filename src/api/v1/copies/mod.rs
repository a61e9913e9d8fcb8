//! The published copies of what customers see.

mod list;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/copies", list::route())
}
