//! What monitoring called with, and what came of it.

mod list;
mod read;
mod replay;
mod voices;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/intake/calls", list::route())
        .api_route("/intake/calls/{id}", read::route())
        .api_route("/intake/calls/{id}/replay", replay::route())
        .api_route("/intake/voices", voices::route())
}
