//! The whole installation: how it stands, stop, start, backup.

mod backup;
mod start;
mod status;
mod stop;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/status", status::route())
        .api_route("/stop", stop::route())
        .api_route("/start", start::route())
        .api_route("/backup", backup::route())
}
