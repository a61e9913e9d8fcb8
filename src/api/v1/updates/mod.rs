//! Numbered messages of an incident, from the draft to the approval.

mod approve;
mod begin;
mod discard;
mod notes;
mod nothing;
mod preview;
mod read;
mod save;
mod send_back;
mod sign_off;
mod sign_offs;
mod submit;
mod summons;
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
        .api_route("/updates/{id}/nothing", nothing::route())
        .api_route("/updates/{id}/test", test::route())
        .api_route("/updates/{id}/submit", submit::route())
        .api_route("/updates/{id}/approve", approve::route())
        .api_route("/updates/{id}/return", send_back::route())
        .api_route("/updates/{id}/notes", notes::route())
        .api_route("/updates/{id}/summons", summons::route())
        .api_route("/updates/{id}/sign-off", sign_off::route())
        .api_route("/updates/{id}/sign-offs", sign_offs::route())
}
