//! Customer ids that were given for one incident.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row as _;

use super::{Result, Store, StoreError, audit};
use crate::world::{from_millis, millis};

/// What is known of an incident's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IncidentList {
    /// Who gave it.
    pub created_by: Option<i64>,
    /// When.
    pub created_at: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// Customer ids on it that belong to somebody.
    pub matched: i64,
    /// Customer ids on it that nobody has.
    pub unmatched: i64,
}

impl Store {
    /// Writes an incident's list in place of the one before.
    ///
    /// # Errors
    /// The database's.
    pub async fn put_incident_list(
        &self,
        incident_id: i64,
        customer_ids: &[String],
        created_by: Option<i64>,
        expires_at: Timestamp,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM incident_listed WHERE incident_id = ?").bind(incident_id).execute(&mut *tx).await?;
        sqlx::query(
            "INSERT INTO incident_list (incident_id, created_by, created_at, expires_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (incident_id) DO UPDATE SET created_by = excluded.created_by, created_at = excluded.created_at,
               expires_at = excluded.expires_at",
        )
        .bind(incident_id)
        .bind(created_by)
        .bind(millis(entry.at))
        .bind(millis(expires_at))
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT OR IGNORE INTO incident_listed (incident_id, customer_id) SELECT ?, value FROM json_each(?)",
        )
        .bind(incident_id)
        .bind(serde_json::to_string(customer_ids)?)
        .execute(&mut *tx)
        .await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// An incident's list, while it is remembered.
    ///
    /// # Errors
    /// The database's.
    pub async fn incident_list(&self, incident_id: i64, now: Timestamp) -> Result<Option<IncidentList>> {
        let row = sqlx::query(
            "SELECT i.*, (SELECT COUNT(*) FROM incident_listed l WHERE l.incident_id = i.incident_id) AS listed,
               (SELECT COUNT(*) FROM incident_listed l JOIN recipient r ON r.customer_id = l.customer_id
                WHERE l.incident_id = i.incident_id) AS matched
             FROM incident_list i WHERE i.incident_id = ? AND i.expires_at > ?",
        )
        .bind(incident_id)
        .bind(millis(now))
        .fetch_optional(self.read())
        .await?;
        Ok(row.map(|row| {
            let (listed, matched): (i64, i64) = (row.get("listed"), row.get("matched"));
            IncidentList {
                created_by: row.get("created_by"),
                created_at: from_millis(row.get("created_at")),
                expires_at: from_millis(row.get("expires_at")),
                matched,
                unmatched: listed - matched,
            }
        }))
    }

    /// The customer ids of an incident's list that belong to somebody, or those that nobody has, in their order; the first
    /// `most`.
    ///
    /// # Errors
    /// The database's.
    pub async fn incident_listed(&self, incident_id: i64, matched: bool, most: i64) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT l.customer_id FROM incident_listed l WHERE l.incident_id = ?1
               AND EXISTS (SELECT 1 FROM recipient r WHERE r.customer_id = l.customer_id) = ?2
             ORDER BY l.customer_id LIMIT ?3",
        )
        .bind(incident_id)
        .bind(matched)
        .bind(most)
        .fetch_all(self.read())
        .await?)
    }

    /// Forgets an incident's list.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it has none.
    pub async fn forget_incident_list(&self, incident_id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM incident_listed WHERE incident_id = ?").bind(incident_id).execute(&mut *tx).await?;
        let gone =
            sqlx::query("DELETE FROM incident_list WHERE incident_id = ?").bind(incident_id).execute(&mut *tx).await?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::Missing("list of this incident"));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The incidents whose lists are past their time.
    ///
    /// # Errors
    /// The database's.
    pub async fn expired_incident_lists(&self, now: Timestamp) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar("SELECT incident_id FROM incident_list WHERE expires_at <= ?")
            .bind(millis(now))
            .fetch_all(self.read())
            .await?)
    }
}
