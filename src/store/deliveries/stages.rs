//! One audience after the other: the next one starts when enough of this one has its end.

use sqlx::Row as _;

use crate::{
    pace::Timing,
    store::{Result, Store, StoreError, audit},
};

impl Store {
    /// Opens the next audience of each running broadcast whose last open one has come far enough; answers which
    /// broadcasts. What is put aside until somebody's morning holds nobody else up; what waits for another try does.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_stages(&self) -> Result<Vec<i64>> {
        let rows = sqlx::query(
            "SELECT b.id, b.stage, b.timing FROM broadcast b WHERE b.state = 'running' AND b.timing IS NOT NULL
             AND EXISTS (SELECT 1 FROM cursor c WHERE c.broadcast_id = b.id AND c.stage > b.stage)",
        )
        .fetch_all(self.read())
        .await?;
        let mut opened = Vec::new();
        for row in rows {
            let (id, stage): (i64, i64) = (row.get("id"), row.get("stage"));
            let timing: Timing = serde_json::from_str(row.get("timing"))?;
            if self.is_far_enough(id, stage, timing.stage_percent).await? {
                let mut tx = self.begin().await?;
                let changed = sqlx::query("UPDATE broadcast SET stage = stage + 1 WHERE id = ? AND stage = ?")
                    .bind(id)
                    .bind(stage)
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await?;
                if changed.rows_affected() > 0 {
                    opened.push(id);
                }
            }
        }
        Ok(opened)
    }

    /// Opens the next audience now, because a person says so.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when none waits for another.
    pub async fn open_next_stage(&self, id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE broadcast SET stage = stage + 1 WHERE id = ?1 AND state IN ('running', 'paused')
             AND EXISTS (SELECT 1 FROM cursor c WHERE c.broadcast_id = ?1 AND c.stage > broadcast.stage)",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Conflict("no group of this broadcast waits for another one".into()));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Whether so many percent of an audience have their end, on all channels together.
    async fn is_far_enough(&self, id: i64, stage: i64, percent: u8) -> Result<bool> {
        let row = sqlx::query(
            "SELECT COALESCE(SUM(total), 0) AS total, COALESCE(SUM(total - taken), 0) AS left FROM cursor
             WHERE broadcast_id = ? AND stage = ?",
        )
        .bind(id)
        .bind(stage)
        .fetch_one(self.read())
        .await?;
        let (total, left): (i64, i64) = (row.get("total"), row.get("left"));
        let open = total - (total * i64::from(percent.clamp(1, 100)) + 99) / 100;
        if left > open {
            return Ok(false);
        }
        // Few are claimed at any time, so the rest is counted only when nearly all were.
        let under_way: i64 = sqlx::query_scalar(
            "SELECT COALESCE(SUM((SELECT COUNT(*) FROM queue q WHERE q.broadcast_id = c.broadcast_id AND q.channel = c.channel
                 AND q.ordinal >= c.low AND q.ordinal < c.low + c.total AND q.reason <> 'quiet_hours')
               + (SELECT COUNT(DISTINCT s.ordinal) FROM claim k CROSS JOIN snapshot s ON s.broadcast_id = k.broadcast_id
                 AND s.channel = k.channel AND s.ordinal >= k.low AND s.ordinal < k.high
                 AND s.ordinal >= c.low AND s.ordinal < c.low + c.total
                 LEFT JOIN outcome o ON o.broadcast_id = s.broadcast_id AND o.channel = s.channel AND o.ordinal = s.ordinal
                 LEFT JOIN queue q ON q.broadcast_id = s.broadcast_id AND q.channel = s.channel AND q.ordinal = s.ordinal
                 WHERE k.broadcast_id = c.broadcast_id AND k.channel = c.channel AND o.state IS NULL AND q.due_at IS NULL)), 0)
             FROM cursor c WHERE c.broadcast_id = ? AND c.stage = ?",
        )
        .bind(id)
        .bind(stage)
        .fetch_one(self.read())
        .await?;
        Ok(left + under_way <= open)
    }
}
