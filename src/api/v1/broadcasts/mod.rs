//! Approved updates on their way.

mod correct;
mod deliveries;
mod events;
mod leave;
mod list;
mod next_stage;
mod pause;
mod progress;
mod reach;
mod read;
mod resume;
mod retract;
mod retry;
mod texts;
mod trouble;
mod withdrawals;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/broadcasts", list::route())
        .api_route("/broadcasts/{id}", read::route())
        .api_route("/broadcasts/{id}/deliveries", deliveries::route())
        .api_route("/broadcasts/{id}/events", events::route())
        .api_route("/broadcasts/{id}/texts", texts::route())
        .api_route("/broadcasts/{id}/pause", pause::route())
        .api_route("/broadcasts/{id}/resume", resume::route())
        .api_route("/broadcasts/{id}/next-stage", next_stage::route())
        .api_route("/broadcasts/{id}/retract", retract::route())
        .api_route("/broadcasts/{id}/retry", retry::route())
        .api_route("/broadcasts/{id}/withdrawals", withdrawals::route())
        .api_route("/broadcasts/{id}/leave", leave::route())
        .api_route("/broadcasts/{id}/reach", reach::route())
        .api_route("/broadcasts/{id}/correct", correct::route())
}
