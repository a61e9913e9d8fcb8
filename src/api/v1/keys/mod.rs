//! Keys of programs.

mod create;
mod list;
mod revoke;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/keys", list::route().merge(create::route())).api_route("/keys/{id}", revoke::route())
}
