//! Vendors' own client libraries: each script in `vendors/` takes one JSON argument and prints one JSON value.

use std::process::Command;

use serde_json::Value;

use super::{folder, process};

/// What a vendor's library makes of what it is given.
pub async fn ask(script: &str, given: &Value) -> Value {
    let mut command = Command::new("node");
    command.env("NODE_PATH", folder::installed("npm/vendors/node_modules"));
    command.arg(folder::source().join("tests/parts/vendors").join(script)).arg(given.to_string());
    let printed = process::run(command).await;
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{script} printed no JSON ({error}): {printed}"))
}
