//! Where somebody is signed in, and what they change of it themselves.

use jiff::Timestamp;
use sqlx::{Row as _, SqliteConnection};

use super::{Result, Store, StoreError, audit};
use crate::world::{from_millis, millis};

impl Store {
    /// A person's sessions that still count, the latest used first: the hash of the token, when it was opened, when it was
    /// last used.
    ///
    /// # Errors
    /// The database's.
    pub async fn sessions_of(
        &self,
        person_id: i64,
        made_after: Timestamp,
        seen_after: Timestamp,
    ) -> Result<Vec<(Vec<u8>, Timestamp, Timestamp)>> {
        let rows = sqlx::query(
            "SELECT token_hash, created_at, seen_at FROM session WHERE person_id = ? AND created_at > ? AND seen_at > ?
             ORDER BY seen_at DESC, created_at DESC",
        )
        .bind(person_id)
        .bind(millis(made_after))
        .bind(millis(seen_after))
        .fetch_all(self.read())
        .await?;
        let session = |row: &sqlx::sqlite::SqliteRow| {
            (row.get("token_hash"), from_millis(row.get("created_at")), from_millis(row.get("seen_at")))
        };
        Ok(rows.iter().map(session).collect())
    }

    /// Ends a person's sessions but one; answers how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_sessions(&self, person_id: i64, keep: Option<&[u8]>, entry: &audit::Entry<'_>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let ended = end(&mut tx, person_id, keep).await?;
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Gives a person another password, and ends their sessions but one.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn change_own_password(
        &self,
        person_id: i64,
        hash: &str,
        keep: Option<&[u8]>,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query("UPDATE person SET password_hash = ? WHERE id = ?")
            .bind(hash)
            .bind(person_id)
            .execute(&mut *tx)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Missing("person"));
        }
        end(&mut tx, person_id, keep).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }
}

async fn end(tx: &mut SqliteConnection, person_id: i64, keep: Option<&[u8]>) -> Result<u64> {
    let ended = sqlx::query("DELETE FROM session WHERE person_id = ?1 AND (?2 IS NULL OR token_hash <> ?2)")
        .bind(person_id)
        .bind(keep)
        .execute(tx)
        .await?;
    Ok(ended.rows_affected())
}
