//! Where parts are installed, where they work, and where what they show goes.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The root of the source tree.
pub fn source() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Something that `cargo xtask parts` has installed, by its path in the parts folder.
pub fn installed(path: &str) -> PathBuf {
    let parts = env::var_os("ONEVOICE_PARTS").map_or_else(|| source().join(".parts"), PathBuf::from);
    let full = parts.join(path);
    assert!(full.exists(), "{} is not there: run `cargo xtask parts`", full.display());
    full
}

/// A folder for one part, removed with it. Everyone may enter: some parts work as a user of their own.
pub fn work() -> TempDir {
    let folder = tempfile::Builder::new().prefix("onevoice-part-").tempdir_in("/tmp").expect("/tmp is writable");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("the folder is ours");
    folder
}

/// Where screenshots and the like are kept after the tests, made if need be.
pub fn shown() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shown");
    fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}
