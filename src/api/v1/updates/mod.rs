//! Numbered messages of an incident, from the draft to the approval.

mod approve;
mod begin;
mod discard;
mod preview;
mod read;
mod save;
mod send_back;
mod submit;
mod test;
mod versions;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/incidents/{id}/updates", begin::route())
        .api_route("/updates/{id}", read::route().merge(save::route()).merge(discard::route()))
        .api_route("/updates/{id}/versions", versions::route())
        .api_route("/updates/{id}/preview", preview::route())
        .api_route("/updates/{id}/test", test::route())
        .api_route("/updates/{id}/submit", submit::route())
        .api_route("/updates/{id}/approve", approve::route())
        .api_route("/updates/{id}/return", send_back::route())
}
