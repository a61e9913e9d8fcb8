//! npm's statuspage.io: somebody else's client of the status API.

use std::process::Command;

use serde_json::Value;

use super::{folder, process};

/// What each of the client's calls answers, by its name.
pub async fn asked(base: &str) -> Value {
    let mut command = Command::new("node");
    command.arg(folder::source().join("tests/parts/statuspage.cjs"));
    command.arg(folder::installed("npm/statuspage")).arg(format!("{base}/api/v2/"));
    serde_json::from_str(&process::run(command).await).expect("the script answers in JSON")
}
