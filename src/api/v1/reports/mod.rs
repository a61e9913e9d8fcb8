//! What is due, and what was told.

mod month;
mod schedule;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/schedule", schedule::route()).api_route("/report", month::route())
}
