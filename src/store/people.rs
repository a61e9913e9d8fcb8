//! People who use Onevoice, their sessions and keys, and repeated requests.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, taken};
use crate::{
    people::{Person, Role},
    world::{from_millis, millis},
};

/// A key as it is shown: never its secret.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct ApiKey {
    /// Its number.
    pub id: i64,
    /// What it begins with.
    pub prefix: String,
    /// What it is for.
    pub name: String,
    /// Whose it is.
    pub person_id: i64,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// The answer kept for a repeated request.
#[derive(Clone, Debug)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// Content-Type.
    pub content_type: String,
    /// Body.
    pub body: Vec<u8>,
}

/// What is known of an idempotency key.
#[derive(Clone, Debug)]
pub enum Repeat {
    /// Never seen: it is now reserved for this request.
    Fresh,
    /// The first one is still under way.
    UnderWay,
    /// It was used for another request.
    Different,
    /// The answer of the first one.
    Answered(KeptAnswer),
}

/// What becomes of a person; what is None stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// How colleagues know them.
    pub name: Option<&'a str>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they have access.
    pub active: Option<bool>,
    /// The hash of a new password.
    pub password_hash: Option<&'a str>,
    /// Where they are texted.
    pub phone: Option<&'a str>,
    /// The sign-offs that they may give.
    pub signs: Option<&'a [String]>,
}

pub(super) fn person(row: &SqliteRow) -> Person {
    Person {
        id: row.get("id"),
        email: row.get("email"),
        name: row.get("name"),
        role: Role::parse(row.get::<&str, _>("role")).unwrap_or(Role::Viewer),
        active: row.get("active"),
        phone: row.get("phone"),
        signs: serde_json::from_str(row.get("signs")).unwrap_or_default(),
    }
}

fn key(row: &SqliteRow) -> Result<ApiKey> {
    let time = |name| row.get::<Option<i64>, _>(name).map(from_millis);
    Ok(ApiKey {
        id: row.get("id"),
        prefix: row.get("prefix"),
        name: row.get("name"),
        person_id: row.get("person_id"),
        scopes: serde_json::from_str(row.get("scopes"))?,
        created_at: from_millis(row.get("created_at")),
        expires_at: time("expires_at"),
        revoked_at: time("revoked_at"),
    })
}

impl Store {
    /// Adds a person.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the mail address is somebody's already.
    pub async fn add_person(
        &self,
        email: &str,
        name: &str,
        role: Role,
        password_hash: &str,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO person (email, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(email)
        .bind(name)
        .bind(role.as_str())
        .bind(password_hash)
        .bind(millis(entry.at))
        .fetch_one(&mut *tx)
        .await
        .map_err(taken("person with this mail address"))?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("person:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a person; ends their sessions where it takes something away.
    ///
    /// # Errors
    /// [`StoreError::Missing`]; [`StoreError::Conflict`] when no active administrator would be left.
    pub async fn change_person(&self, id: i64, change: &Change<'_>, entry: &audit::Entry<'_>) -> Result<()> {
        let Change { name, role, active, password_hash, phone, signs } = *change;
        let mut tx = self.begin().await?;
        const ADMINISTRATORS: &str = "SELECT COUNT(*) FROM person WHERE role = 'administrator' AND active = 1";
        let before: i64 = sqlx::query_scalar(ADMINISTRATORS).fetch_one(&mut *tx).await?;
        let changed = sqlx::query(
            "UPDATE person SET name = COALESCE(?2, name), role = COALESCE(?3, role), active = COALESCE(?4, active),
             password_hash = COALESCE(?5, password_hash), phone = COALESCE(?6, phone), signs = COALESCE(?7, signs)
             WHERE id = ?1",
        )
        .bind(id)
        .bind(name)
        .bind(role.map(Role::as_str))
        .bind(active)
        .bind(password_hash)
        .bind(phone)
        .bind(signs.map(serde_json::to_string).transpose()?)
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Missing("person"));
        }
        let after: i64 = sqlx::query_scalar(ADMINISTRATORS).fetch_one(&mut *tx).await?;
        if before > 0 && after == 0 {
            return Err(StoreError::Conflict(
                "this is the last active administrator; make somebody else one first".into(),
            ));
        }
        if role.is_some() || active == Some(false) || password_hash.is_some() {
            sqlx::query("DELETE FROM session WHERE person_id = ?").bind(id).execute(&mut *tx).await?;
        }
        if active == Some(false) {
            sqlx::query("UPDATE api_key SET revoked_at = ? WHERE person_id = ? AND revoked_at IS NULL")
                .bind(millis(entry.at))
                .bind(id)
                .execute(&mut *tx)
                .await?;
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Everyone who has, or had, access.
    ///
    /// # Errors
    /// The database's.
    pub async fn people(&self) -> Result<Vec<Person>> {
        let rows = sqlx::query("SELECT * FROM person ORDER BY id").fetch_all(self.read()).await?;
        Ok(rows.iter().map(person).collect())
    }

    /// One person by number.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn person(&self, id: i64) -> Result<Person> {
        let row = sqlx::query("SELECT * FROM person WHERE id = ?").bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map(person).ok_or(StoreError::Missing("person"))
    }

    /// One person by mail address, with the hash of their password.
    ///
    /// # Errors
    /// The database's.
    pub async fn person_by_email(&self, email: &str) -> Result<Option<(Person, String)>> {
        let row = sqlx::query("SELECT * FROM person WHERE email = ?").bind(email).fetch_optional(self.read()).await?;
        Ok(row.as_ref().map(|row| (person(row), row.get("password_hash"))))
    }

    /// The hash of a person's password.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn password_hash(&self, id: i64) -> Result<String> {
        sqlx::query_scalar("SELECT password_hash FROM person WHERE id = ? AND active = 1")
            .bind(id)
            .fetch_optional(self.read())
            .await?
            .ok_or(StoreError::Missing("person"))
    }

    /// Keeps a session by the hash of its token.
    ///
    /// # Errors
    /// The database's.
    pub async fn add_session(&self, token_hash: &[u8], person_id: i64, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO session (token_hash, person_id, created_at, seen_at) VALUES (?, ?, ?3, ?3)")
            .bind(token_hash)
            .bind(person_id)
            .bind(millis(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Whose session it is, if it was made after `made_after` and seen after `seen_after`, and the person is active.
    ///
    /// # Errors
    /// The database's.
    pub async fn session(
        &self,
        token_hash: &[u8],
        made_after: Timestamp,
        seen_after: Timestamp,
    ) -> Result<Option<(Person, Timestamp)>> {
        let row = sqlx::query(
            "SELECT p.*, s.seen_at FROM session s JOIN person p ON p.id = s.person_id
             WHERE s.token_hash = ? AND s.created_at > ? AND s.seen_at > ? AND p.active = 1",
        )
        .bind(token_hash)
        .bind(millis(made_after))
        .bind(millis(seen_after))
        .fetch_optional(self.read())
        .await?;
        Ok(row.as_ref().map(|row| (person(row), from_millis(row.get("seen_at")))))
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// The database's.
    pub async fn touch_session(&self, token_hash: &[u8], now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE session SET seen_at = ? WHERE token_hash = ?")
            .bind(millis(now))
            .bind(token_hash)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_session(&self, token_hash: &[u8]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM session WHERE token_hash = ?").bind(token_hash).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps a key by the hash of its secret.
    ///
    /// # Errors
    /// The database's.
    pub async fn add_key(&self, new: &ApiKey, secret_hash: &[u8], entry: &audit::Entry<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO api_key (prefix, secret_hash, person_id, name, scopes, created_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(&new.prefix)
        .bind(secret_hash)
        .bind(new.person_id)
        .bind(&new.name)
        .bind(serde_json::to_string(&new.scopes)?)
        .bind(millis(new.created_at))
        .bind(new.expires_at.map(millis))
        .fetch_one(&mut *tx)
        .await?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("key:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A key by its prefix, with the hash of its secret and its owner, if the owner is active.
    ///
    /// # Errors
    /// The database's.
    pub async fn key_by_prefix(&self, prefix: &str) -> Result<Option<(ApiKey, Vec<u8>, Person)>> {
        let row = sqlx::query(
            "SELECT k.* FROM api_key k JOIN person p ON p.id = k.person_id WHERE k.prefix = ? AND p.active = 1",
        )
        .bind(prefix)
        .fetch_optional(self.read())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let found = key(&row)?;
        let owner = self.person(found.person_id).await?;
        Ok(Some((found, row.get("secret_hash"), owner)))
    }

    /// Every key, the revoked ones too.
    ///
    /// # Errors
    /// The database's.
    pub async fn keys(&self) -> Result<Vec<ApiKey>> {
        sqlx::query("SELECT * FROM api_key ORDER BY id").fetch_all(self.read()).await?.iter().map(key).collect()
    }

    /// Takes a key back, at once.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn revoke_key(&self, id: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query("UPDATE api_key SET revoked_at = COALESCE(revoked_at, ?) WHERE id = ?")
            .bind(millis(entry.at))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Missing("key"));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Reserves an idempotency key for a request, or says what is known of it.
    ///
    /// # Errors
    /// The database's.
    pub async fn reserve_repeat(&self, owner: &str, key: &str, request_hash: &[u8], now: Timestamp) -> Result<Repeat> {
        let mut tx = self.begin().await?;
        // A reservation whose request never ended (a crash) is free again after a minute; answers live for a day.
        sqlx::query(
            "DELETE FROM idempotency WHERE owner = ?1 AND key = ?2
             AND (created_at < ?3 - 86400000 OR (status IS NULL AND created_at < ?3 - 60000))",
        )
        .bind(owner)
        .bind(key)
        .bind(millis(now))
        .execute(&mut *tx)
        .await?;
        let known = sqlx::query("SELECT * FROM idempotency WHERE owner = ? AND key = ?")
            .bind(owner)
            .bind(key)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = known else {
            sqlx::query("INSERT INTO idempotency (owner, key, request_hash, created_at) VALUES (?, ?, ?, ?)")
                .bind(owner)
                .bind(key)
                .bind(request_hash)
                .bind(millis(now))
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            return Ok(Repeat::Fresh);
        };
        if row.get::<Vec<u8>, _>("request_hash") != request_hash {
            return Ok(Repeat::Different);
        }
        Ok(match row.get::<Option<i64>, _>("status") {
            None => Repeat::UnderWay,
            Some(status) => Repeat::Answered(KeptAnswer {
                status: u16::try_from(status).unwrap_or(500),
                content_type: row.get::<Option<String>, _>("content_type").unwrap_or_default(),
                body: row.get::<Option<Vec<u8>>, _>("body").unwrap_or_default(),
            }),
        })
    }

    /// Keeps the answer of a reserved request; None frees the key, for answers that must not be repeated.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_answer(&self, owner: &str, key: &str, answer: Option<&KeptAnswer>) -> Result<()> {
        let mut tx = self.begin().await?;
        match answer {
            Some(answer) => {
                sqlx::query("UPDATE idempotency SET status = ?, content_type = ?, body = ? WHERE owner = ? AND key = ?")
                    .bind(i64::from(answer.status))
                    .bind(&answer.content_type)
                    .bind(&answer.body)
                    .bind(owner)
                    .bind(key)
                    .execute(&mut *tx)
                    .await?
            }
            None => {
                sqlx::query("DELETE FROM idempotency WHERE owner = ? AND key = ?")
                    .bind(owner)
                    .bind(key)
                    .execute(&mut *tx)
                    .await?
            }
        };
        Ok(tx.commit().await?)
    }
}
