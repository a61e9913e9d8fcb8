//! One broadcast to one address or outlet.

mod read;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/deliveries/{id}", read::route())
}
