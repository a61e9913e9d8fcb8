//! Whom we trust: the system's certificate authorities, and those the operator adds.

use std::{path::Path, sync::Arc};

use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::registry::SettingsError;

/// A client that verifies the certificate of whom it calls.
pub(crate) fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, SettingsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let wrong = |why: String| SettingsError::new("ca_file", format!("{}: {why}", path.display()));
        let found: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|error| wrong(format!("cannot be read as PEM: {error}")))?;
        if found.is_empty() {
            return Err(wrong("holds no certificate".to_owned()));
        }
        for certificate in found {
            roots
                .add(certificate)
                .map_err(|error| wrong(format!("holds a certificate that cannot be used: {error}")))?;
        }
    }
    if roots.is_empty() {
        let message = "this system has no certificate authorities; install ca-certificates, or set ca_file";
        return Err(SettingsError::new("ca_file", message));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SettingsError::new("tls", error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
