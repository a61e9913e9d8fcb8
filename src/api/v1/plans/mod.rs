//! Planned work: announced, begun and ended at its time by a prepared message.

mod add;
mod cancel;
mod end;
mod list;
mod move_to;
mod read;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/plans", list::route().merge(add::route()))
        .api_route("/plans/{id}", read::route())
        .api_route("/plans/{id}/move", move_to::route())
        .api_route("/plans/{id}/end", end::route())
        .api_route("/plans/{id}/cancel", cancel::route())
}
