//! Who is on duty, and the calls to them.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, channel_code, channel_of};
use crate::world::{from_millis, millis};

/// Somebody's turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Duty {
    /// Its number.
    pub id: i64,
    /// Who.
    pub person_id: i64,
    /// The order in which they are called: 1 first.
    pub place: i64,
    /// From when.
    pub from_at: Timestamp,
    /// Until when.
    pub until_at: Timestamp,
}

/// A call to somebody about an update that waits for an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summons {
    /// Its number.
    pub id: i64,
    /// The broadcast that waits.
    pub broadcast_id: i64,
    /// Who is called.
    pub person_id: i64,
    /// By mail or by text.
    pub channel: Channel,
    /// When it is due, if nobody has opened the update by then.
    pub due_at: Timestamp,
    /// When it went; null while it waits.
    pub sent_at: Option<Timestamp>,
    /// True where no provider took it.
    pub failed: bool,
}

fn duty(row: &SqliteRow) -> Duty {
    Duty {
        id: row.get("id"),
        person_id: row.get("person_id"),
        place: row.get("place"),
        from_at: from_millis(row.get("from_at")),
        until_at: from_millis(row.get("until_at")),
    }
}

fn summons(row: &SqliteRow) -> Summons {
    Summons {
        id: row.get("id"),
        broadcast_id: row.get("broadcast_id"),
        person_id: row.get("person_id"),
        channel: channel_of(row.get("channel")),
        due_at: from_millis(row.get("due_at")),
        sent_at: row.get::<Option<i64>, _>("sent_at").map(from_millis),
        failed: row.get("failed"),
    }
}

impl Store {
    /// Puts somebody on duty.
    ///
    /// # Errors
    /// The database's.
    pub async fn add_duty(&self, new: &Duty, entry: &audit::Entry<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO duty (person_id, place, from_at, until_at) VALUES (?, ?, ?, ?) RETURNING id",
        )
        .bind(new.person_id)
        .bind(new.place)
        .bind(millis(new.from_at))
        .bind(millis(new.until_at))
        .fetch_one(&mut *tx)
        .await?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("duty:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes a turn away.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn remove_duty(&self, id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query("DELETE FROM duty WHERE id = ?").bind(id).execute(&mut *tx).await?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::Missing("turn of duty"));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The turns that are not over, in the order of time and place.
    ///
    /// # Errors
    /// The database's.
    pub async fn duties(&self, now: Timestamp) -> Result<Vec<Duty>> {
        let rows = sqlx::query("SELECT * FROM duty WHERE until_at > ? ORDER BY from_at, place, id")
            .bind(millis(now))
            .fetch_all(self.read())
            .await?;
        Ok(rows.iter().map(duty).collect())
    }

    /// Who is on duty, in the order in which they are called, each once.
    ///
    /// # Errors
    /// The database's.
    pub async fn on_duty(&self, now: Timestamp) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT d.person_id FROM duty d JOIN person p ON p.id = d.person_id AND p.active = 1
             WHERE d.from_at <= ?1 AND d.until_at > ?1 GROUP BY d.person_id ORDER BY MIN(d.place), MIN(d.id)",
        )
        .bind(millis(now))
        .fetch_all(self.read())
        .await?)
    }

    /// Writes down who is to be called about a broadcast, and when.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_summons(&self, broadcast_id: i64, calls: &[(i64, Channel, Timestamp)]) -> Result<()> {
        let mut tx = self.begin().await?;
        for (person_id, channel, due_at) in calls {
            sqlx::query(
                "INSERT INTO summons (broadcast_id, person_id, channel, due_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(broadcast_id)
            .bind(person_id)
            .bind(channel_code(*channel))
            .bind(millis(*due_at))
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The calls about a broadcast, in their order.
    ///
    /// # Errors
    /// The database's.
    pub async fn summons_of(&self, broadcast_id: i64) -> Result<Vec<Summons>> {
        let rows = sqlx::query("SELECT * FROM summons WHERE broadcast_id = ? ORDER BY id")
            .bind(broadcast_id)
            .fetch_all(self.read())
            .await?;
        Ok(rows.iter().map(summons).collect())
    }

    /// Takes the next call that is due: of a broadcast that still waits, that nobody has opened. It is noted as sent
    /// before it goes, so that no restart repeats it.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_summons(&self, now: Timestamp) -> Result<Option<Summons>> {
        let due: Option<i64> = sqlx::query_scalar(
            "SELECT s.id FROM summons s JOIN broadcast b ON b.id = s.broadcast_id AND b.state = 'submitted'
             WHERE s.sent_at IS NULL AND s.due_at <= ?
               AND NOT EXISTS (SELECT 1 FROM opened o WHERE o.broadcast_id = s.broadcast_id) ORDER BY s.id LIMIT 1",
        )
        .bind(millis(now))
        .fetch_optional(self.read())
        .await?;
        let Some(id) = due else { return Ok(None) };
        let mut tx = self.begin().await?;
        let row = sqlx::query("UPDATE summons SET sent_at = ? WHERE id = ? AND sent_at IS NULL RETURNING *")
            .bind(millis(now))
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(row.as_ref().map(summons))
    }

    /// Notes that a call went to nobody; the next one about it is due at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn summons_failed(&self, call: &Summons, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE summons SET failed = 1 WHERE id = ?").bind(call.id).execute(&mut *tx).await?;
        sqlx::query(
            "UPDATE summons SET due_at = MIN(due_at, ?2) WHERE id = (
               SELECT MIN(id) FROM summons WHERE broadcast_id = ?1 AND sent_at IS NULL)",
        )
        .bind(call.broadcast_id)
        .bind(millis(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes that somebody who may approve a broadcast has opened it.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_broadcast(&self, broadcast_id: i64, person_id: i64, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO opened (broadcast_id, person_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(broadcast_id)
            .bind(person_id)
            .bind(millis(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Who has opened a broadcast, and when; the first one first.
    ///
    /// # Errors
    /// The database's.
    pub async fn opened(&self, broadcast_id: i64) -> Result<Vec<(i64, Timestamp)>> {
        let rows = sqlx::query("SELECT person_id, at FROM opened WHERE broadcast_id = ? ORDER BY at, person_id")
            .bind(broadcast_id)
            .fetch_all(self.read())
            .await?;
        Ok(rows.iter().map(|row| (row.get("person_id"), from_millis(row.get("at")))).collect())
    }
}
