//! What tools wrote that take us for Statuspage: their incidents and components, each as it stands.

use serde_json::Value;
use sqlx::{Row as _, SqliteConnection};

use super::{Result, Store, calls::Now};
use crate::{intake::statuspage::Noun, world::millis};

/// An incident or a component of theirs.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Which of the two.
    pub noun: Noun,
    /// What they call it.
    pub id: String,
    /// As Statuspage shows it.
    pub document: Value,
    /// True where it is resolved, or operational.
    pub over: bool,
}

impl Store {
    /// One of theirs, as it stands.
    ///
    /// # Errors
    /// The database's.
    pub async fn page_thing(&self, source: &str, noun: Noun, id: &str) -> Result<Option<Value>> {
        let document: Option<String> =
            sqlx::query_scalar("SELECT document FROM intake_page WHERE source = ? AND noun = ? AND id = ?")
                .bind(source)
                .bind(noun.as_str())
                .bind(id)
                .fetch_optional(self.read())
                .await?;
        Ok(document.as_deref().map(serde_json::from_str).transpose()?)
    }

    /// How many of a source are not over.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_page_things(&self, source: &str) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM intake_page WHERE source = ? AND over = 0";
        Ok(sqlx::query_scalar(sql).bind(source).fetch_one(self.read()).await?)
    }

    /// Those of a source, the newest first; only what is not over when asked.
    ///
    /// # Errors
    /// The database's.
    pub async fn page_things(&self, source: &str, noun: Noun, open: bool, limit: i64) -> Result<Vec<Value>> {
        sqlx::query(
            "SELECT document FROM intake_page WHERE source = ?1 AND noun = ?2 AND (?3 = 0 OR over = 0)
             ORDER BY made_at DESC, id LIMIT ?4",
        )
        .bind(source)
        .bind(noun.as_str())
        .bind(open)
        .bind(limit)
        .fetch_all(self.read())
        .await?
        .iter()
        .map(|row| Ok(serde_json::from_str(row.get("document"))?))
        .collect()
    }
}

/// Keeps one of theirs as it stands, in the transaction of the call that said so.
pub(super) async fn put(tx: &mut SqliteConnection, source: &str, thing: &Thing, now: Now) -> Result<()> {
    sqlx::query(
        "INSERT INTO intake_page (source, noun, id, document, over, made_at, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (source, noun, id) DO UPDATE SET document = excluded.document, over = excluded.over, at = excluded.at",
    )
    .bind(source)
    .bind(thing.noun.as_str())
    .bind(&thing.id)
    .bind(thing.document.to_string())
    .bind(thing.over)
    .bind(millis(now.wall))
    .execute(tx)
    .await?;
    Ok(())
}
