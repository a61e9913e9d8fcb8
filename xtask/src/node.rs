//! The parts that npm has: servers (Bluesky and its directory, SMTP and SMPP that can misbehave), what drives the browser,
//! what knows whether HTML is valid, and the clients that vendors and others wrote.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::parts::Change;
use crate::place::Place;
use crate::{Result, command};

/// One folder each, since two of them want different versions of the same packages.
const FOLDERS: &[&str] = &["pds", "plc", "tools", "html", "chat", "smsc", "statuspage", "vendors"];

/// The folders whose packages are not the ones in their committed lock file.
///
/// # Errors
/// When node cannot be asked for its version, or a lock file cannot be read.
pub fn changes(place: &Place) -> Result<Vec<Change>> {
    let abi = command::read(Command::new("node").args(["-p", "process.versions.modules"]))?;
    let mut changes = Vec::new();
    for folder in FOLDERS {
        let source = place.root.join("tests/parts/npm").join(folder);
        let lock = fs::read_to_string(source.join("package-lock.json"))?;
        if lock.contains("\"resolved\"") {
            return Err(format!(
                "{} names registry hosts: make it with --omit-lockfile-registry-resolved",
                source.display()
            )
            .into());
        }
        // Native modules are built for one node: another one has to build them anew.
        let manifest = fs::read_to_string(source.join("package.json"))?;
        let mark = format!("{manifest}\n{lock}\nnode modules {abi}");
        let target = place.parts.join("npm").join(folder);
        if fs::read_to_string(target.join(".installed")).is_ok_and(|installed| installed == mark) {
            continue;
        }
        changes.push(Change {
            what: format!("npm packages of {} into {}", source.join("package.json").display(), target.display()),
            make: Box::new(move |_| install(&source, &target, &mark)),
        });
    }
    Ok(changes)
}

fn install(source: &Path, target: &Path, mark: &str) -> Result {
    fs::create_dir_all(target)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), target.join(file))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--no-update-notifier"]).current_dir(target);
    // The database module is compiled; without this its build would fetch the headers that the system's node came with.
    if Path::new("/usr/include/node/node.h").exists() {
        npm.env("npm_config_nodedir", "/usr");
    }
    command::run(&mut npm)?;
    Ok(fs::write(target.join(".installed"), mark)?)
}
