//! Addresses of services in configuration.

use std::{borrow::Cow, fmt, ops::Deref};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use url::{Host, Url};

use crate::registry::SettingsError;

/// The URL of a service.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Credentials and messages go over TLS, except to this very machine or where the operator says so.
    ///
    /// # Errors
    /// Why not, with the key.
    pub fn require_https(&self, key: &str, allow_cleartext: bool) -> Result<(), SettingsError> {
        match self.scheme() {
            "https" => {}
            "http" if allow_cleartext || self.host_str().is_some_and(is_loopback) => {}
            "http" => {
                let message = "must be https; allow_cleartext = true permits http on a trusted network";
                return Err(SettingsError::new(key, message));
            }
            _ => return Err(SettingsError::new(key, "must be an https URL")),
        }
        if !self.username().is_empty() || self.password().is_some() {
            let message = "must not hold a password; there are keys of their own for credentials";
            return Err(SettingsError::new(key, message));
        }
        Ok(())
    }
}

/// True for `localhost` and loopback addresses.
pub(crate) fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(domain)) => domain == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        // Host::parse wants brackets around IPv6, which a host name in configuration has not.
        Err(_) => host.parse::<std::net::Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
    }
}

impl Deref for Endpoint {
    type Target = Url;
    fn deref(&self) -> &Url {
        &self.0
    }
}

impl From<Url> for Endpoint {
    fn from(url: Url) -> Self {
        Endpoint(url)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A query may hold a key.
        write!(f, "Endpoint({}://{}{})", self.scheme(), self.host_str().unwrap_or_default(), self.path())
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Url::parse(&text).map(Endpoint).map_err(|error| de::Error::custom(format!("is not a URL: {error}")))
    }
}

impl JsonSchema for Endpoint {
    fn schema_name() -> Cow<'static, str> {
        "Endpoint".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "uri" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleartext_is_for_loopback_or_by_choice() {
        let allowed = |url: &str, allow| Endpoint(url.parse().unwrap()).require_https("url", allow).is_ok();
        assert!(allowed("https://example.com", false));
        for url in ["http://127.0.0.1:80", "http://[::1]/", "http://localhost"] {
            assert!(allowed(url, false), "{url}");
        }
        assert!(!allowed("http://example.com", false) && allowed("http://example.com", true));
        assert!(!allowed("ftp://example.com", true) && !allowed("https://user:pass@example.com", false));
    }
}
