//! Other programs that are told what happens.

mod enable;
mod events;
mod list;
mod replay;
mod test;

use aide::axum::ApiRouter;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;

/// An endpoint in a path.
#[derive(Deserialize, JsonSchema)]
struct Name {
    /// Its name in the configuration.
    name: String,
}

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/webhooks", list::route())
        .api_route("/webhooks/{name}/events", events::route())
        .api_route("/webhooks/{name}/test", test::route())
        .api_route("/webhooks/{name}/replay", replay::route())
        .api_route("/webhooks/{name}/enable", enable::route())
}
