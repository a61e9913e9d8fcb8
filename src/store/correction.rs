//! Corrections: whom they go to.

use sqlx::SqliteConnection;

use super::{Result, Store, StoreError, audit, broadcasts::step, deliveries::unsent};
use crate::{approve::State, world::millis};

impl Store {
    /// Takes a broadcast down and makes the broadcast of its staged correction, in one transaction: to exactly the people
    /// who have its text at this commit or may have it, on every channel that it had for them. Where it is on the wire
    /// just now, the correction waits for the outcome, and goes if it arrived or may have.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it never started, or a correction was sent already.
    pub async fn begin_correction(&self, source: i64, entry: &audit::Entry<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let sent: Option<i64> = sqlx::query_scalar("SELECT id FROM broadcast WHERE source_id = ?")
            .bind(source)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(sent) = sent {
            return Err(StoreError::Conflict(format!("its correction was sent already, as broadcast {sent}")));
        }
        let id: Option<i64> = sqlx::query_scalar(
            "INSERT INTO broadcast (incident_id, update_id, version, message, source_id, state, lane, exercise,
               replaces_everywhere, required_by_law, digest, submitted_at, expires_at, approved_by, approved_at)
             SELECT incident_id, update_id, version, 'correction', id, 'scheduled', 0, exercise, 0, 1, digest, ?2, expires_at,
               approved_by, approved_at FROM broadcast WHERE id = ?1 AND started_at IS NOT NULL AND message = 'update' RETURNING id",
        )
        .bind(source)
        .bind(millis(entry.at))
        .fetch_optional(&mut *tx)
        .await?;
        let id = id.ok_or_else(|| StoreError::Conflict("only an update that started can be corrected".into()))?;
        let stands: String =
            sqlx::query_scalar("SELECT state FROM broadcast WHERE id = ?").bind(source).fetch_one(&mut *tx).await?;
        if State::parse(&stands).is_some_and(|state| state.allows(State::Retracted)) {
            step(&mut tx, source, State::Retracted, entry.at).await?;
        }
        put_corrected(&mut tx, source, id, millis(entry.at)).await?;
        sqlx::query(
            "INSERT INTO cursor (broadcast_id, channel, total) SELECT broadcast_id, channel, COUNT(*) FROM snapshot
             WHERE broadcast_id = ? GROUP BY channel",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE broadcast SET people = (SELECT COUNT(*) FROM (SELECT recipient_id FROM snapshot WHERE broadcast_id = ?1
               AND recipient_id IS NOT NULL UNION SELECT recipient_id FROM sharer WHERE broadcast_id = ?1)) WHERE id = ?1",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// Writes the snapshot of a correction.
async fn put_corrected(tx: &mut SqliteConnection, source: i64, id: i64, now: i64) -> Result<()> {
    let sql = format!(
        "WITH has AS MATERIALIZED (SELECT s.channel, s.ordinal, s.recipient_id FROM snapshot s
           WHERE s.broadcast_id = ?1 AND {has}),
         person AS MATERIALIZED (SELECT recipient_id FROM has WHERE recipient_id IS NOT NULL UNION
           SELECT h.recipient_id FROM sharer h JOIN has USING (channel, ordinal) WHERE h.broadcast_id = ?1),
         theirs AS (SELECT s.channel, s.ordinal FROM person p CROSS JOIN snapshot s ON s.recipient_id = p.recipient_id
             AND s.broadcast_id = ?1 UNION ALL
           SELECT h.channel, h.ordinal FROM person p CROSS JOIN sharer h ON h.recipient_id = p.recipient_id
             AND h.broadcast_id = ?1),
         wanted AS MATERIALIZED (SELECT channel, ordinal FROM has UNION
           SELECT t.channel, t.ordinal FROM theirs t JOIN snapshot s ON s.broadcast_id = ?1 AND s.channel = t.channel
             AND s.ordinal = t.ordinal WHERE NOT EXISTS (SELECT 1 FROM suppression x WHERE x.channel = s.channel
             AND x.value = s.address AND (x.expires_at IS NULL OR x.expires_at > ?3)) UNION
           SELECT s.channel, s.ordinal FROM claim c CROSS JOIN snapshot s ON s.broadcast_id = c.broadcast_id
             AND s.channel = c.channel AND s.ordinal >= c.low AND s.ordinal < c.high
           LEFT JOIN outcome o USING (broadcast_id, channel, ordinal)
           LEFT JOIN queue q USING (broadcast_id, channel, ordinal)
           WHERE c.broadcast_id = ?1 AND o.state IS NULL AND q.due_at IS NULL)
         INSERT INTO snapshot (broadcast_id, channel, ordinal, address, recipient_id, variant, locale, hole_values)
         SELECT ?2, s.channel, row_number() OVER (PARTITION BY s.channel ORDER BY s.address) - 1, s.address,
           s.recipient_id, s.variant, s.locale, s.hole_values
         FROM wanted w CROSS JOIN snapshot s ON s.broadcast_id = ?1 AND s.channel = w.channel AND s.ordinal = w.ordinal
         ORDER BY s.channel, s.address",
        has = unsent::may_have_it("s")
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(source).bind(id).bind(now).execute(&mut *tx).await?;
    sqlx::query(
        "INSERT INTO sharer (broadcast_id, channel, ordinal, recipient_id)
         SELECT ?2, mine.channel, mine.ordinal, h.recipient_id FROM sharer h
         JOIN snapshot s ON s.broadcast_id = h.broadcast_id AND s.channel = h.channel AND s.ordinal = h.ordinal
         JOIN snapshot mine ON mine.broadcast_id = ?2 AND mine.channel = s.channel AND mine.address = s.address
         WHERE h.broadcast_id = ?1",
    )
    .bind(source)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    Ok(())
}
