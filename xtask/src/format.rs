//! Formatting is checked over the listed files: `cargo fmt` does not see modules that are declared inside a macro.

use std::process::Command;

use crate::place::Place;
use crate::{Result, command};

/// Checks every Rust file that git knows, or would know after the next `git add`.
///
/// # Errors
/// When a file is not formatted; rustfmt has printed the difference.
pub fn check(place: &Place) -> Result {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.rs"])
        .current_dir(&place.root);
    let listed = command::read(&mut git)?;
    let files: Vec<_> = listed.lines().filter(|file| place.root.join(file).exists()).collect();
    if files.is_empty() {
        return Err("git lists no Rust file: is this a clone?".into());
    }
    command::run(Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(files).current_dir(&place.root))
}
