//! Passkeys: public keys of authenticators, by person.

use jiff::Timestamp;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, factors, taken};
use crate::world::{from_millis, millis};

/// A registered passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its number.
    pub id: i64,
    /// The authenticator's name for it.
    pub credential_id: Vec<u8>,
    /// The person's name for it.
    pub name: String,
    /// What the library keeps of it, as JSON.
    pub document: String,
    /// The last signature count that was taken.
    pub counter: u32,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// A person's passkeys, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn passkeys(&self, person_id: i64) -> Result<Vec<Passkey>> {
        let rows = sqlx::query("SELECT * FROM passkey WHERE person_id = ? ORDER BY id")
            .bind(person_id)
            .fetch_all(self.read())
            .await?;
        let one = |row: &SqliteRow| Passkey {
            id: row.get("id"),
            credential_id: row.get("credential_id"),
            name: row.get("name"),
            document: row.get("document"),
            counter: row.get("counter"),
            created_at: from_millis(row.get("created_at")),
            last_used_at: row.get::<Option<i64>, _>("last_used_at").map(from_millis),
        };
        Ok(rows.iter().map(one).collect())
    }

    /// Keeps a passkey, with recovery codes where it is the person's first factor.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it is registered already, by whomever.
    pub async fn add_passkey(
        &self,
        person_id: i64,
        passkey: &Passkey,
        codes: Option<&[Vec<u8>]>,
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO passkey (person_id, credential_id, name, document, counter, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(person_id)
        .bind(&passkey.credential_id)
        .bind(&passkey.name)
        .bind(&passkey.document)
        .bind(passkey.counter)
        .bind(millis(passkey.created_at))
        .execute(&mut *tx)
        .await
        .map_err(taken("passkey on this device or key; it is registered"))?;
        if let Some(codes) = codes {
            factors::replace_codes(&mut tx, person_id, codes).await?;
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a use with its signature count; false where the count is not above the last one, and does count.
    ///
    /// # Errors
    /// The database's.
    pub async fn use_passkey(&self, id: i64, counter: u32, at: Timestamp) -> Result<bool> {
        let mut tx = self.begin().await?;
        let taken = sqlx::query(
            "UPDATE passkey SET counter = ?2, last_used_at = ?3
             WHERE id = ?1 AND (counter < ?2 OR (counter = 0 AND ?2 = 0))",
        )
        .bind(id)
        .bind(counter)
        .bind(millis(at))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Removes a person's passkey; their recovery codes go with their last factor.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when they have no such one.
    pub async fn remove_passkey(&self, person_id: i64, id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query("DELETE FROM passkey WHERE id = ? AND person_id = ?")
            .bind(id)
            .bind(person_id)
            .execute(&mut *tx)
            .await?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::Missing("passkey"));
        }
        factors::drop_idle_codes(&mut tx, person_id).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }
}
