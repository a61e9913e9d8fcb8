//! One's own access.

mod end_sessions;
mod password;
mod sessions;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/me/password", password::route())
        .api_route("/me/sessions", sessions::route().merge(end_sessions::route()))
}
