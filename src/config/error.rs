//! The one sentence that a broken configuration becomes.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use onevoice_channels::registry::SettingsError;

use super::{
    document::{self, Document},
    wording,
};

/// Why a configuration cannot be used. Its `Display` is one sentence that names the file, the line and the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; None for what is not in the file at all.
    pub line: Option<usize>,
    /// The key, with its tables: `provider[0].limits.per_second`, entries counted from 0. None where the file as a
    /// whole is at fault.
    pub key: Option<String>,
    /// What is wrong, and how to mend it.
    pub message: String,
}

/// A fault that has not been found in the file yet.
pub(super) enum Failure {
    /// The types were not met; with the table that was read, where that is not the root.
    Reading(toml::de::Error, Option<String>),
    /// The values were not.
    Checking(SettingsError),
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Failure::Checking(error)
    }
}

impl ConfigError {
    /// About the file as a whole.
    pub(super) fn of_file(file: &Path, message: String) -> ConfigError {
        ConfigError { file: file.to_owned(), line: None, key: None, message }
    }

    /// About a text that is not TOML.
    pub(super) fn of_syntax(file: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
        let line = error.span().map(|span| document::line_at(text, span.start));
        let message = match error.message() {
            "duplicate key" => "this key, or its table, is there twice; take one out".to_owned(),
            said => format!("this is not TOML: {said}"),
        };
        ConfigError { file: file.to_owned(), line, key: None, message }
    }

    /// Finds the line of a fault.
    pub(super) fn locate(file: &Path, document: &Document<'_>, failure: Failure) -> ConfigError {
        let error = match failure {
            Failure::Checking(error) => error,
            Failure::Reading(error, table) => wording::explain(document, &error, table.as_deref()),
        };
        let line = document.line_of(&error.key);
        ConfigError { file: file.to_owned(), line, key: Some(error.key), message: error.message }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        match &self.key {
            Some(key) => write!(f, ": `{key}`: {}", self.message),
            None => write!(f, ": {}", self.message),
        }
    }
}

impl std::error::Error for ConfigError {}
