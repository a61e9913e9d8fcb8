//! Signing in and out, and who one is.

pub mod create;
mod end;
mod me;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/sessions/current", end::route()).api_route("/me", me::route())
}
