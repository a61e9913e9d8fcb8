//! Other deadlines of an incident, such as a regulator's 72 hours.

mod add;
mod done;
mod list;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/incidents/{id}/deadlines", list::route().merge(add::route()))
        .api_route("/deadlines/{id}/done", done::route())
}
