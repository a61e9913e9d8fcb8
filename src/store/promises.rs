//! Promises that are looked after: the "no news yet" message that keeps one, calls because nobody did, and the ledger.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;

use super::{
    Result, Store, StoreError, audit,
    broadcasts::step,
    channel_code,
    lookups::{PROMISE, Promise, promise},
    reminders::{Noun, put_calls},
};
use crate::{approve::State, schedule::promise::Why, world::millis};

/// Which promises a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Due {
    /// Of one incident.
    pub incident_id: Option<i64>,
    /// Due from then on …
    pub from: Option<Timestamp>,
    /// … to before then.
    pub until: Option<Timestamp>,
    /// True for practice instead of the real thing.
    pub exercise: bool,
}

impl Store {
    /// One promise.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn promise(&self, id: i64) -> Result<Promise> {
        let sql = sqlx::AssertSqlSafe(format!("{PROMISE} WHERE p.id = ?"));
        let row = sqlx::query(sql).bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(promise).ok_or(StoreError::Missing("promise"))
    }

    /// The promise that a "no news yet" message is to keep.
    ///
    /// # Errors
    /// The database's.
    pub async fn promise_of_holding(&self, broadcast: i64) -> Result<Option<Promise>> {
        let sql = sqlx::AssertSqlSafe(format!("{PROMISE} WHERE p.holding_id = ?"));
        Ok(sqlx::query(sql).bind(broadcast).fetch_optional(self.read()).await?.as_ref().map(promise))
    }

    /// The promises that nobody kept yet and that are due before `until`, of practice too while it goes on.
    ///
    /// # Errors
    /// The database's.
    pub async fn promises_nearing(&self, until: Timestamp) -> Result<Vec<Promise>> {
        let sql = format!(
            "{PROMISE} WHERE p.kept_at IS NULL AND p.due_at <= ?
             AND p.incident_id NOT IN (SELECT incident_id FROM exercise_score) ORDER BY p.due_at, p.id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(millis(until)).fetch_all(self.read()).await?;
        Ok(rows.iter().map(promise).collect())
    }

    /// Promises, the one due last first, after `cursor` (the number of the last one shown; 0 for the first page).
    ///
    /// # Errors
    /// The database's.
    pub async fn promises_due(&self, due: &Due, cursor: i64, limit: i64) -> Result<Vec<Promise>> {
        let sql = format!(
            "{PROMISE} JOIN incident i ON i.id = p.incident_id AND i.exercise = ?1
             WHERE (?2 IS NULL OR p.incident_id = ?2) AND (?3 IS NULL OR p.due_at >= ?3) AND (?4 IS NULL OR p.due_at < ?4)
               AND (?5 = 0 OR (p.due_at, p.id) < (SELECT l.due_at, l.id FROM promise l WHERE l.id = ?5))
             ORDER BY p.due_at DESC, p.id DESC LIMIT ?6"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(due.exercise)
            .bind(due.incident_id)
            .bind(due.from.map(millis))
            .bind(due.until.map(millis))
            .bind(cursor)
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        Ok(rows.iter().map(promise).collect())
    }

    /// Gives a promise to somebody else, and writes down whom to tell of it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was kept meanwhile.
    pub async fn hand_over_promise(
        &self,
        id: i64,
        owner_id: i64,
        calls: &[(i64, Channel)],
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let now = millis(entry.at);
        let changed = sqlx::query("UPDATE promise SET owner_id = ?, taken_at = ? WHERE id = ? AND kept_at IS NULL")
            .bind(owner_id)
            .bind(now)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Conflict("this promise was kept already; there is nothing to hand over".into()));
        }
        let step = format!("handed:{now}");
        put_calls(&mut tx, Noun::Promise, id, &[step], calls, now).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Makes the broadcast of a "no news yet" message that was approved with `source`, to whom that goes on these channels.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the promise was kept, or one was begun for it.
    pub async fn begin_holding(
        &self,
        promise: i64,
        source: i64,
        turn: u8,
        channels: &[Channel],
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO broadcast (incident_id, update_id, version, message, source_id, turn, state, lane, exercise,
               replaces_everywhere, required_by_law, digest, people, submitted_by, submitted_at, expires_at, timing,
               approved_by, approved_at)
             SELECT incident_id, update_id, version, 'holding', id, ?2, 'scheduled', lane, exercise, 0, required_by_law,
               digest, 0, submitted_by, ?3, expires_at, timing, approved_by, approved_at FROM broadcast
             WHERE id = ?1 AND message = 'update' AND started_at IS NOT NULL RETURNING id",
        )
        .bind(source)
        .bind(turn)
        .bind(millis(entry.at))
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| StoreError::Conflict("only an update that started has a message for later".into()))?;
        let codes: Vec<i64> = channels.iter().map(|channel| channel_code(*channel)).collect();
        let codes = serde_json::to_string(&codes)?;
        for sql in [
            "INSERT INTO snapshot (broadcast_id, channel, ordinal, address, recipient_id, variant, locale, hole_values)
             SELECT ?2, channel, ordinal, address, recipient_id, variant, locale, hole_values FROM snapshot
             WHERE broadcast_id = ?1 AND channel IN (SELECT value FROM json_each(?3)) ORDER BY channel, ordinal",
            "INSERT INTO sharer (broadcast_id, channel, ordinal, recipient_id)
             SELECT ?2, channel, ordinal, recipient_id FROM sharer
             WHERE broadcast_id = ?1 AND channel IN (SELECT value FROM json_each(?3))",
            "INSERT INTO cursor (broadcast_id, channel, stage, low, total)
             SELECT ?2, channel, stage, low, total FROM cursor
             WHERE broadcast_id = ?1 AND channel IN (SELECT value FROM json_each(?3))",
        ] {
            sqlx::query(sql).bind(source).bind(id).bind(&codes).execute(&mut *tx).await?;
        }
        sqlx::query(
            "UPDATE broadcast SET people = (SELECT COUNT(*) FROM (SELECT recipient_id FROM snapshot WHERE broadcast_id = ?1
               AND recipient_id IS NOT NULL UNION SELECT recipient_id FROM sharer WHERE broadcast_id = ?1)) WHERE id = ?1",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        let mine = sqlx::query(
            "UPDATE promise SET holding_id = ? WHERE id = ? AND kept_at IS NULL AND holding_id IS NULL AND escalated_at IS NULL",
        )
        .bind(id)
        .bind(promise)
        .execute(&mut *tx)
        .await?;
        if mine.rows_affected() == 0 {
            return Err(StoreError::Conflict("this promise was kept, or a message for it was begun already".into()));
        }
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Starts a "no news yet" message: in the same transaction its promise is kept, and the one that it makes stands, with
    /// the same owner.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not scheduled any more, or an update kept the promise meanwhile.
    pub async fn start_holding(&self, id: i64, next: Timestamp, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        if step(&mut tx, id, State::Running, entry.at).await? != State::Scheduled {
            return Err(StoreError::Conflict("it is not scheduled any more".into()));
        }
        let now = millis(entry.at);
        sqlx::query("UPDATE broadcast SET started_at = ? WHERE id = ?").bind(now).bind(id).execute(&mut *tx).await?;
        let made = sqlx::query(
            "INSERT INTO promise (incident_id, broadcast_id, owner_id, made_at, due_at)
             SELECT incident_id, ?1, owner_id, ?2, ?3 FROM promise WHERE holding_id = ?1 AND kept_at IS NULL",
        )
        .bind(id)
        .bind(now)
        .bind(millis(next))
        .execute(&mut *tx)
        .await?;
        if made.rows_affected() != 1 {
            return Err(StoreError::Conflict("an update kept this promise meanwhile".into()));
        }
        sqlx::query("UPDATE promise SET kept_at = ?2, kept_by = ?1 WHERE holding_id = ?1")
            .bind(id)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that people were called because nobody kept a promise, with the calls; does nothing where that was noted.
    ///
    /// # Errors
    /// The database's.
    pub async fn escalate_promise(
        &self,
        id: i64,
        why: Why,
        steps: &[String],
        calls: &[(i64, Channel)],
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let now = millis(entry.at);
        let noted = sqlx::query(
            "UPDATE promise SET escalated_at = ?2, escalated_why = ?3
             WHERE id = ?1 AND kept_at IS NULL AND escalated_at IS NULL",
        )
        .bind(id)
        .bind(now)
        .bind(why.as_str())
        .execute(&mut *tx)
        .await?;
        if noted.rows_affected() == 0 {
            return Ok(());
        }
        put_calls(&mut tx, Noun::Promise, id, steps, calls, now).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Each real promise that was due since `since`: for when, and when it was kept, by what.
    ///
    /// # Errors
    /// The database's.
    pub async fn promises_since(&self, since: Timestamp) -> Result<Vec<Promise>> {
        let sql = format!("{PROMISE} JOIN incident i ON i.id = p.incident_id AND i.exercise = 0 WHERE p.due_at >= ?");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(millis(since)).fetch_all(self.read()).await?;
        Ok(rows.iter().map(promise).collect())
    }
}

#[cfg(test)]
impl Store {
    /// A promise that a broadcast made, for tests of what it looks like.
    pub async fn put_promise(&self, broadcast: i64, due: Timestamp, now: Timestamp) -> i64 {
        let mut tx = self.begin().await.unwrap();
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO promise (incident_id, broadcast_id, owner_id, made_at, due_at)
             SELECT incident_id, id, submitted_by, ?2, ?3 FROM broadcast WHERE id = ?1 RETURNING id",
        )
        .bind(broadcast)
        .bind(millis(now))
        .bind(millis(due))
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }
}
