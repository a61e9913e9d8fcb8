//! Running other programs: each is shown before it runs, and a failure names it.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::Result;

/// Runs to the end with our own output; standard input is empty, so that nothing can wait for an answer.
///
/// # Errors
/// When the program cannot be started, or ends with anything but success.
pub fn run(command: &mut Command) -> Result {
    println!("$ {}", shown(command));
    let status = command.stdin(Stdio::null()).status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", shown(command)).into()) }
}

/// Runs to the end and gives what it printed on standard output. What it printed on standard error is in the error.
///
/// # Errors
/// When the program cannot be started, or ends with anything but success.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{}` ended with {}: {}", shown(command), output.status, said.trim()).into())
}

/// Runs to the end with `text` as its standard input.
///
/// # Errors
/// When the program cannot be started, or ends with anything but success.
pub fn feed(command: &mut Command, text: &str) -> Result {
    println!("$ {}", shown(command));
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", shown(command)).into()) }
}

/// The cargo that runs us, so that a toolchain chosen by the developer is kept. What it told us about our own package is left out:
/// build scripts that look at those variables would build their crates anew each time, here and in the developer's next build.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|start| name.starts_with(start)) {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// A command as a person would type it, cut to a line's length: some have hundreds of file names.
fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let line = command.get_args().fold(program, |line, argument| format!("{line} {}", argument.to_string_lossy()));
    match line.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("cannot start `{}`: {error}", command.get_program().to_string_lossy())
}
