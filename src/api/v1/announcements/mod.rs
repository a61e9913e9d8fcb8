//! What machines say.

mod announce;
mod by_playbook;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/announcements", announce::route())
}
