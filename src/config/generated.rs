//! Files of the repository that are made from the code. `cargo xtask gen` writes them; a test says when to.

use std::path::PathBuf;

use serde_json::Value;

use super::Config;

/// The JSON Schema (2020-12) of the configuration, for editors and checkers.
pub fn schema() -> Value {
    schemars::schema_for!(Config).to_value()
}

/// Each generated file: its path from the root of the repository, and its text.
pub fn generated_files() -> Vec<(PathBuf, String)> {
    vec![("config/onevoice.schema.json".into(), format!("{:#}\n", schema()))]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_committed_files_are_what_the_code_makes() {
        for (path, text) in generated_files() {
            let committed = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path));
            let same = committed.is_ok_and(|committed| committed == text);
            assert!(same, "{} is out of date; run `cargo xtask gen` and commit the result", path.display());
        }
    }
}
