//! Who carries what, and how they do.

mod check;
mod list;
mod test;

use aide::axum::ApiRouter;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;

/// A provider's name in a path.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Name {
    /// Its name in the configuration.
    name: String,
}

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/channels", list::route())
        .api_route("/channels/{name}/check", check::route())
        .api_route("/channels/{name}/test", test::route())
}
