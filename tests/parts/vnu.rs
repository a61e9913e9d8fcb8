//! The Nu Html Checker: whether pages are valid HTML.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value;

use super::folder;

/// What is wrong with the `.html` files of a folder, each fault once: what, near which words, and a file that has it.
///
/// # Panics
/// When the checker cannot be run.
pub async fn errors(folder: &Path) -> Vec<String> {
    let mut command = Command::new("java");
    command.arg("-jar").arg(folder::installed("npm/html/node_modules/vnu-jar/build/dist/vnu.jar"));
    command
        .args(["--format", "json", "--errors-only", "--exit-zero-always", "--stdout", "--skip-non-html"])
        .arg(folder);
    let said = super::process::run(command).await;
    let document: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("no JSON ({error}): {said}"));
    let of = |message: &Value, name: &str| message[name].as_str().unwrap_or_default().to_owned();
    let messages = document["messages"].as_array().unwrap_or_else(|| panic!("no messages: {said}"));
    let mut faults = BTreeMap::new();
    for message in messages {
        faults.insert((of(message, "message"), of(message, "extract")), of(message, "url"));
    }
    faults.into_iter().map(|((what, near), file)| format!("{what} near {near} ({file})")).collect()
}
