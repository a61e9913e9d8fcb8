//! How far a broadcast is, and when it will be done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    app::App,
    approve::State,
    problem::Problem,
    store::progress::ChannelProgress,
    track::{DeliveryState, reach},
};

/// How far a broadcast is. The outcomes and what is left always sum up to the total.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Progress {
    /// Which.
    pub broadcast_id: i64,
    /// Where it stands.
    pub state: State,
    /// By channel.
    pub channels: BTreeMap<Channel, ChannelView>,
    /// Deliveries of all channels.
    pub total: i64,
    /// Deliveries by outcome, of all channels.
    pub outcomes: BTreeMap<DeliveryState, i64>,
    /// Deliveries without an outcome yet.
    pub left: i64,
    /// When the last one will have it, at the pace of the providers; null where nothing is left or it does not run.
    pub done_at: Option<Timestamp>,
}

/// How far a channel is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ChannelView {
    /// The counts.
    #[serde(flatten)]
    pub counts: ChannelProgress,
    /// Deliveries without an outcome yet.
    pub left: i64,
}

impl Progress {
    /// Reads it from counters: cheap whatever the number of deliveries.
    ///
    /// # Errors
    /// 404; the store's.
    pub async fn read(app: &App, id: i64) -> Result<Progress, Problem> {
        let broadcast = app.store.broadcast(id).await?;
        let state = broadcast.state;
        let mut outcomes: BTreeMap<DeliveryState, i64> = BTreeMap::new();
        let mut channels = BTreeMap::new();
        for (channel, counts) in app.store.progress(id).await? {
            for (outcome, count) in &counts.outcomes {
                *outcomes.entry(*outcome).or_default() += count;
            }
            let left = counts.total - counts.outcomes.values().sum::<i64>();
            channels.insert(channel, ChannelView { counts, left });
        }
        let total = channels.values().map(|channel| channel.counts.total).sum();
        let left = channels.values().map(|channel| channel.left).sum();
        let done_at = reach::read(app, &broadcast).await?.values().filter_map(|reach| reach.done_at).max();
        Ok(Progress { broadcast_id: id, state, channels, total, outcomes, left, done_at })
    }

    /// True where no further delivery goes out.
    pub fn is_final(&self) -> bool {
        matches!(self.state, State::Completed | State::Partial | State::Retracted | State::Voided | State::Discarded)
    }
}
