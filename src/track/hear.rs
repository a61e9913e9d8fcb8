//! Hearing: what providers say of their own accord, whether they call back or say it over a connection of theirs. Both ways
//! end in [`take`].

use std::sync::Arc;

use async_trait::async_trait;
use onevoice_channels::contract::{Ear, Heard, NotKept};
use tokio::task::JoinSet;

use super::{receipts, replies};
use crate::{app::App, store::StoreError};

/// Takes what a provider said; whether it moved a delivery.
///
/// # Errors
/// The store's; nothing is kept then.
pub async fn take(app: &App, provider: &str, heard: &Heard) -> Result<bool, StoreError> {
    match heard {
        Heard::Receipt(receipt) => receipts::apply(app, provider, receipt).await,
        Heard::Reply(reply) => replies::keep(app, provider, reply).await.map(|()| false),
    }
}

struct Listener {
    app: App,
    provider: String,
}

#[async_trait]
impl Ear for Listener {
    async fn hear(&self, heard: Heard) -> Result<(), NotKept> {
        take(&self.app, &self.provider, &heard).await.map(drop).map_err(|error| {
            tracing::error!(%error, provider = self.provider, "what came in could not be kept; the provider is to repeat it");
            NotKept
        })
    }
}

/// Listens to every provider, as long as this is asked.
pub async fn run(app: App) {
    let mut listening = JoinSet::new();
    for route in app.engine.routes() {
        let provider = route.provider.clone();
        let ear = Arc::new(Listener { app: app.clone(), provider: provider.manifest().name.clone() });
        listening.spawn(async move { provider.listen(ear).await });
    }
    while let Some(ended) = listening.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a listening task failed");
        }
    }
}
