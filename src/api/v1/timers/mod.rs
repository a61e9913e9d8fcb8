//! Timers: recurring notices by prepared messages.

mod add;
mod cancel;
mod list;
mod read;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/timers", list::route().merge(add::route()))
        .api_route("/timers/{id}", read::route().merge(cancel::route()))
}
