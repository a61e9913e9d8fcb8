//! Timers: recurring notices by prepared messages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, firings};
use crate::{
    compose::status::Status,
    world::{from_millis, millis},
};

/// A recurring notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Timer {
    /// Its number.
    pub id: i64,
    /// How colleagues know it.
    pub name: String,
    /// The prepared message.
    pub playbook_id: i64,
    /// Which of its stages is sent.
    pub stage: Status,
    /// The values by the variables' names.
    pub values: BTreeMap<String, String>,
    /// When: minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// The IANA zone in which that is meant.
    pub zone: String,
    /// The last moment at which it may be sent.
    pub until: Option<Timestamp>,
    /// True for practice.
    pub exercise: bool,
    /// Who set it up.
    pub made_by: i64,
    /// When.
    pub made_at: Timestamp,
    /// When its next time was computed.
    #[serde(skip)]
    pub armed_at: Timestamp,
    /// Its next time; null where it is over.
    pub next_at: Option<Timestamp>,
    /// When it was cancelled.
    pub ended_at: Option<Timestamp>,
}

fn timer(row: &SqliteRow) -> Result<Timer> {
    let time = |name| row.get::<Option<i64>, _>(name).map(from_millis);
    Ok(Timer {
        id: row.get("id"),
        name: row.get("name"),
        playbook_id: row.get("playbook_id"),
        stage: Status::parse(row.get("stage")).unwrap_or(Status::Published),
        values: serde_json::from_str(row.get("asked"))?,
        cron: row.get("cron"),
        zone: row.get("zone"),
        until: time("until_at"),
        exercise: row.get("exercise"),
        made_by: row.get("made_by"),
        made_at: from_millis(row.get("made_at")),
        armed_at: from_millis(row.get("armed_at")),
        next_at: time("next_at"),
        ended_at: time("ended_at"),
    })
}

impl Store {
    /// Sets a timer up; its number is given here.
    ///
    /// # Errors
    /// The database's.
    pub async fn add_timer(&self, new: &Timer, entry: &audit::Entry<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO timer (name, playbook_id, stage, asked, cron, zone, until_at, exercise, made_by, made_at, armed_at, next_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(&new.name)
        .bind(new.playbook_id)
        .bind(new.stage.as_str())
        .bind(serde_json::to_string(&new.values)?)
        .bind(&new.cron)
        .bind(&new.zone)
        .bind(new.until.map(millis))
        .bind(new.exercise)
        .bind(new.made_by)
        .bind(millis(new.made_at))
        .bind(millis(new.armed_at))
        .bind(new.next_at.map(millis))
        .fetch_one(&mut *tx)
        .await?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("timer:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Every timer, those that were cancelled only when asked, in the order in which they were set up.
    ///
    /// # Errors
    /// The database's.
    pub async fn timers(&self, cancelled: bool) -> Result<Vec<Timer>> {
        let rows = sqlx::query("SELECT * FROM timer WHERE ended_at IS NULL OR ? ORDER BY id")
            .bind(cancelled)
            .fetch_all(self.read())
            .await?;
        rows.iter().map(timer).collect()
    }

    /// One timer.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn timer(&self, id: i64) -> Result<Timer> {
        let row = sqlx::query("SELECT * FROM timer WHERE id = ?").bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(timer).ok_or(StoreError::Missing("timer"))?
    }

    /// Notes a timer's next time as computed at `at`, and with it the time that has come. What was noted before is not
    /// noted again.
    ///
    /// # Errors
    /// The database's.
    pub async fn arm_timer(
        &self,
        id: i64,
        next_at: Option<Timestamp>,
        due: Option<&firings::Due>,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let armed = sqlx::query("UPDATE timer SET armed_at = ?, next_at = ? WHERE id = ? AND ended_at IS NULL")
            .bind(millis(entry.at))
            .bind(next_at.map(millis))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if let Some(due) = due.filter(|_| armed.rows_affected() > 0) {
            firings::note(&mut tx, due, entry).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Cancels a timer; what it has not said yet is not said any more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where it was cancelled before.
    pub async fn end_timer(&self, id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let ended = sqlx::query("UPDATE timer SET ended_at = ?, next_at = NULL WHERE id = ? AND ended_at IS NULL")
            .bind(millis(entry.at))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if ended.rows_affected() == 0 {
            return Err(StoreError::Conflict("it was cancelled already".into()));
        }
        sqlx::query(
            "UPDATE firing SET outcome = 'passed' WHERE timer_id = ? AND outcome IS NULL AND update_id IS NULL",
        )
        .bind(id)
        .execute(&mut *tx)
        .await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }
}
