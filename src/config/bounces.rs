//! `[bounces]`: mail that comes back.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use lettre::Address;
use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Organisation;

/// Mail that comes back: a mail server hands it over by LMTP or SMTP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounces {
    /// `ADDRESS:PORT`, in clear text: loopback, or an address that only `peers` reach.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Who may hand mail over: the mail server's addresses. Default: this machine.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub peers: Vec<IpAddr>,
    /// Where what people answer is passed on to. Without it their mail is refused, so that they learn of it.
    #[serde(default)]
    pub help_desk: Option<String>,
    /// Rules of your own in place of the built-in ones.
    #[serde(default)]
    pub rules: Option<PathBuf>,
}

impl Bounces {
    pub(super) fn resolve(&mut self, base: &Path) {
        self.rules.iter_mut().for_each(|rules| super::relative_to(base, rules));
    }

    pub(super) fn validate(&self, organisation: &Organisation) -> Result<(), SettingsError> {
        let wrong = |key: &str, message: &str| Err(SettingsError::new(key, message));
        if !self.listen.ip().is_loopback() && self.peers.is_empty() {
            return wrong("listen", "is reachable from other machines; give `peers`, the mail server's addresses");
        }
        if !organisation.bounce_address.as_deref().is_some_and(|address| address.contains("{token}")) {
            let message = "needs `organisation.bounce_address` with {token} in it, by which a bounce is known: \
                           \"bounces+{token}@acme.example\"";
            return wrong("listen", message);
        }
        if self.help_desk.as_deref().is_some_and(|address| address.parse::<Address>().is_err()) {
            return wrong("help_desk", "must be an address without a name, such as \"help@acme.example\"");
        }
        let ours = [organisation.reply_address(), Some(organisation.sender().1)];
        if self.help_desk.is_some() && ours.contains(&self.help_desk) {
            return wrong("help_desk", "is an address whose mail comes here; what is passed on would come back");
        }
        Ok(())
    }
}
