//! People who use Onevoice.

mod add;
mod change;
mod list;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/people", list::route().merge(add::route())).api_route("/people/{id}", change::route())
}
