//! What is settled or sent again without a provider: after a crash, after a retraction, by a person.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use onevoice_channels::{
    contract::{Channel, DeliveryId, Reason},
    failpoint,
};
use sqlx::Row as _;

use super::{
    Record, Rescue, SWEEP_RETRACTED, Verdict,
    record::{add_counts, put_attempts, put_outcomes, put_waiting, queue_rows},
    unsent::{count, in_doubt},
};
use crate::{
    approve::State,
    store::{Result, Store, StoreError, audit, broadcasts::step, channel_code, channel_of},
    track::DeliveryState,
    world::{from_millis, millis},
};

impl Store {
    /// After a crash: everything claimed without an outcome is settled by the rule for its channel, provider and age.
    /// Answers how many were in doubt.
    ///
    /// # Errors
    /// The database's.
    pub async fn rescue(&self, rule: impl Fn(Channel, &str, Duration) -> Rescue, now: Timestamp) -> Result<i64> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "SELECT s.broadcast_id, s.channel, s.ordinal, c.provider, MIN(c.at) AS claimed_at,
               (SELECT COUNT(*) FROM attempt a WHERE a.broadcast_id = s.broadcast_id AND a.channel = s.channel
                AND a.ordinal = s.ordinal AND a.number > 0 AND a.reason IS DISTINCT FROM 'throttled'
                AND a.id > COALESCE((SELECT MAX(p.id) FROM attempt p WHERE p.broadcast_id = s.broadcast_id
                  AND p.channel = s.channel AND p.ordinal = s.ordinal AND p.word = 'again'), 0)) AS tried
             FROM claim c CROSS JOIN snapshot s ON s.broadcast_id = c.broadcast_id AND s.channel = c.channel
               AND s.ordinal >= c.low AND s.ordinal < c.high
             LEFT JOIN outcome o ON o.broadcast_id = s.broadcast_id AND o.channel = s.channel AND o.ordinal = s.ordinal
             LEFT JOIN queue q ON q.broadcast_id = s.broadcast_id AND q.channel = s.channel AND q.ordinal = s.ordinal
             WHERE o.state IS NULL AND q.due_at IS NULL GROUP BY s.broadcast_id, s.channel, s.ordinal",
        )
        .fetch_all(&mut *tx)
        .await?;
        let records: Vec<Record> = rows
            .iter()
            .map(|row| {
                let id = DeliveryId {
                    broadcast: row.get("broadcast_id"),
                    channel: channel_of(row.get("channel")),
                    ordinal: row.get("ordinal"),
                };
                let provider: String = row.get("provider");
                let age = now.duration_since(from_millis(row.get("claimed_at")));
                // Claimed in the future: the clock was set back, and nobody knows how long ago it was.
                let age = Duration::try_from(age).unwrap_or(Duration::MAX);
                let verdict = match rule(id.channel, &provider, age) {
                    Rescue::Hold => {
                        Verdict::End { state: DeliveryState::InDoubt, reason: None, reference: None, parts: 0 }
                    }
                    _ => Verdict::Again { due_at: now, counts: true, reason: Reason::Temporary },
                };
                let tried = u32::try_from(row.get::<i64, _>("tried")).unwrap_or_default();
                let attempt = Some(("in_doubt", None, "the daemon ended before the answer was recorded".to_owned()));
                Record {
                    claim: 0,
                    id,
                    attempts: tried,
                    provider,
                    at: now,
                    verdict,
                    attempt,
                    referable: false,
                    ends_claim: false,
                    suppress: None,
                    pinned: true,
                }
            })
            .collect();
        put_attempts(&mut tx, &records).await?;
        put_outcomes(&mut tx, &records).await?;
        put_waiting(&mut tx, &records).await?;
        sqlx::query("DELETE FROM claim").execute(&mut *tx).await?;
        sqlx::query("UPDATE broadcast SET state = 'voided' WHERE state = 'planning'").execute(&mut *tx).await?;
        failpoint::pass("rescue");
        tx.commit().await?;
        failpoint::pass("rescued");
        Ok(i64::try_from(records.len()).unwrap_or(i64::MAX))
    }

    /// What waits for one provider alone may go by any of its channel.
    ///
    /// # Errors
    /// The database's.
    pub async fn unpin(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE queue SET provider = NULL WHERE provider IS NOT NULL").execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// What waits for a provider that there is no more is left to a person: it may have arrived. What was never tried has
    /// failed. Answers how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn settle_pinned_elsewhere(&self, providers: &[&str], now: Timestamp) -> Result<usize> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "DELETE FROM queue WHERE provider IS NOT NULL AND provider NOT IN (SELECT value FROM json_each(?))
             RETURNING broadcast_id, channel, ordinal, attempts, provider",
        )
        .bind(serde_json::to_string(providers)?)
        .fetch_all(&mut *tx)
        .await?;
        let records: Vec<Record> = rows
            .iter()
            .map(|row| (row, row.get::<i64, _>("attempts") > 0))
            .map(|(row, tried)| Record {
                claim: 0,
                id: DeliveryId {
                    broadcast: row.get("broadcast_id"),
                    channel: channel_of(row.get("channel")),
                    ordinal: row.get("ordinal"),
                },
                // The tries before this one; the outcome counts one more.
                attempts: u32::try_from(row.get::<i64, _>("attempts") - 1).unwrap_or_default(),
                provider: row.get("provider"),
                at: now,
                verdict: Verdict::End {
                    state: if tried { DeliveryState::InDoubt } else { DeliveryState::Failed },
                    reason: (!tried).then_some(Reason::Unreachable),
                    reference: None,
                    parts: 0,
                },
                attempt: None,
                referable: false,
                ends_claim: false,
                suppress: None,
                pinned: false,
            })
            .collect();
        put_outcomes(&mut tx, &records).await?;
        tx.commit().await?;
        Ok(records.len())
    }

    /// Settles up to [`SWEEP_RETRACTED`] deliveries of a retracted broadcast that were not sent; answers whether more may be left.
    ///
    /// # Errors
    /// The database's.
    pub async fn sweep_retracted(&self, id: i64, now: Timestamp) -> Result<bool> {
        let mut tx = self.begin().await?;
        let sql = format!(
            "INSERT INTO outcome (broadcast_id, channel, ordinal, state, at)
             SELECT s.broadcast_id, s.channel, s.ordinal, CASE WHEN {} THEN 3 ELSE ?2 END, ?3 FROM snapshot s
             LEFT JOIN outcome o USING (broadcast_id, channel, ordinal)
             WHERE s.broadcast_id = ?1 AND o.state IS NULL AND NOT EXISTS (SELECT 1 FROM claim c
               WHERE c.broadcast_id = s.broadcast_id AND c.channel = s.channel AND s.ordinal >= c.low AND s.ordinal < c.high
               AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.broadcast_id = s.broadcast_id AND q.channel = s.channel
                 AND q.ordinal = s.ordinal))
             LIMIT ?4 RETURNING broadcast_id, channel, state",
            in_doubt("s")
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id)
            .bind(DeliveryState::Retracted.code())
            .bind(millis(now))
            .bind(SWEEP_RETRACTED);
        let swept = count(&mut tx, query).await?;
        sqlx::query(
            "DELETE FROM queue WHERE broadcast_id = ?1 AND EXISTS (SELECT 1 FROM outcome o WHERE o.broadcast_id = ?1
             AND o.channel = queue.channel AND o.ordinal = queue.ordinal)",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(i64::try_from(swept).unwrap_or(0) == SWEEP_RETRACTED)
    }

    /// Puts deliveries with one of these outcomes back to be sent, and the broadcast back to running. Answers how many.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has not ended, or there are none.
    pub async fn retry(
        &self,
        id: i64,
        states: &[DeliveryState],
        channel: Option<Channel>,
        due_at: Timestamp,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let codes: Vec<i64> = states.iter().map(|state| state.code()).collect();
        let rows = sqlx::query(
            "SELECT channel, ordinal, state, reason, provider, attempts FROM outcome WHERE broadcast_id = ?1
             AND state IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR channel = ?3)",
        )
        .bind(id)
        .bind(serde_json::to_string(&codes)?)
        .bind(channel.map(channel_code))
        .fetch_all(&mut *tx)
        .await?;
        if rows.is_empty() {
            return Err(StoreError::Conflict("there is nothing to send again".into()));
        }
        let mut counts: BTreeMap<(i64, i64, i64), i64> = BTreeMap::new();
        let mut waiting = Vec::with_capacity(rows.len());
        for row in &rows {
            let (channel, ordinal, state): (i64, i64, i64) = (row.get("channel"), row.get("ordinal"), row.get("state"));
            *counts.entry((id, channel, state)).or_default() -= 1;
            waiting.push((id, channel, ordinal, millis(due_at), 0, "retry"));
        }
        add_counts(&mut tx, &counts).await?;
        let waiting = serde_json::to_string(&waiting)?;
        queue_rows(&mut tx, &waiting).await?;
        if states.contains(&DeliveryState::InDoubt) {
            sqlx::query("DELETE FROM left_in_doubt WHERE broadcast_id = ?1 AND (?2 IS NULL OR channel = ?2)")
                .bind(id)
                .bind(channel.map(channel_code))
                .execute(&mut *tx)
                .await?;
        }
        // A person's decision: kept with the delivery, and attempts count from here again.
        sqlx::query(
            "INSERT INTO attempt (broadcast_id, channel, ordinal, number, word, detail, provider, at)
             SELECT value->>0, value->>1, value->>2, 0, 'again', 'a person had it sent again', '', value->>3
             FROM json_each(?)",
        )
        .bind(&waiting)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "DELETE FROM outcome WHERE broadcast_id = ?1 AND state IN (SELECT value FROM json_each(?2))
             AND (?3 IS NULL OR channel = ?3)",
        )
        .bind(id)
        .bind(serde_json::to_string(&codes)?)
        .bind(channel.map(channel_code))
        .execute(&mut *tx)
        .await?;
        let name: String =
            sqlx::query_scalar("SELECT state FROM broadcast WHERE id = ?").bind(id).fetch_one(&mut *tx).await?;
        if State::parse(&name) == Some(State::Partial) {
            step(&mut tx, id, State::Running, entry.at).await?;
        } else if !State::parse(&name).is_some_and(State::is_open) {
            return Err(StoreError::Conflict(format!("a broadcast that is {name} cannot be sent again")));
        }
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
    }
}
