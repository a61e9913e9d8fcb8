//! How customers reach us.

mod create;
mod delete;
mod list;
mod overloaded;
mod replace;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/contact-routes", list::route().merge(create::route()))
        .api_route("/contact-routes/{id}", replace::route().merge(delete::route()))
        .api_route("/contact-routes/{id}/overloaded", overloaded::route())
}
