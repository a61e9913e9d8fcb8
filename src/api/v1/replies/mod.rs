//! What people write back.

mod list;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/replies", list::route())
}
