//! How many have it when, and what somebody decided to leave as it is: small rows beside the hot path.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use sqlx::Row as _;

use super::{Result, Store, StoreError, audit, channel_code, channel_of};
use crate::{
    track::DeliveryState,
    world::{from_millis, millis},
};

/// For so long after the start every change is kept, in milliseconds.
const CLOSE: i64 = 300_000;
/// After that one of so many milliseconds.
const APART: i64 = 60_000;

/// How many had a text handed over at a moment, by channel, in the order of time.
pub type Curve = BTreeMap<Channel, Vec<(Timestamp, i64)>>;

impl Store {
    /// Keeps how many have what goes out now. Nothing is written where nothing changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_reach(&self, now: Timestamp) -> Result<()> {
        let running: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM broadcast WHERE state = 'running')")
            .fetch_one(self.read())
            .await?;
        if !running {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT OR IGNORE INTO reach (broadcast_id, channel, at, handed)
             SELECT b.id, k.channel, ?1, SUM(k.n) AS handed FROM broadcast b JOIN counter k ON k.broadcast_id = b.id
             LEFT JOIN reach r ON r.broadcast_id = b.id AND r.channel = k.channel
               AND r.at = (SELECT MAX(at) FROM reach WHERE broadcast_id = b.id AND channel = k.channel)
             WHERE b.state = 'running' AND k.state IN (?2, ?3)
             GROUP BY b.id, k.channel
             HAVING SUM(k.n) > COALESCE(MAX(r.handed), 0)
               AND (?1 - b.started_at < ?4 OR ?1 - COALESCE(MAX(r.at), 0) >= ?5)",
        )
        .bind(millis(now))
        .bind(DeliveryState::Delivered.code())
        .bind(DeliveryState::Accepted.code())
        .bind(CLOSE)
        .bind(APART)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// What was kept of a broadcast.
    ///
    /// # Errors
    /// The database's.
    pub async fn reach(&self, id: i64) -> Result<Curve> {
        let rows = sqlx::query("SELECT channel, at, handed FROM reach WHERE broadcast_id = ? ORDER BY channel, at")
            .bind(id)
            .fetch_all(self.read())
            .await?;
        let mut curve = Curve::new();
        for row in rows {
            let point = (from_millis(row.get("at")), row.get("handed"));
            curve.entry(channel_of(row.get("channel"))).or_default().push(point);
        }
        Ok(curve)
    }

    /// Leaves what may have arrived as it is, of one channel or of all.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is nothing to decide.
    pub async fn leave_in_doubt(&self, id: i64, channel: Option<Channel>, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let left = sqlx::query(
            "INSERT INTO left_in_doubt (broadcast_id, channel, n)
             SELECT broadcast_id, channel, n FROM counter
             WHERE broadcast_id = ?1 AND state = ?2 AND n > 0 AND (?3 IS NULL OR channel = ?3)
             ON CONFLICT DO UPDATE SET n = excluded.n WHERE n <> excluded.n",
        )
        .bind(id)
        .bind(DeliveryState::InDoubt.code())
        .bind(channel.map(channel_code))
        .execute(&mut *tx)
        .await?;
        if left.rows_affected() == 0 {
            return Err(StoreError::Conflict("nothing of it may have arrived that was not decided already".to_owned()));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// How many that may have arrived were left as they are, by channel.
    ///
    /// # Errors
    /// The database's.
    pub async fn left_in_doubt(&self, id: i64) -> Result<BTreeMap<Channel, i64>> {
        let rows = sqlx::query("SELECT channel, n FROM left_in_doubt WHERE broadcast_id = ?")
            .bind(id)
            .fetch_all(self.read())
            .await?;
        Ok(rows.iter().map(|row| (channel_of(row.get("channel")), row.get("n"))).collect())
    }

    /// Of the first `most` people whom a failure concerns: how many they are, and how many of them have the text on
    /// another channel, or may have it.
    ///
    /// # Errors
    /// The database's.
    pub async fn reached_otherwise(&self, id: i64, most: i64) -> Result<(i64, i64)> {
        Ok(sqlx::query_as(
            "SELECT COUNT(*), COALESCE(SUM(EXISTS (
               SELECT 1 FROM snapshot t JOIN outcome p USING (broadcast_id, channel, ordinal)
               WHERE t.recipient_id = f.recipient_id AND t.broadcast_id = ?1 AND p.state IN (1, 2, 3))), 0)
             FROM (SELECT DISTINCT s.recipient_id FROM outcome o JOIN snapshot s USING (broadcast_id, channel, ordinal)
               WHERE o.broadcast_id = ?1 AND o.state = ?2 AND o.state > 2 AND s.recipient_id IS NOT NULL LIMIT ?3) f",
        )
        .bind(id)
        .bind(DeliveryState::Failed.code())
        .bind(most)
        .fetch_one(self.read())
        .await?)
    }
}
