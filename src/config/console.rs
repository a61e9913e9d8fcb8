//! `[console]`: the web console.

use std::path::{Path, PathBuf};

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

/// The web console.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// A directory of further languages: `de.ftl` has the sentences of `src/console/words/en.ftl` in German. A browser
    /// that asks for German gets it; what a file lacks stays English.
    pub languages: Option<PathBuf>,
}

impl Console {
    pub(super) fn resolve(&mut self, base: &Path) {
        self.languages.iter_mut().for_each(|directory| super::relative_to(base, directory));
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        super::require_directory("languages", self.languages.as_ref())
    }
}
