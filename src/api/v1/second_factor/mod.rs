//! The second factor of the person who asks, and of a colleague who lost theirs.

mod confirm;
mod offer;
mod passkeys;
mod remove;
mod renew;
mod reset;

use aide::axum::ApiRouter;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;

/// A code, as it is given.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    /// From the phone, or a recovery code.
    code: String,
}

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/me/second-factor", offer::route())
        .api_route("/me/second-factor/confirm", confirm::route())
        .api_route("/me/second-factor/recovery-codes", renew::route())
        .api_route("/me/second-factor/remove", remove::route())
        .api_route("/me/passkeys", passkeys::list())
        .api_route("/me/passkeys/{id}/remove", passkeys::remove())
        .api_route("/people/{id}/second-factor/reset", reset::route())
}
