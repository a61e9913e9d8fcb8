//! Imports: the generation that their rows carry, and what came of each.

use jiff::Timestamp;
use sqlx::Row as _;

use super::{Result, Store, StoreError, audit};
use crate::{
    audience::import::BadLine,
    world::{from_millis, millis},
};

/// An import as it is remembered.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Import {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; null for one that is under way, or of which nothing could be used.
    pub ended_at: Option<Timestamp>,
    /// By whom: `person:3`.
    pub started_by: String,
    /// Lines that were taken.
    pub good: i64,
    /// Lines that could not be used.
    pub bad: i64,
    /// People who were removed, because the file did not name them.
    pub removed: i64,
    /// The first 10,000 bad lines, without their values.
    pub bad_lines: Vec<BadLine>,
}

impl Store {
    /// Begins an import: the generation that its rows carry.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_import(&self, by: &str, now: Timestamp) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id = sqlx::query_scalar("INSERT INTO import (started_at, started_by) VALUES (?, ?) RETURNING id")
            .bind(millis(now))
            .bind(by)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Ends an import. With `replace`, everyone whom it did not name is removed, but for who subscribed by themselves;
    /// answers how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_import(
        &self,
        id: i64,
        good: i64,
        bad: i64,
        replace: bool,
        entry: &audit::Entry<'_>,
    ) -> Result<u64> {
        let mut tx = self.begin().await?;
        let removed = if replace {
            sqlx::query("DELETE FROM recipient WHERE generation <> ? AND consent IS NULL")
                .bind(id)
                .execute(&mut *tx)
                .await?
                .rows_affected()
        } else {
            0
        };
        sqlx::query("UPDATE import SET ended_at = ?, good = ?, bad = ?, removed = ? WHERE id = ?")
            .bind(millis(entry.at))
            .bind(good)
            .bind(bad)
            .bind(i64::try_from(removed).unwrap_or(i64::MAX))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Keeps which lines of an import could not be used, and why.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_bad_lines(&self, id: i64, good: i64, bad: i64, lines: &[BadLine]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE import SET good = ?, bad = ?, bad_lines = ? WHERE id = ?")
            .bind(good)
            .bind(bad)
            .bind(serde_json::to_string(lines)?)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// What came of an import.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn import(&self, id: i64) -> Result<Import> {
        let row = sqlx::query("SELECT * FROM import WHERE id = ?")
            .bind(id)
            .fetch_optional(self.read())
            .await?
            .ok_or(StoreError::Missing("import"))?;
        Ok(Import {
            id,
            started_at: from_millis(row.get("started_at")),
            ended_at: row.get::<Option<i64>, _>("ended_at").map(from_millis),
            started_by: row.get("started_by"),
            good: row.get("good"),
            bad: row.get("bad"),
            removed: row.get("removed"),
            bad_lines: serde_json::from_str(row.get("bad_lines"))?,
        })
    }
}
