//! `[[publish]]`: where copies of the public pages are kept.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use onevoice_channels::{endpoint::Endpoint, registry::SettingsError, secret::Secret};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::web_address;

/// A copy of everything that the public sees, as files: in a `directory`, or in a `bucket`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// What it is called in the log, the metrics and the API: lower-case letters, digits and hyphens.
    pub name: String,
    /// The directory that the files are written to. It has to be there; it is for this alone.
    #[serde(default)]
    pub directory: Option<PathBuf>,
    /// The bucket of an S3-compatible storage that they are written to. It has to be there; it is for this alone.
    #[serde(default)]
    pub bucket: Option<String>,
    /// The storage's region, as requests are signed for it.
    #[serde(default)]
    pub region: Option<String>,
    /// Where the storage's API is. Default: Amazon's for the region.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// The access key that may write.
    #[serde(default)]
    pub access_key_id: Option<String>,
    /// Its secret.
    #[serde(default)]
    pub secret_access_key: Option<Secret>,
    /// Permits http to another machine.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// The address under which the files are served. It is looked at every minute, and websites that carry the banner ask
    /// it when the daemon does not answer.
    #[serde(default, deserialize_with = "web_address::optional")]
    #[schemars(with = "Option<String>", extend("format" = "uri"))]
    pub url: Option<Url>,
}

/// Where a copy lies.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// In a directory.
    Directory(&'a Path),
    /// In a bucket.
    Bucket(Bucket<'a>),
}

/// A bucket, and what lets us in.
#[derive(Clone, Copy, Debug)]
pub struct Bucket<'a> {
    /// Its name.
    pub name: &'a str,
    /// The region that requests are signed for.
    pub region: &'a str,
    /// The API; None for Amazon's.
    pub endpoint: Option<&'a Endpoint>,
    /// The access key.
    pub key: &'a str,
    /// Its secret.
    pub secret: &'a Secret,
}

impl Publish {
    pub(super) fn resolve(&mut self, base: &Path) {
        self.directory.iter_mut().for_each(|directory| super::relative_to(base, directory));
        // Names of files are joined to it, which would else replace its last part.
        if let Some(url) = &mut self.url
            && !url.path().ends_with('/')
        {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
    }

    /// Where it lies.
    ///
    /// # Errors
    /// What is missing, or one too many.
    pub fn place(&self) -> Result<Place<'_>, SettingsError> {
        let wrong = |key: &str, message: &str| Err(SettingsError::new(key, message));
        let Some(name) = self.bucket.as_deref() else {
            let Some(directory) = &self.directory else {
                return wrong("directory", "is missing: a copy lies in a `directory` or in a `bucket`");
            };
            return match self.of_a_bucket() {
                Some(key) => wrong(key, "is for a `bucket`; this copy lies in a directory"),
                None => Ok(Place::Directory(directory)),
            };
        };
        if self.directory.is_some() {
            return wrong("bucket", "stands beside a `directory`; make two copies of it, each a [[publish]]");
        }
        let given = |value: &'_ Option<String>| value.as_deref().is_some_and(|value| !value.trim().is_empty());
        if !given(&self.region) {
            return wrong("region", "is missing: a `bucket` needs it; \"us-east-1\" where the storage knows none");
        }
        match (&self.region, &self.access_key_id, &self.secret_access_key) {
            (Some(region), Some(key), Some(secret)) if given(&self.access_key_id) => {
                Ok(Place::Bucket(Bucket { name, region, endpoint: self.endpoint.as_ref(), key, secret }))
            }
            (_, _, Some(_)) => wrong("access_key_id", "is missing: a `bucket` needs it"),
            _ => wrong("secret_access_key", "is missing: a `bucket` needs it, as { file = \"PATH\" }"),
        }
    }

    /// The first key that only a bucket has.
    fn of_a_bucket(&self) -> Option<&'static str> {
        let given = [
            ("region", self.region.is_some()),
            ("endpoint", self.endpoint.is_some()),
            ("access_key_id", self.access_key_id.is_some()),
            ("secret_access_key", self.secret_access_key.is_some()),
            ("allow_cleartext", self.allow_cleartext),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(key, _)| key)
    }

    /// `with_s3` is whether this program was built with it.
    fn validate(&self, with_s3: bool) -> Result<(), SettingsError> {
        let wrong = |key: &str, message: String| Err(SettingsError::new(key, message));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || self.name.len() > 40 || !self.name.chars().all(plain) {
            return wrong("name", "must be 1 to 40 lower-case letters, digits and hyphens".to_owned());
        }
        match self.place()? {
            Place::Directory(directory) if !directory.is_dir() => {
                let message =
                    format!("{} is not a directory; make it, and let it be for this alone", directory.display());
                return wrong("directory", message);
            }
            Place::Directory(_) => {}
            Place::Bucket(_) if !with_s3 => {
                let message = "needs a program that was built with the feature s3, which this one was not: \
                               cargo build --release --features s3";
                return wrong("bucket", message.to_owned());
            }
            Place::Bucket(bucket) => {
                let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
                if !(3..=63).contains(&bucket.name.len()) || !bucket.name.chars().all(known) {
                    return wrong(
                        "bucket",
                        "must be 3 to 63 lower-case letters, digits, hyphens and full stops".to_owned(),
                    );
                }
                if let Some(endpoint) = bucket.endpoint {
                    endpoint.require_https("endpoint", self.allow_cleartext)?;
                }
            }
        }
        if self.url.as_ref().is_some_and(|url| url.query().is_some() || url.fragment().is_some()) {
            return wrong("url", "must be without a query and a fragment: files are joined to it".to_owned());
        }
        Ok(())
    }

    /// What no other copy may share.
    fn lies_at(&self) -> (Option<&Path>, Option<(Option<&str>, &str)>) {
        let endpoint = self.endpoint.as_ref().map(|endpoint| endpoint.as_str());
        (self.directory.as_deref(), self.bucket.as_deref().map(|bucket| (endpoint, bucket)))
    }
}

pub(super) fn validate_all(copies: &[Publish]) -> Result<(), SettingsError> {
    let (mut names, mut places) = (HashSet::new(), HashSet::new());
    for (place, copy) in copies.iter().enumerate() {
        let path = format!("publish[{place}]");
        super::within(&path, copy.validate(cfg!(feature = "s3")))?;
        let wrong = |key: &str, message: String| Err(SettingsError::new(&format!("{path}.{key}"), message));
        if !names.insert(&copy.name) {
            return wrong("name", format!("{:?} is another copy's; give each its own", copy.name));
        }
        if !places.insert(copy.lies_at()) {
            let key = if copy.bucket.is_some() { "bucket" } else { "directory" };
            return wrong(key, "is another copy's; give each its own".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "name = 'cloud'\nbucket = 'acme-status'\nregion = 'eu-central-1'\naccess_key_id = 'AKIA'\n\
                          secret_access_key = { env = 'CARGO_PKG_NAME' }\n";

    fn read(text: &str) -> Publish {
        toml::from_str(text).unwrap()
    }

    fn said(text: &str) -> String {
        read(text).validate(true).unwrap_err().to_string()
    }

    #[test]
    fn a_bucket_has_what_it_needs_and_no_directory() {
        assert_eq!(read(BUCKET).validate(true), Ok(()));
        assert_eq!(read(&format!("{BUCKET}endpoint = 'http://127.0.0.1:9000'")).validate(true), Ok(()));
        for (missing, key) in
            [("region", "region"), ("access_key_id", "access_key_id"), ("secret", "secret_access_key")]
        {
            let less: String = BUCKET
                .lines()
                .filter(|line| !line.starts_with(missing))
                .fold(String::new(), |all, line| all + line + "\n");
            assert!(said(&less).starts_with(&format!("{key}: is missing")), "{}", said(&less));
        }
        assert!(said(&format!("{BUCKET}directory = '/'")).contains("each a [[publish]]"));
        assert!(said(&format!("{BUCKET}endpoint = 'http://s3.example'")).contains("must be https"));
        assert!(said(&BUCKET.replace("acme-status", "Acme/Status")).contains("3 to 63"));
    }

    #[test]
    fn a_directory_takes_no_key_of_a_bucket_and_something_has_to_be_there() {
        assert_eq!(read("name = 'mirror'\ndirectory = '/'").validate(true), Ok(()));
        assert!(said("name = 'mirror'\ndirectory = '/'\nregion = 'eu'").contains("this copy lies in a directory"));
        assert!(said("name = 'mirror'").contains("in a `directory` or in a `bucket`"));
    }

    #[test]
    fn without_the_feature_a_bucket_is_refused_by_its_name() {
        let error = read(BUCKET).validate(false).unwrap_err().to_string();
        assert!(error.contains("bucket") && error.contains("feature s3"), "{error}");
        assert_eq!(read("name = 'mirror'\ndirectory = '/'").validate(false), Ok(()));
    }

    #[test]
    fn two_copies_share_neither_name_nor_place() {
        let other = |from: &str, to: &str| read(&BUCKET.replace(from, to));
        let said = |copies: &[Publish]| validate_all(copies).unwrap_err().to_string();
        if cfg!(feature = "s3") {
            assert!(said(&[read(BUCKET), other("'acme-status'", "'other'")]).contains("publish[1].name"));
            assert!(said(&[read(BUCKET), other("'cloud'", "'other'")]).contains("publish[1].bucket"));
        }
    }
}
