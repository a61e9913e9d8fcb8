//! `[templates]`: templates of your own.

use std::path::{Path, PathBuf};

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

/// Templates of your own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Templates {
    /// A directory whose files replace the built-in ones of the same name.
    pub directory: Option<PathBuf>,
}

impl Templates {
    pub(super) fn resolve(&mut self, base: &Path) {
        self.directory.iter_mut().for_each(|directory| super::relative_to(base, directory));
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        super::require_directory("directory", self.directory.as_ref())
    }
}
