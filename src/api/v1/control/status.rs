//! `GET /status`: how the installation stands.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    api::{auth::Caller, body::Json, document::describe},
    app::App,
    approve::State as Standing,
    pace::Health,
    people::sight,
    problem::Problem,
    track::steer,
};

/// How the installation stands.
#[derive(Serialize, JsonSchema)]
struct Installation {
    /// The version that runs.
    version: &'static str,
    /// Why nothing starts, if so.
    held: Option<String>,
    /// False while outcomes cannot be written; then nothing is sent.
    writable: bool,
    /// Every provider.
    providers: Vec<ProviderHealth>,
    /// Broadcasts that go out now, by number.
    running: Vec<i64>,
    /// Updates that wait for an approval, by number.
    waiting: Vec<i64>,
}

/// How a provider stands.
#[derive(Serialize, JsonSchema)]
struct ProviderHealth {
    /// Its channel.
    channel: Channel,
    /// Its name.
    name: String,
    /// How it does.
    #[serde(flatten)]
    health: Health,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(handle, describe("readStatus", "installation", "Says how the installation stands.", &[]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Installation>, Problem> {
    let providers = app
        .engine
        .health()
        .into_iter()
        .map(|(channel, name, health)| ProviderHealth { channel, name, health })
        .collect();
    let running = sight::broadcasts_in(&app, &actor, &[Standing::Running]).await?;
    let waiting = sight::updates_in(&app, &actor, Standing::Submitted).await?;
    Ok(Json(Installation {
        version: env!("CARGO_PKG_VERSION"),
        held: steer::held(&app).await?,
        writable: app.engine.is_writable(),
        providers,
        running: running.iter().map(|broadcast| broadcast.id).collect(),
        waiting: waiting.iter().map(|update| update.id).collect(),
    }))
}
