//! The store: all SQL lives here, and nothing else knows which database it is.
//!
//! SQLite in WAL mode with `synchronous=FULL`: a commit has been through fdatasync when it returns. One connection
//! writes, so that transactions never fail half-way on a lock; a small pool reads. One process owns the file.

pub mod announced;
pub mod approvals;
pub mod audit;
mod bounces;
pub mod broadcasts;
pub mod calls;
pub mod components;
#[cfg(test)]
mod conformance;
mod contact;
mod correction;
pub mod count;
pub mod deadlines;
pub mod deliveries;
pub mod duty;
pub mod exercises;
pub mod factors;
pub mod fields;
pub mod firings;
pub mod history;
pub mod imports;
pub mod inbox;
pub mod incidents;
pub mod lists;
pub mod lookups;
pub mod named;
pub mod nothing;
mod numbers;
mod ownership;
pub mod pages;
pub mod passkeys;
pub mod people;
pub mod plan;
pub mod playbooks;
pub mod progress;
pub mod promises;
pub mod proposals;
pub mod providers;
pub mod reach;
pub mod readings;
pub mod recipients;
pub mod remarks;
pub mod reminders;
pub mod renderings;
pub mod replies;
pub mod report;
mod search;
mod sessions;
pub mod shape;
pub mod story;
pub mod subscriptions;
pub mod timers;
pub mod voices;
pub mod webhooks;
pub mod withdrawals;
pub mod works;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use onevoice_channels::contract::Channel;
pub use ownership::Restored;
use sqlx::{
    Connection as _, Row as _, SqlSafeStr as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use tokio::sync::Mutex;

use crate::world::Random;

/// Why the store could not do it. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the file open.
    #[error("{} is in use by another onevoice process; stop that one, or give this one a directory of its own", .0.display())]
    InUse(PathBuf),
    /// The file was written by a later version.
    #[error("{} was written by a newer onevoice (its schema is {found}, this binary knows {known}); start the newer binary", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema it has.
        found: i64,
        /// The latest schema this binary has.
        known: i64,
    },
    /// The file, or its directory, cannot be used.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// There is none.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// Something else has that name.
    #[error("there is one already: {0}")]
    Taken(&'static str),
    /// The rows changed in between.
    #[error("{0}")]
    Conflict(String),
    /// What was stored cannot be read.
    #[error("stored data cannot be read: {0}")]
    Corrupt(#[from] serde_json::Error),
    /// The database's own word: a full disk, an I/O error.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

/// What the store answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The open store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    write: SqlitePool,
    read: SqlitePool,
    /// A reader for as long as the store is open. While there is one, no other connection of ours reads the journal anew
    /// and takes a commit for safe that failed (see [`build_on_what_is_safe`]).
    witness: Mutex<Option<SqliteConnection>>,
    path: PathBuf,
    secrets: Secrets,
    restored: Option<Restored>,
    _owner: ownership::Owner,
}

/// Keys made when the store was born.
pub struct Secrets {
    /// Keys the tokens of deliveries (receipts, message ids, unsubscribes).
    pub token_key: Vec<u8>,
    /// Names this installation.
    pub instance: String,
}

/// The place of a channel in the delivery tables.
pub(crate) fn channel_code(channel: Channel) -> i64 {
    Channel::ALL.iter().position(|known| *known == channel).unwrap_or_default() as i64
}

/// The channel of a place in the delivery tables.
pub(crate) fn channel_of(code: i64) -> Channel {
    usize::try_from(code).ok().and_then(|place| Channel::ALL.get(place)).copied().unwrap_or(Channel::Email)
}

fn migrator() -> Migrator {
    let files: [(i64, &'static str, &'static str); 22] = [
        (1, "init", include_str!("migrations/0001_init.sql")),
        (2, "troubles", include_str!("migrations/0002_troubles.sql")),
        (3, "order", include_str!("migrations/0003_order.sql")),
        (4, "pace", include_str!("migrations/0004_pace.sql")),
        (5, "one index less", include_str!("migrations/0005_one_index_less.sql")),
        (6, "incident list", include_str!("migrations/0006_incident_list.sql")),
        (7, "second factor", include_str!("migrations/0007_second_factor.sql")),
        (8, "duty", include_str!("migrations/0008_duty.sql")),
        (9, "console", include_str!("migrations/0009_console.sql")),
        (10, "restricted", include_str!("migrations/0010_restricted.sql")),
        (11, "passkeys", include_str!("migrations/0011_passkeys.sql")),
        (12, "channels", include_str!("migrations/0012_channels.sql")),
        (13, "playbooks", include_str!("migrations/0013_playbooks.sql")),
        (14, "exercises and deletions", include_str!("migrations/0014_exercises_and_deletions.sql")),
        (15, "replies", include_str!("migrations/0015_replies.sql")),
        (16, "bounces", include_str!("migrations/0016_bounces.sql")),
        (18, "subscriptions", include_str!("migrations/0018_subscriptions.sql")),
        (19, "machines", include_str!("migrations/0019_machines.sql")),
        (20, "promises", include_str!("migrations/0020_promises.sql")),
        (21, "replies seen to", include_str!("migrations/0021_replies_seen_to.sql")),
        (23, "timers", include_str!("migrations/0023_timers.sql")),
        (24, "other programs", include_str!("migrations/0024_other_programs.sql")),
    ];
    Migrator::with_migrations(
        files
            .into_iter()
            .map(|(version, name, sql)| {
                Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
            })
            .collect(),
    )
}

impl Store {
    /// Opens the database file, making it and its directory when there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// When another process owns the file, it is newer than this binary, or it cannot be read or written.
    pub async fn open(path: &Path, random: &dyn Random) -> Result<Store> {
        let owner = ownership::Owner::take(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("cache_size", "-3072")
            .pragma("temp_store", "memory")
            .pragma("journal_size_limit", "67108864")
            .statement_cache_capacity(128);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .after_release(|connection, _| Box::pin(is_clean(connection)))
            .connect_with(options.clone())
            .await?;
        build_on_what_is_safe(&write).await?;
        migrate(path, &write).await?;
        let options = options.read_only(true).create_if_missing(false).pragma("cache_size", "-1024");
        let mut witness = SqliteConnection::connect_with(&options).await?;
        sqlx::query("SELECT 1 FROM sqlite_schema").execute(&mut witness).await?;
        let witness = Mutex::new(Some(witness));
        let read = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        let secrets = load_secrets(&write, random).await?;
        let restored = owner.recognise(path, &write, random).await?;
        Ok(Store {
            inner: Arc::new(Inner { write, read, witness, path: path.to_owned(), secrets, restored, _owner: owner }),
        })
    }

    /// Closes every connection; a clean end also makes copies of the file recognisable.
    pub async fn close(&self, random: &dyn Random) {
        // A failed rotation costs one question at the next start and loses nothing.
        let _ = self.inner._owner.rotate(&self.inner.path, &self.inner.write, random).await;
        self.inner.read.close().await;
        if let Some(witness) = self.inner.witness.lock().await.take() {
            let _ = witness.close().await;
        }
        self.inner.write.close().await;
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The keys of this installation.
    pub fn secrets(&self) -> &Secrets {
        &self.inner.secrets
    }

    /// Set when this file is a copy or came back from a backup: nothing may leave until a person says so.
    pub fn restored(&self) -> Option<&Restored> {
        self.inner.restored.as_ref()
    }

    pub(crate) fn read(&self) -> &SqlitePool {
        &self.inner.read
    }

    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.inner.write.begin().await?)
    }

    /// What somebody with the file in their hands could do to it, behind every rule.
    #[cfg(test)]
    pub(crate) async fn tamper(&self, sql: &'static str) {
        let mut tx = self.begin().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Reads a value kept by [`Store::set_meta`].
    ///
    /// # Errors
    /// The database's.
    pub async fn meta(&self, key: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = ?").bind(key).fetch_optional(self.read()).await?)
    }

    /// Keeps a small value under a name; None forgets it.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_meta(&self, key: &str, value: Option<&str>) -> Result<()> {
        let mut tx = self.begin().await?;
        put_meta(&mut tx, key, value).await?;
        Ok(tx.commit().await?)
    }

    /// Whether nothing may start: everything was stopped, or the database came from a copy.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_held(&self) -> Result<bool> {
        is_held(&mut *self.read().acquire().await?).await
    }

    /// What providers were measured to carry a second, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn rates(&self) -> Result<Vec<(String, f64)>> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT substr(key, 6), value FROM meta WHERE key GLOB 'rate:*'")
                .fetch_all(self.read())
                .await?;
        Ok(rows.into_iter().filter_map(|(name, rate)| Some((name, rate.parse().ok()?))).collect())
    }

    /// Keeps what providers were measured to carry.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_rates(&self, rates: &[(String, f64)]) -> Result<()> {
        if rates.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for (provider, rate) in rates {
            put_meta(&mut tx, &format!("rate:{provider}"), Some(&format!("{rate:.3}"))).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes a consistent copy to `target`, which must not exist. The copy starts paused.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub async fn backup(&self, target: &Path) -> Result<()> {
        let exists = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "it exists already; choose another name");
        if target.exists() {
            return Err(StoreError::File { path: target.to_owned(), source: exists });
        }
        let name = target.to_string_lossy().into_owned();
        sqlx::query("VACUUM INTO ?").bind(name).execute(self.read()).await?;
        Ok(())
    }

    /// Proves that a commit works: for readiness.
    ///
    /// # Errors
    /// The database's.
    pub async fn prove_writable(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        put_meta(&mut tx, "heartbeat", Some("1")).await?;
        Ok(tx.commit().await?)
    }
}

/// Brings what the journal holds into the database file, and that through fdatasync, before anything is written after it.
///
/// SQLite reads a journal that another process left, and takes every whole commit in it for safe. One whose fdatasync
/// failed is not: the system marks its pages clean, so it is in memory, not on disk, and no later fdatasync speaks of it.
/// A commit written after it would be lost with it at a power cut, although its own fdatasync succeeded.
async fn build_on_what_is_safe(write: &SqlitePool) -> Result<()> {
    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(write).await?;
    Ok(())
}

/// Whether a connection may be used again. SQLite ends a transaction itself when the disk is full, sqlx then counts one
/// that no longer is, and every later commit would only end a savepoint: such a connection is closed instead.
async fn is_clean(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Whether everything is stopped, or the database came from a copy that nobody has let go on yet.
pub(crate) async fn is_held(tx: &mut SqliteConnection) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM meta WHERE key IN ('stopped', 'restored'))")
        .fetch_one(tx)
        .await?)
}

pub(crate) async fn put_meta(tx: &mut SqliteConnection, key: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) => {
            sqlx::query(
                "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )
            .bind(key)
            .bind(value)
            .execute(tx)
            .await?;
        }
        None => {
            sqlx::query("DELETE FROM meta WHERE key = ?").bind(key).execute(tx).await?;
        }
    }
    Ok(())
}

async fn migrate(path: &Path, write: &SqlitePool) -> Result<()> {
    let migrator = migrator();
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
    let has_table: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')")
            .fetch_one(write)
            .await?;
    if has_table {
        let row =
            sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM _sqlx_migrations").fetch_one(write).await?;
        let found: i64 = row.get("version");
        if found > known {
            return Err(StoreError::Newer { path: path.to_owned(), found, known });
        }
    }
    migrator.run(write).await.map_err(|error| StoreError::Database(error.into()))
}

async fn load_secrets(write: &SqlitePool, random: &dyn Random) -> Result<Secrets> {
    let mut tx = write.begin().await?;
    for key in ["token_key", "instance"] {
        let fresh = crate::world::random_hex::<32>(random);
        sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(key)
            .bind(fresh)
            .execute(&mut *tx)
            .await?;
    }
    let token_key: String =
        sqlx::query_scalar("SELECT value FROM meta WHERE key = 'token_key'").fetch_one(&mut *tx).await?;
    let instance: String =
        sqlx::query_scalar("SELECT value FROM meta WHERE key = 'instance'").fetch_one(&mut *tx).await?;
    tx.commit().await?;
    Ok(Secrets { token_key: token_key.into_bytes(), instance })
}

/// Tells a broken uniqueness rule from every other database error.
pub(crate) fn taken(what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| match error.as_database_error() {
        Some(database) if database.is_unique_violation() => StoreError::Taken(what),
        _ => StoreError::Database(error),
    }
}
