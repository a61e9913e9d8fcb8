//! Where the source tree is, and where its parts are installed.

use std::env;
use std::path::{Path, PathBuf};

/// The two folders that every task works in.
pub struct Place {
    /// The root of the workspace.
    pub root: PathBuf,
    /// Where the parts go: `.parts` in the root, or what `ONEVOICE_PARTS` says. The tests read the same variable.
    pub parts: PathBuf,
}

impl Place {
    /// Reads the environment; nothing has to exist yet.
    pub fn find() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_path_buf();
        let parts = match env::var_os("ONEVOICE_PARTS") {
            Some(folder) => std::path::absolute(folder).expect("the working directory is readable"),
            None => root.join(".parts"),
        };
        Self { root, parts }
    }
}

impl Place {
    /// Where cargo builds: `target` in the root, or what `CARGO_TARGET_DIR` says.
    pub fn target(&self) -> PathBuf {
        self.root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
    }
}

/// The full path of a program. System administrators' programs are found too: `/usr/sbin` is not in everyone's `PATH`.
pub fn program(name: &str) -> Option<PathBuf> {
    let listed = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&listed)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
