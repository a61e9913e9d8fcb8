//! `[[publish]]`: where copies of the public pages are kept.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::web_address;

/// A copy of everything that the public sees, as files.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// What it is called in the log, the metrics and the API: lower-case letters, digits and hyphens.
    pub name: String,
    /// The directory that the files are written to. It has to be there; it is for this alone.
    pub directory: PathBuf,
    /// The address under which the directory is served. It is looked at every minute, and websites that carry the banner
    /// ask it when the daemon does not answer.
    #[serde(default, deserialize_with = "web_address::optional")]
    #[schemars(with = "Option<String>", extend("format" = "uri"))]
    pub url: Option<Url>,
}

impl Publish {
    pub(super) fn resolve(&mut self, base: &Path) {
        super::relative_to(base, &mut self.directory);
        // Names of files are joined to it, which would else replace its last part.
        if let Some(url) = &mut self.url
            && !url.path().ends_with('/')
        {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
    }
}

pub(super) fn validate_all(copies: &[Publish]) -> Result<(), SettingsError> {
    let (mut names, mut directories) = (HashSet::new(), HashSet::new());
    for (place, copy) in copies.iter().enumerate() {
        let wrong = |key: &str, message: String| Err(SettingsError::new(&format!("publish[{place}].{key}"), message));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if copy.name.is_empty() || copy.name.len() > 40 || !copy.name.chars().all(plain) {
            return wrong("name", "must be 1 to 40 lower-case letters, digits and hyphens".to_owned());
        }
        if !names.insert(&copy.name) {
            return wrong("name", format!("{:?} is another copy's; give each its own", copy.name));
        }
        if !copy.directory.is_dir() {
            let message =
                format!("{} is not a directory; make it, and let it be for this alone", copy.directory.display());
            return wrong("directory", message);
        }
        if !directories.insert(&copy.directory) {
            return wrong("directory", "is another copy's; give each its own".to_owned());
        }
        if copy.url.as_ref().is_some_and(|url| url.query().is_some() || url.fragment().is_some()) {
            return wrong("url", "must be without a query and a fragment: files are joined to it".to_owned());
        }
    }
    Ok(())
}
