//! Other deadlines of an incident, such as a regulator's 72 hours. They remind, and nothing else; the public sees none.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit};
use crate::world::{from_millis, millis};

/// A deadline of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Deadline {
    /// Its number.
    pub id: i64,
    /// Whose incident.
    pub incident_id: i64,
    /// What has to be done: "Tell the regulator".
    pub title: String,
    /// Until when.
    pub due_at: Timestamp,
    /// Who has to do it.
    pub owner_id: Option<i64>,
    /// Who wrote it down.
    pub made_by: Option<i64>,
    /// When.
    pub made_at: Timestamp,
    /// When it was done; null while it is open.
    pub done_at: Option<Timestamp>,
    /// Who said so.
    pub done_by: Option<i64>,
}

fn deadline(row: &SqliteRow) -> Deadline {
    Deadline {
        id: row.get("id"),
        incident_id: row.get("incident_id"),
        title: row.get("title"),
        due_at: from_millis(row.get("due_at")),
        owner_id: row.get("owner_id"),
        made_by: row.get("made_by"),
        made_at: from_millis(row.get("made_at")),
        done_at: row.get::<Option<i64>, _>("done_at").map(from_millis),
        done_by: row.get("done_by"),
    }
}

impl Store {
    /// Writes a deadline down.
    ///
    /// # Errors
    /// The database's.
    pub async fn add_deadline(
        &self,
        incident_id: i64,
        title: &str,
        due_at: Timestamp,
        owner_id: Option<i64>,
        made_by: Option<i64>,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO deadline (incident_id, title, due_at, owner_id, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(incident_id)
        .bind(title)
        .bind(millis(due_at))
        .bind(owner_id)
        .bind(made_by)
        .bind(millis(entry.at))
        .fetch_one(&mut *tx)
        .await?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("deadline:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Marks a deadline as done by somebody, or as open again.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn mark_deadline(&self, id: i64, done: bool, by: Option<i64>, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query("UPDATE deadline SET done_at = ?, done_by = ? WHERE id = ?")
            .bind(done.then(|| millis(entry.at)))
            .bind(by.filter(|_| done))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Missing("deadline"));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// One deadline.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn deadline(&self, id: i64) -> Result<Deadline> {
        let row = sqlx::query("SELECT * FROM deadline WHERE id = ?").bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(deadline).ok_or(StoreError::Missing("deadline"))
    }

    /// The deadlines of an incident, the nearest first, or every open one.
    ///
    /// # Errors
    /// The database's.
    pub async fn deadlines(&self, incident_id: Option<i64>) -> Result<Vec<Deadline>> {
        let rows = sqlx::query(
            "SELECT * FROM deadline WHERE (?1 IS NULL AND done_at IS NULL) OR incident_id = ?1 ORDER BY due_at, id",
        )
        .bind(incident_id)
        .fetch_all(self.read())
        .await?;
        Ok(rows.iter().map(deadline).collect())
    }
}
