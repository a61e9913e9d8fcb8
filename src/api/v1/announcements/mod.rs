//! What machines ask people to say.

mod announce;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/announcements", announce::route())
}
