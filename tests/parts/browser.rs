//! A real browser: headless Chromium, driven by the scripts in `tests/browser`.

use std::process::Command;

use serde::Serialize;
use serde_json::{Value, json};

use super::{folder, process};

/// Runs `tests/browser/NAME.mjs` with an argument of any shape and gives the value that it answers with. Screenshots go to
/// [`folder::shown`].
///
/// # Panics
/// When the script fails; what it printed is in the message.
pub async fn run(name: &str, argument: impl Serialize) -> Value {
    run_script(&format!("tests/browser/{name}.mjs"), argument).await
}

/// The same with a script anywhere in the tree.
///
/// # Panics
/// As [`run`].
pub async fn run_script(path: &str, argument: impl Serialize) -> Value {
    let handed = json!({ "modules": folder::installed("npm/tools"), "shown": folder::shown(), "argument": argument });
    let mut command = Command::new("node");
    command.arg(folder::source().join(path)).arg(handed.to_string());
    let printed = process::run(command).await;
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{path} answered no JSON ({error}): {printed}"))
}
