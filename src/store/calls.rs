//! What monitoring called with, as it came.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{
    Result, Store, StoreError,
    pages::{self, Thing},
    voices::{self, Change},
};
use crate::world::{from_millis, millis};

/// A call, as it came.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Call {
    /// Its number.
    pub id: i64,
    /// Who called.
    pub source: String,
    /// When.
    pub at: Timestamp,
    /// What became of it.
    pub verdict: serde_json::Value,
    /// The call that this one repeats, where a person had it replayed.
    pub replay_of: Option<i64>,
    /// The size of its body, in bytes.
    pub bytes: i64,
}

/// The moment of a call: as people name it, and by the clock that nobody sets, for what is due after a while.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The wall clock's.
    pub wall: Timestamp,
    /// `Clock::steady`'s.
    pub steady: Timestamp,
}

fn call(row: &SqliteRow) -> Result<Call> {
    Ok(Call {
        id: row.get("id"),
        source: row.get("source"),
        at: from_millis(row.get("at")),
        verdict: serde_json::from_str(row.get("verdict"))?,
        replay_of: row.get("replay_of"),
        bytes: row.get("bytes"),
    })
}

const CALL: &str = "SELECT id, source, at, verdict, replay_of, length(body) AS bytes FROM intake_call";

impl Store {
    /// Keeps a call, and what it changes, in one transaction: once it is answered, nothing of it is lost.
    ///
    /// # Errors
    /// The database's.
    #[allow(clippy::too_many_arguments, reason = "what a call leaves behind, named one by one")]
    pub async fn take_call(
        &self,
        source: &str,
        body: &[u8],
        verdict: &serde_json::Value,
        replay_of: Option<i64>,
        changes: &[Change],
        thing: Option<&Thing>,
        now: Now,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO intake_call (source, at, body, verdict, replay_of) VALUES (?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(source)
        .bind(millis(now.wall))
        .bind(body)
        .bind(verdict.to_string())
        .bind(replay_of)
        .fetch_one(&mut *tx)
        .await?;
        for change in changes {
            voices::apply(&mut tx, source, change, now.steady).await?;
        }
        if let Some(thing) = thing {
            pages::put(&mut tx, source, thing, now).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Calls, the newest first, before `cursor` (0 for the first page); of one source where it is given.
    ///
    /// # Errors
    /// The database's.
    pub async fn calls(&self, source: Option<&str>, cursor: i64, limit: i64) -> Result<Vec<Call>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{CALL} WHERE (?1 = 0 OR id < ?1) AND (?2 IS NULL OR source = ?2) ORDER BY id DESC LIMIT ?3"
        ));
        sqlx::query(sql).bind(cursor).bind(source).bind(limit).fetch_all(self.read()).await?.iter().map(call).collect()
    }

    /// One call, and its body.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn call(&self, id: i64) -> Result<(Call, Vec<u8>)> {
        let sql =
            "SELECT id, source, at, verdict, replay_of, length(body) AS bytes, body FROM intake_call WHERE id = ?";
        let row = sqlx::query(sql).bind(id).fetch_optional(self.read()).await?;
        let row = row.ok_or(StoreError::Missing("call"))?;
        Ok((call(&row)?, row.get("body")))
    }

    /// Forgets calls from before `before`, and the oldest of those that are more than `most` bytes together.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_calls(&self, before: Timestamp, most: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM intake_call WHERE at < ?").bind(millis(before)).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM intake_page WHERE over = 1 AND at < ?").bind(millis(before)).execute(&mut *tx).await?;
        sqlx::query(
            "DELETE FROM intake_call WHERE id <= COALESCE((SELECT MAX(id) FROM (
               SELECT id, SUM(length(body)) OVER (ORDER BY id DESC) AS kept FROM intake_call) WHERE kept > ?), 0)",
        )
        .bind(most)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}
