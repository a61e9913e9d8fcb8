//! A copy in a directory: each file is there whole, or not at all, and what is no longer public goes.

use std::{
    fs::{self, File as Handle},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Known, is_ours};
use crate::public::{File, INVENTORY, Inventory};

/// Brings a directory to these files, in their order; what an earlier state had and this has not is removed before the
/// inventory, which is last.
///
/// # Errors
/// Which file, and why, in words. What was written stays: each file is whole.
pub fn write(directory: &Path, files: &[File], mut known: Known) -> Result<Known, String> {
    for file in files {
        let digest = file.digest();
        let path = place(directory, &file.path).ok_or_else(|| format!("{}: no name for a file", file.path))?;
        let there = known.get(&file.path) == Some(&digest) && path.is_file();
        if there {
            continue;
        }
        if file.path == INVENTORY {
            remove_old(directory, files).map_err(|error| format!("what is no longer public stays: {error}"))?;
        }
        whole(&path, &file.bytes).map_err(|error| format!("{}: {error}", file.path))?;
        known.insert(file.path.clone(), digest);
    }
    known.retain(|path, _| files.iter().any(|file| file.path == *path));
    Ok(known)
}

/// Writes beside, makes it durable, and renames: a reader gets the old file or the new one.
fn whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    // Its dot keeps servers from showing it; one name, so that a crash leaves at most one.
    let beside = folder.join(format!(".{}.new", name.to_string_lossy()));
    let mut handle = Handle::create(&beside)?;
    handle.write_all(bytes)?;
    handle.sync_all()?;
    fs::rename(&beside, path)?;
    Handle::open(folder)?.sync_all()
}

/// Removes what the inventory names and the new state has not. Only what looks like ours is touched: the inventory may be
/// somebody else's by now.
fn remove_old(directory: &Path, files: &[File]) -> io::Result<()> {
    let text = match fs::read(directory.join(INVENTORY)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        text => text?,
    };
    let inventory: Inventory = serde_json::from_slice(&text).unwrap_or_default();
    for old in inventory.files.iter().filter(|old| files.iter().all(|file| file.path != **old)) {
        let Some(path) = place(directory, old) else { continue };
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Where a file lies; None for a path that could lead anywhere else.
fn place(directory: &Path, path: &str) -> Option<PathBuf> {
    is_ours(path).then(|| directory.join(path))
}
