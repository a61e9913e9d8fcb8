//! `onevoice backup` and `onevoice restore`. What comes back from a backup starts paused: it may be hours old, and
//! would send again what was sent since.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;

use super::{client::Daemon, failure::Failure};
use crate::{
    config::Config,
    serve,
    store::Store,
    world::{self, random_hex},
};

/// Where a backup is written.
#[derive(Args, Clone, Debug)]
pub struct Backup {
    /// The file to write, on the daemon's machine; it must not exist.
    pub file: PathBuf,
    #[command(flatten)]
    pub daemon: Daemon,
}

/// What is restored.
#[derive(Args, Clone, Debug)]
pub struct Restore {
    /// The backup.
    pub file: PathBuf,
    /// The daemon's configuration, which says where the database is.
    #[arg(long, env = "ONEVOICE_CONFIG", value_name = "FILE")]
    pub config: PathBuf,
}

/// Writes a consistent copy while the daemon goes on.
///
/// # Errors
/// [`Failure`].
pub async fn backup(backup: &Backup) -> Result<(), Failure> {
    // The daemon has a working directory of its own.
    let path = std::path::absolute(&backup.file).map_err(|error| Failure::usage(error.to_string()))?;
    backup.daemon.client()?.post("/backup", &json!({ "path": path })).await?;
    println!("{} holds everything up to now; it has addresses in it, so guard it as you guard the database", path.display());
    Ok(())
}

/// Puts a backup in the place of the database, which is kept beside it. The daemon must be stopped.
///
/// # Errors
/// [`Failure`]; nothing was changed then.
pub async fn restore(restore: &Restore) -> Result<(), Failure> {
    let config = Config::load(&restore.config)?;
    let database = serve::database(&config);
    let (_, random) = world::system();
    let failed = |path: &Path, error: std::io::Error| Failure::refused(format!("{}: {error}; nothing was changed", path.display()));
    if database.exists() {
        // Opening it proves that no daemon runs, and folds its log into the one file that is then set aside.
        Store::open(&database, random.as_ref()).await?.close(random.as_ref()).await;
    }
    let fresh = beside(&database, ".restoring");
    fs::create_dir_all(&config.data).map_err(|error| failed(&config.data, error))?;
    for leftover in ["", "-wal", "-shm", ".lock", ".epoch"] {
        let _ = fs::remove_file(beside(&fresh, leftover));
    }
    fs::copy(&restore.file, &fresh).map_err(|error| failed(&restore.file, error))?;
    let checked = check(&fresh, random.as_ref()).await;
    for leftover in ["-wal", "-shm", ".lock", ".epoch"] {
        let _ = fs::remove_file(beside(&fresh, leftover));
    }
    let people = checked.inspect_err(|_| drop(fs::remove_file(&fresh)))?;
    let kept = beside(&database, &format!(".before-restore-{}", random_hex::<4>(random.as_ref())));
    if database.exists() {
        fs::rename(&database, &kept).map_err(|error| failed(&database, error))?;
        println!("The database as it was is kept as {}.", kept.display());
    }
    for leftover in ["-wal", "-shm"] {
        let _ = fs::remove_file(beside(&database, leftover));
    }
    fs::rename(&fresh, &database).map_err(|error| failed(&fresh, error))?;
    fs::File::open(&config.data).and_then(|directory| directory.sync_all()).map_err(|error| failed(&config.data, error))?;
    println!(
        "Restored, with {people} people. It starts paused: nothing leaves before somebody says so.\n\
         1. Start the daemon:      onevoice serve --config {0}\n\
         2. Look in the console at what was going out when the backup was made: since then it may have been sent.\n\
         3. Let it send again:     onevoice start --reason \"restored after …\" --config {0}",
        restore.config.display()
    );
    Ok(())
}

/// That the copy is a database of ours, of a version that this binary reads; marks it so that it starts paused.
async fn check(copy: &Path, random: &dyn world::Random) -> Result<i64, Failure> {
    let unusable = |why: String| Failure::refused(format!("the backup cannot be used: {why}; nothing was changed"));
    let store = Store::open(copy, random).await.map_err(|error| unusable(error.to_string()))?;
    let people = store.recipient_count().await.map_err(|error| unusable(error.to_string()));
    let marked = store.set_meta("restored", Some("it was restored from a backup")).await;
    store.close(random).await;
    marked.map_err(|error| unusable(error.to_string()))?;
    people
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
