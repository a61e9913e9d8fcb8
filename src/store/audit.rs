//! The audit chain: each row's hash covers the row before, so that an edit, a deletion or a swap shows.
//! It holds ids and words of ours only, never an address or a text, so that a person can be erased.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, SqliteConnection};

use super::{Result, Store};
use crate::world::millis;

/// One line of the audit.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// When.
    pub at: Timestamp,
    /// Who: `person:3`, `key:7`, `operator`, `system`.
    pub actor: &'a str,
    /// What was done: `update.approve`.
    pub action: &'a str,
    /// To what: `broadcast:12`.
    pub subject: &'a str,
    /// Further ids and numbers.
    pub detail: serde_json::Value,
}

fn link(previous: &[u8], at: i64, entry: [&str; 4]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(at.to_be_bytes());
    for part in entry {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().to_vec()
}

/// Appends a line within the transaction that does what it speaks of.
pub(crate) async fn append(tx: &mut SqliteConnection, entry: &Entry<'_>) -> Result<()> {
    let previous: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT hash FROM audit ORDER BY id DESC LIMIT 1").fetch_optional(&mut *tx).await?;
    let detail = entry.detail.to_string();
    let at = millis(entry.at);
    let hash = link(previous.as_deref().unwrap_or_default(), at, [entry.actor, entry.action, entry.subject, &detail]);
    sqlx::query("INSERT INTO audit (at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(at)
        .bind(entry.actor)
        .bind(entry.action)
        .bind(entry.subject)
        .bind(&detail)
        .bind(hash)
        .execute(tx)
        .await?;
    Ok(())
}

impl Store {
    /// Appends a line of its own.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit(&self, entry: &Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Who did what to a subject, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_of(&self, subject: &str) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as("SELECT actor, action FROM audit WHERE subject = ? ORDER BY id")
            .bind(subject)
            .fetch_all(self.read())
            .await?)
    }

    /// Walks the chain: how many lines, and the id of the first that does not follow from the one before.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_verify(&self) -> Result<(i64, Option<i64>)> {
        use futures_util::TryStreamExt as _;
        let mut rows = sqlx::query("SELECT id, at, actor, action, subject, detail, hash FROM audit ORDER BY id")
            .fetch(self.read());
        let (mut count, mut previous) = (0, Vec::new());
        while let Some(row) = rows.try_next().await? {
            let id: i64 = row.get("id");
            let parts: [String; 4] = [row.get("actor"), row.get("action"), row.get("subject"), row.get("detail")];
            let expected = link(&previous, row.get("at"), [&parts[0], &parts[1], &parts[2], &parts[3]]);
            let found: Vec<u8> = row.get("hash");
            count += 1;
            if found != expected || id != count {
                return Ok((count, Some(id)));
            }
            previous = found;
        }
        Ok((count, None))
    }
}
