//! How far a broadcast is, from its counters.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row as _;

use super::{Result, Store, channel_of};
use crate::{track::DeliveryState, world::from_millis};

/// How many deliveries of a channel stand where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChannelProgress {
    /// Deliveries in all.
    pub total: i64,
    /// Deliveries by outcome; what is missing to the total waits or is under way.
    pub outcomes: BTreeMap<DeliveryState, i64>,
    /// Deliveries that wait: for another try, or for somebody's morning.
    pub waiting: i64,
    /// Of these, the ones that wait for the end of somebody's quiet hours.
    pub asleep: i64,
    /// When the first of those that wait is due.
    pub next_due_at: Option<Timestamp>,
}

impl Store {
    /// How a broadcast stands, by channel.
    ///
    /// # Errors
    /// The database's.
    pub async fn progress(&self, id: i64) -> Result<BTreeMap<Channel, ChannelProgress>> {
        let mut progress: BTreeMap<Channel, ChannelProgress> = BTreeMap::new();
        let rows =
            sqlx::query("SELECT channel, SUM(total) AS total FROM cursor WHERE broadcast_id = ? GROUP BY channel")
                .bind(id)
                .fetch_all(self.read())
                .await?;
        for row in rows {
            progress.entry(channel_of(row.get("channel"))).or_default().total = row.get("total");
        }
        let rows = sqlx::query("SELECT channel, state, n FROM counter WHERE broadcast_id = ? AND n > 0")
            .bind(id)
            .fetch_all(self.read())
            .await?;
        for row in rows {
            let state = DeliveryState::from_code(row.get("state"));
            progress.entry(channel_of(row.get("channel"))).or_default().outcomes.insert(state, row.get("n"));
        }
        let rows = sqlx::query(
            "SELECT channel, COUNT(*) AS n, SUM(reason = 'quiet_hours') AS asleep, MIN(due_at) AS due FROM queue
             WHERE broadcast_id = ? GROUP BY channel",
        )
        .bind(id)
        .fetch_all(self.read())
        .await?;
        for row in rows {
            let entry = progress.entry(channel_of(row.get("channel"))).or_default();
            entry.waiting = row.get("n");
            entry.asleep = row.get("asleep");
            entry.next_due_at = Some(from_millis(row.get("due")));
        }
        Ok(progress)
    }
}
