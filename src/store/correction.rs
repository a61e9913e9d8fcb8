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
        let sent: Option<i64> =
            sqlx::query_scalar("SELECT id FROM broadcast WHERE source_id = ? AND message = 'correction'")
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

/// Writes the snapshot of a correction. Row by row: for a million people no list is held in memory, but of those who
/// share an address.
async fn put_corrected(tx: &mut SqliteConnection, source: i64, id: i64, now: i64) -> Result<()> {
    let sql = format!(
        "WITH sharing AS MATERIALIZED (SELECT r.recipient_id FROM sharer r WHERE r.broadcast_id = ?1 AND {sharer_has}),
         shared AS MATERIALIZED (SELECT r.channel, r.ordinal FROM sharer r WHERE r.broadcast_id = ?1 AND (
           r.recipient_id IN (SELECT recipient_id FROM sharing) OR EXISTS (SELECT 1 FROM snapshot p
             WHERE p.recipient_id = r.recipient_id AND p.broadcast_id = ?1 AND {person_has})))
         INSERT INTO snapshot (broadcast_id, channel, ordinal, address, recipient_id, variant, locale, hole_values)
         SELECT ?2, s.channel, row_number() OVER (PARTITION BY s.channel ORDER BY s.address) - 1, s.address,
           s.recipient_id, s.variant, s.locale, s.hole_values
         FROM snapshot s WHERE s.broadcast_id = ?1 AND ({has} OR {on_the_wire} OR (
           NOT EXISTS (SELECT 1 FROM suppression x WHERE x.channel = s.channel AND x.value = s.address
             AND (x.expires_at IS NULL OR x.expires_at > ?3))
           AND (EXISTS (SELECT 1 FROM snapshot p WHERE p.recipient_id = s.recipient_id AND p.broadcast_id = ?1
               AND {person_has})
             OR s.recipient_id IN (SELECT recipient_id FROM sharing)
             OR (s.channel, s.ordinal) IN (SELECT channel, ordinal FROM shared))))
         ORDER BY s.channel, s.address",
        has = unsent::may_have_it("s"),
        person_has = unsent::may_have_it("p"),
        sharer_has = unsent::may_have_it("r"),
        on_the_wire = unsent::on_the_wire("s"),
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
