//! `[http]`: the listening address and what stands before it.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use onevoice_channels::registry::SettingsError;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use schemars::JsonSchema;
use serde::Deserialize;
use url::{Host, Url};

use super::{relative_to, web_address};

/// The listening address and what stands before it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// `ADDRESS:PORT`. Anything but loopback needs `tls`, or `public_url` with `trusted_proxies`.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// The address under which customers and providers reach this daemon, `https://…`.
    #[serde(deserialize_with = "web_address::optional")]
    #[schemars(with = "Option<String>", extend("format" = "uri"))]
    pub public_url: Option<Url>,
    /// A certificate of our own.
    pub tls: Option<Tls>,
    /// Addresses of the proxies whose `X-Forwarded-For` is believed.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpAddr>,
    /// The largest request body, in bytes; imports stream and are not bound by it.
    pub max_body: usize,
}

/// A certificate of our own. It is read once, when the daemon starts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

impl Default for Http {
    fn default() -> Self {
        Http {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            tls: None,
            trusted_proxies: Vec::new(),
            max_body: 1 << 20,
        }
    }
}

impl Http {
    pub(super) fn resolve(&mut self, base: &Path) {
        if let Some(tls) = &mut self.tls {
            relative_to(base, &mut tls.certificate);
            relative_to(base, &mut tls.key);
        }
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        self.validate_listen()?;
        self.public_url.as_ref().map_or(Ok(()), validate_public_url)?;
        if !(1 << 10..=64 << 20).contains(&self.max_body) {
            return Err(SettingsError::new("max_body", "must be between 1024 (1 KiB) and 67108864 (64 MiB) bytes"));
        }
        self.tls.as_ref().map_or(Ok(()), |tls| tls.server_config().map(drop))
    }

    /// Passwords and approvals never cross a network in clear text.
    fn validate_listen(&self) -> Result<(), SettingsError> {
        let behind_proxy = self.public_url.is_some() && !self.trusted_proxies.is_empty();
        if self.listen.ip().is_loopback() || self.tls.is_some() || behind_proxy {
            return Ok(());
        }
        let message = format!(
            "{} is reachable from other machines; give `http.tls`, or `http.public_url` together with \
             `http.trusted_proxies`",
            self.listen
        );
        Err(SettingsError::new("listen", message))
    }
}

fn validate_public_url(url: &Url) -> Result<(), SettingsError> {
    let wrong = |message| Err(SettingsError::new("public_url", message));
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
        return wrong("must begin with https://; only a loopback address may have http://");
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return wrong("must be scheme, host and path alone, without a query, a fragment or a password");
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl Tls {
    /// The server's side of TLS (1.2 and 1.3) with this certificate.
    ///
    /// # Errors
    /// Names the key whose file cannot be used: `tls.certificate` or `tls.key`.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, SettingsError> {
        let wrong = |key: &str, path: &Path, why: String| SettingsError::new(key, format!("{}: {why}", path.display()));
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| wrong("tls.certificate", &self.certificate, format!("cannot be read as PEM: {error}")))?;
        if chain.is_empty() {
            let why = "holds no certificate; give the chain as PEM, the server's own first".to_owned();
            return Err(wrong("tls.certificate", &self.certificate, why));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| wrong("tls.key", &self.key, format!("cannot be read as a PEM private key: {error}")))?;
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map(Arc::new)
            .map_err(|error| wrong("tls.key", &self.key, format!("does not go with the certificate: {error}")))
    }
}
