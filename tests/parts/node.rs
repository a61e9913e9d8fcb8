//! Scripts that drive the vendors' own client libraries, and print what they saw as JSON.

use std::process::Command;

use serde_json::Value;

use super::{folder, process};

/// Runs a script of ours with the packages of the chat rooms' and accounts' clients.
///
/// # Panics
/// When it fails, or prints something else.
pub async fn run(script: &str, arguments: &[&str]) -> Value {
    let mut command = Command::new("node");
    command.arg(folder::source().join("tests").join(script)).args(arguments);
    command.env("NODE_PATH", folder::installed("npm/chat/node_modules"));
    let printed = process::run(command).await;
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{script} printed {printed}: {error}"))
}
