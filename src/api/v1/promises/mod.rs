//! Promises of a next update: the ledger, and whose they are.

mod hand_over;
mod list;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/promises", list::route()).api_route("/promises/{id}/hand_over", hand_over::route())
}
