//! One process owns the file, and a copy of it is recognised.
//!
//! At each start a fresh epoch goes into the database and into a file beside it. A database that was copied or came
//! back from a backup does not match the file that lies beside it: it may be hours old and would send again what the
//! original sent since, so it starts paused. The database also keeps the epoch before, because a crash may fall
//! between the two writes.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use sqlx::SqlitePool;

use super::{Result, StoreError, put_meta};
use crate::world::{Random, random_hex};

/// Why a store starts paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// In words for the operator.
    pub why: String,
}

/// The held lock.
pub struct Owner {
    _lock: File,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| {
        let source = match source.kind() {
            kind @ (ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                let mend =
                    "the database's directory and its files have to be writable for the user that onevoice runs as";
                std::io::Error::new(kind, format!("{source}; {mend}"))
            }
            _ => source,
        };
        StoreError::File { path, source }
    }
}

impl Owner {
    /// Takes the lock beside `path`, making the directory when there is none.
    pub(super) fn take(path: &Path) -> Result<Owner> {
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            let mut private = std::fs::DirBuilder::new();
            private.recursive(true).mode(0o700).create(directory).map_err(at(directory))?;
        }
        let lock_path = beside(path, ".lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {
                make_private(path)?;
                Ok(Owner { _lock: lock })
            }
            Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse(path.to_owned())),
            Err(std::fs::TryLockError::Error(source)) => Err(StoreError::File { path: lock_path, source }),
        }
    }

    /// Compares the database's epoch and identity with what lies beside it, then starts a fresh epoch.
    pub(super) async fn recognise(
        &self,
        path: &Path,
        write: &SqlitePool,
        random: &dyn Random,
    ) -> Result<Option<Restored>> {
        let epoch = read_meta(write, "epoch").await?;
        let previous = read_meta(write, "previous_epoch").await?;
        let identity = read_meta(write, "file_identity").await?;
        let held = read_meta(write, "restored").await?;
        let beside_it = std::fs::read_to_string(beside(path, ".epoch")).ok();
        let now_identity = file_identity(path)?;
        let why = match (&epoch, &beside_it) {
            (None, _) => None,
            (Some(_), None) => Some("the file that marks the original is not beside the database: it was copied"),
            (Some(epoch), Some(found)) if found == epoch || Some(found) == previous.as_ref() => identity
                .filter(|known| *known != now_identity)
                .map(|_| "the database is not the file it was at the last start: it was copied or restored"),
            _ => Some("the database is older than its last start: it was restored from a copy"),
        };
        let restored = held.or_else(|| why.map(str::to_owned)).map(|why| Restored { why });
        let mut tx = write.begin().await?;
        put_meta(&mut tx, "file_identity", Some(&now_identity)).await?;
        put_meta(&mut tx, "restored", restored.as_ref().map(|restored| restored.why.as_str())).await?;
        tx.commit().await?;
        self.rotate(path, write, random).await?;
        Ok(restored)
    }

    /// Starts a fresh epoch: the database first, then the file.
    pub(super) async fn rotate(&self, path: &Path, write: &SqlitePool, random: &dyn Random) -> Result<()> {
        let fresh = random_hex::<16>(random);
        let before = read_meta(write, "epoch").await?;
        let mut tx = write.begin().await?;
        put_meta(&mut tx, "previous_epoch", before.as_deref()).await?;
        put_meta(&mut tx, "epoch", Some(&fresh)).await?;
        tx.commit().await?;
        let target = beside(path, ".epoch");
        let scratch = beside(path, ".epoch.new");
        let mut private = OpenOptions::new();
        private.create(true).truncate(true).write(true).mode(0o600);
        let mut file = private.open(&scratch).map_err(at(&scratch))?;
        file.write_all(fresh.as_bytes()).map_err(at(&scratch))?;
        file.sync_all().map_err(at(&scratch))?;
        std::fs::rename(&scratch, &target).map_err(at(&target))
    }
}

async fn read_meta(write: &SqlitePool, key: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = ?").bind(key).fetch_optional(write).await?)
}

/// The database holds addresses and keys: nobody but the daemon's user reads it. SQLite gives its journal the mode of
/// the database, so the file is made here, before SQLite opens it.
fn make_private(path: &Path) -> Result<()> {
    let mut private = OpenOptions::new();
    private.create(true).truncate(false).write(true).mode(0o600).open(path).map_err(at(path))?;
    for file in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        if file.exists() {
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).map_err(at(&file))?;
        }
    }
    Ok(())
}

/// Device and inode: a copy has others.
fn file_identity(path: &Path) -> Result<String> {
    let meta = std::fs::metadata(path).map_err(at(path))?;
    Ok(format!("{}:{}", meta.dev(), meta.ino()))
}
