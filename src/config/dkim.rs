//! `[[dkim]]`: the keys that mails are signed with.

use std::path::{Path, PathBuf};

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::dkim::{Key, Signer};

/// A key that every mail is signed with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dkim {
    /// The domain that vouches: that of `mail_from`, or one above it.
    pub domain: String,
    /// The key's name: its public half is the TXT record at `SELECTOR._domainkey.DOMAIN`.
    pub selector: String,
    /// The private key, PEM: RSA of 2048 to 4096 bits, or Ed25519. Nobody but the daemon may read it.
    pub key_file: PathBuf,
}

impl Dkim {
    pub(super) fn resolve(&mut self, base: &Path) {
        super::relative_to(base, &mut self.key_file);
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if !is_name(&self.domain) || !self.domain.contains('.') {
            let message = "must be a domain in lower case, such as \"acme.example\"; write others as xn--…";
            return Err(SettingsError::new("domain", message));
        }
        if !is_name(&self.selector) {
            let message = "must be letters, digits and hyphens in lower case, such as \"onevoice1\"";
            return Err(SettingsError::new("selector", message));
        }
        self.signer().map(drop)
    }

    /// Where the public half stands in DNS.
    pub fn place(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// What signs with it.
    ///
    /// # Errors
    /// When the key's file cannot be used.
    pub fn signer(&self) -> Result<Signer, SettingsError> {
        let key = Key::read(&self.key_file).map_err(|why| SettingsError::new("key_file", why))?;
        Ok(Signer { domain: self.domain.clone(), selector: self.selector.clone(), key })
    }
}

/// Whether it is labels of DNS with dots between them.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.len() <= 200 && text.split('.').all(label)
}
