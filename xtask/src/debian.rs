//! The parts that Debian packages: a mail server, an SMS gateway, a monitoring system, a browser, and the tools that build and run the others.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::parts::Change;
use crate::place::program;
use crate::{Result, command};

/// A file whose presence proves the package; a bare name is looked up like a program. Looking for the file instead of asking the
/// package manager lets other systems, and other sources of node or python, do as well.
const NEEDED: &[(&str, &str)] = &[
    ("postfix", "postfix"),
    ("smtp-sink", "postfix"),
    ("opendkim", "opendkim"),
    ("bearerbox", "kannel"),
    ("/usr/lib/kannel/test/fakesmsc", "kannel-extras"),
    ("/usr/bin/chromium-headless-shell", "chromium-headless-shell"),
    ("prometheus-alertmanager", "prometheus-alertmanager"),
    ("curl", "curl"),
    ("strace", "strace"),
    ("faketime", "faketime"),
    ("openssl", "openssl"),
    ("gcc", "gcc"),
    ("g++", "g++"),
    ("make", "make"),
    ("python3", "python3"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("java", "default-jre-headless"),
];

/// What the benchmark measures against, besides.
const FOR_BENCH: &[(&str, &str)] = &[("nginx", "nginx-light"), ("wrk", "wrk"), ("sqlite3", "sqlite3")];

/// Postfix asks what it is for when it is installed; the tests bring their own configuration.
const ANSWERS: &str = "postfix postfix/main_mailer_type select No configuration\n\
                       postfix postfix/mailname string test.invalid\n";

/// What stands where a package looks whether it may start its daemon.
const GUARD: &str = "/usr/sbin/policy-rc.d";

/// The packages that are missing, as one change; with those of the benchmark if it is to run.
///
/// # Errors
/// When packages are missing and this is not root on a system with apt-get: then it says what to install by hand.
pub fn change(bench: bool) -> Result<Option<Change>> {
    let missing = missing(bench);
    if missing.is_empty() {
        return Ok(None);
    }
    let list = missing.join(" ");
    let root = command::read(Command::new("id").arg("-u"))?.trim() == "0";
    if program("apt-get").is_none() || !root {
        return Err(format!(
            "install these by hand, or run this as root on a Debian system (the names are Debian's): {list}"
        )
        .into());
    }
    let what = format!("Debian packages, without starting their daemons: {list}");
    Ok(Some(Change { what, make: Box::new(move |_| install(&missing, bench)) }))
}

fn missing(bench: bool) -> Vec<&'static str> {
    let mut packages: Vec<_> = NEEDED
        .iter()
        .chain(if bench { FOR_BENCH } else { &[] })
        .filter(|(file, _)| if file.starts_with('/') { !Path::new(file).exists() } else { program(file).is_none() })
        .map(|(_, package)| *package)
        .collect();
    // Debian splits what makes a virtual environment from the interpreter.
    if command::read(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_err() {
        packages.push("python3-venv");
    }
    packages.dedup();
    packages
}

fn install(packages: &[&str], bench: bool) -> Result {
    let _guard = Guard::place()?;
    command::run(apt().arg("update"))?;
    if packages.contains(&"postfix") {
        command::feed(&mut Command::new("debconf-set-selections"), ANSWERS)?;
    }
    command::run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    match missing(bench) {
        still if still.is_empty() => Ok(()),
        still => Err(format!("apt-get succeeded, yet these are not to be found: {}", still.join(" ")).into()),
    }
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
    command
}

/// Forbids packages to start daemons while it lives, then puts back what was there.
struct Guard {
    before: Option<(Vec<u8>, u32)>,
}

impl Guard {
    fn place() -> Result<Self> {
        let before = match fs::read(GUARD) {
            Ok(content) => Some((content, fs::metadata(GUARD)?.permissions().mode())),
            Err(_) => None,
        };
        let guard = Self { before };
        write(b"#!/bin/sh\nexit 101\n", 0o755)?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let restored = match &self.before {
            Some((content, mode)) => write(content, *mode),
            None => fs::remove_file(GUARD),
        };
        if let Err(error) = restored {
            eprintln!("cannot put {GUARD} back as it was: {error}");
        }
    }
}

fn write(content: &[u8], mode: u32) -> std::io::Result<()> {
    fs::write(GUARD, content)?;
    fs::set_permissions(GUARD, fs::Permissions::from_mode(mode))
}
