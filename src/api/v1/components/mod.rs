//! Parts of the customers' service.

mod create;
mod delete;
mod list;
mod replace;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/components", list::route().merge(create::route()))
        .api_route("/components/{id}", replace::route().merge(delete::route()))
}
