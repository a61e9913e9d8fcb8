//! Who is on duty.

mod add;
mod list;
mod remove;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/duty", list::route().merge(add::route())).api_route("/duty/{id}", remove::route())
}
