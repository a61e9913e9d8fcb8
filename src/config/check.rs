//! `[check]`: what the checker guards.

use std::path::{Path, PathBuf};

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

/// What the checker guards.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Check {
    /// Words that must not go out: code names, customers' names.
    pub guarded: Vec<String>,
    /// A directory of rules that replace the built-in ones.
    pub rules: Option<PathBuf>,
}

impl Check {
    pub(super) fn resolve(&mut self, base: &Path) {
        self.rules.iter_mut().for_each(|rules| super::relative_to(base, rules));
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        // An empty word would be found in every text.
        if let Some(place) = self.guarded.iter().position(|word| word.trim().is_empty()) {
            return Err(SettingsError::new(&format!("guarded[{place}]"), "is empty; take it out"));
        }
        super::require_directory("rules", self.rules.as_ref())
    }
}
