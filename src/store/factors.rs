//! Second factors: secrets of authenticator apps, and recovery codes by their hashes.

use sqlx::Row as _;

use super::{Result, Store, StoreError, audit};
use crate::world::millis;

/// What an authenticator app shares with us.
pub struct Totp {
    /// The secret.
    pub secret: Vec<u8>,
    /// False until a code of it was given.
    pub confirmed: bool,
    /// The last time step that was taken.
    pub last_step: i64,
}

impl Store {
    /// A person's secret, confirmed or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn totp(&self, person_id: i64) -> Result<Option<Totp>> {
        let row =
            sqlx::query("SELECT * FROM totp WHERE person_id = ?").bind(person_id).fetch_optional(self.read()).await?;
        Ok(row.map(|row| Totp {
            secret: row.get("secret"),
            confirmed: row.get::<Option<i64>, _>("confirmed_at").is_some(),
            last_step: row.get("last_step"),
        }))
    }

    /// Keeps a secret that is still to be confirmed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a confirmed one is there.
    pub async fn offer_totp(&self, person_id: i64, secret: &[u8]) -> Result<()> {
        let mut tx = self.begin().await?;
        let kept = sqlx::query(
            "INSERT INTO totp (person_id, secret) VALUES (?, ?)
             ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE confirmed_at IS NULL",
        )
        .bind(person_id)
        .bind(secret)
        .execute(&mut *tx)
        .await?;
        if kept.rows_affected() == 0 {
            return Err(StoreError::Conflict("you have an authenticator app already; turn that one off first".into()));
        }
        Ok(tx.commit().await?)
    }

    /// Makes a secret count from here on, with fresh recovery codes.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it counts already.
    pub async fn confirm_totp(
        &self,
        person_id: i64,
        step: i64,
        codes: &[Vec<u8>],
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed =
            sqlx::query("UPDATE totp SET confirmed_at = ?, last_step = ? WHERE person_id = ? AND confirmed_at IS NULL")
                .bind(millis(entry.at))
                .bind(step)
                .bind(person_id)
                .execute(&mut *tx)
                .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Conflict("your authenticator app counts already".into()));
        }
        replace_codes(&mut tx, person_id, codes).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a time step; false when it, or a later one, was taken before.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_step(&self, person_id: i64, step: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        let taken = sqlx::query(
            "UPDATE totp SET last_step = ?2 WHERE person_id = ?1 AND confirmed_at IS NOT NULL AND last_step < ?2",
        )
        .bind(person_id)
        .bind(step)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Uses a recovery code up; false when there is none such, or it was used.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_recovery_code(&self, person_id: i64, hash: &[u8], entry: &audit::Entry<'_>) -> Result<bool> {
        let mut tx = self.begin().await?;
        let used = sqlx::query(
            "UPDATE recovery_code SET used_at = ? WHERE person_id = ? AND code_hash = ? AND used_at IS NULL",
        )
        .bind(millis(entry.at))
        .bind(person_id)
        .bind(hash)
        .execute(&mut *tx)
        .await?;
        if used.rows_affected() == 0 {
            return Ok(false);
        }
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// How many recovery codes a person has left.
    ///
    /// # Errors
    /// The database's.
    pub async fn recovery_codes_left(&self, person_id: i64) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM recovery_code WHERE person_id = ? AND used_at IS NULL")
            .bind(person_id)
            .fetch_one(self.read())
            .await?)
    }

    /// Gives a person fresh recovery codes; the old ones no longer count.
    ///
    /// # Errors
    /// The database's.
    pub async fn renew_recovery_codes(
        &self,
        person_id: i64,
        codes: &[Vec<u8>],
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        replace_codes(&mut tx, person_id, codes).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Turns a person's authenticator app off; their recovery codes go with their last factor.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when they have none.
    pub async fn remove_totp(&self, person_id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query("DELETE FROM totp WHERE person_id = ?").bind(person_id).execute(&mut *tx).await?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::Missing("authenticator app"));
        }
        drop_idle_codes(&mut tx, person_id).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Takes all of a person's second factors away, and ends where they are signed in.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when they have none.
    pub async fn remove_factors(&self, person_id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let app = sqlx::query("DELETE FROM totp WHERE person_id = ?").bind(person_id).execute(&mut *tx).await?;
        let keys = sqlx::query("DELETE FROM passkey WHERE person_id = ?").bind(person_id).execute(&mut *tx).await?;
        if app.rows_affected() + keys.rows_affected() == 0 {
            return Err(StoreError::Missing("second factor"));
        }
        replace_codes(&mut tx, person_id, &[]).await?;
        sqlx::query("DELETE FROM session WHERE person_id = ?").bind(person_id).execute(&mut *tx).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Who has a second factor that counts.
    ///
    /// # Errors
    /// The database's.
    pub async fn people_with_factor(&self) -> Result<Vec<i64>> {
        let both = "SELECT person_id FROM totp WHERE confirmed_at IS NOT NULL UNION SELECT person_id FROM passkey";
        Ok(sqlx::query_scalar(both).fetch_all(self.read()).await?)
    }
}

/// Codes stand in for a factor: without one they open nothing.
pub(super) async fn drop_idle_codes(tx: &mut sqlx::SqliteConnection, person_id: i64) -> Result<()> {
    sqlx::query(
        "DELETE FROM recovery_code WHERE person_id = ?1
         AND NOT EXISTS (SELECT 1 FROM totp WHERE person_id = ?1 AND confirmed_at IS NOT NULL)
         AND NOT EXISTS (SELECT 1 FROM passkey WHERE person_id = ?1)",
    )
    .bind(person_id)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn replace_codes(tx: &mut sqlx::SqliteConnection, person_id: i64, codes: &[Vec<u8>]) -> Result<()> {
    sqlx::query("DELETE FROM recovery_code WHERE person_id = ?").bind(person_id).execute(&mut *tx).await?;
    for code in codes {
        sqlx::query("INSERT INTO recovery_code (person_id, code_hash) VALUES (?, ?)")
            .bind(person_id)
            .bind(code)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
