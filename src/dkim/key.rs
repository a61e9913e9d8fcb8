//! A private key for DKIM: read from its file, never shown.

use std::{fmt, os::unix::fs::PermissionsExt as _, path::Path};

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};

/// RFC 8301 asks signers for 2048 bits at least, and verifiers for no more than 4096.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// Nobody but the owner may change a key, and others may not even read it. A group may: the daemon's own.
const NOT_FOR_OTHERS: u32 = 0o027;

/// A private key.
pub enum Key {
    /// Every receiver knows it.
    Rsa(Box<RsaKeyPair>),
    /// Shorter and faster (RFC 8463); some receivers do not know it, so it stands beside one of RSA.
    Ed25519(Ed25519KeyPair),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, …)", self.algorithm())
    }
}

impl Key {
    /// Reads a key in PEM that is safe from others.
    ///
    /// # Errors
    /// What is wrong with the file, and how to mend it.
    pub fn read(path: &Path) -> Result<Key, String> {
        let shown = path.display();
        let unreadable = |why: String| format!("{shown} cannot be read: {why}");
        let mode = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.permissions().mode();
        if mode & NOT_FOR_OTHERS != 0 {
            return Err(format!("{shown} is open to others (mode {:03o}); run chmod 600 {shown}", mode & 0o777));
        }
        let der = PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
            rustls::pki_types::pem::Error::NoItemsFound => format!("{shown} holds no private key in PEM; {MAKE}"),
            error => unreadable(error.to_string()),
        })?;
        let key = Key::of(&der).ok_or_else(|| format!("{shown} is no key of RSA or Ed25519 that can sign; {MAKE}"))?;
        match key.bits() {
            Some(bits) if !RSA_BITS.contains(&bits) => {
                Err(format!("{shown} has {bits} bits; receivers take 2048 to 4096, and {MAKE}"))
            }
            _ => Ok(key),
        }
    }

    fn of(der: &PrivateKeyDer<'_>) -> Option<Key> {
        match der {
            PrivateKeyDer::Pkcs1(der) => {
                RsaKeyPair::from_der(der.secret_pkcs1_der()).ok().map(|key| Key::Rsa(Box::new(key)))
            }
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                let rsa = RsaKeyPair::from_pkcs8(der).ok().map(|key| Key::Rsa(Box::new(key)));
                // What openssl writes has no public half to check against.
                rsa.or_else(|| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(Key::Ed25519))
            }
            _ => None,
        }
    }

    fn bits(&self) -> Option<usize> {
        match self {
            Key::Rsa(key) => Some(key.public_modulus_len() * 8),
            Key::Ed25519(_) => None,
        }
    }

    /// The value of `a=`.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The signature over what was canonicalised. Ed25519 signs the hash of it (RFC 8463, section 3).
    pub(super) fn sign(&self, canonical: &[u8]) -> Vec<u8> {
        match self {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                // It takes a broken machine for a key that was read to sign nothing; a mail without a signature then is
                // refused by receivers that ask for one, and no worse than one with a wrong signature.
                let _ = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), canonical, &mut signature);
                signature
            }
            Key::Ed25519(key) => key.sign(&Sha256::digest(canonical)).as_ref().to_vec(),
        }
    }

    /// The text of the TXT record with the public half (RFC 6376, section 3.6.1).
    pub fn record(&self) -> String {
        let (kind, public) = match self {
            Key::Rsa(key) => {
                let der: Option<PublicKeyX509Der<'_>> = key.public_key().as_der().ok();
                ("rsa", der.map(|der| der.as_ref().to_vec()).unwrap_or_default())
            }
            Key::Ed25519(key) => ("ed25519", key.public_key().as_ref().to_vec()),
        };
        format!("v=DKIM1; k={kind}; p={}", BASE64_STANDARD.encode(public))
    }
}

const MAKE: &str = "make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`";

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str, mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn a_key_that_others_can_read_or_the_group_can_change_is_refused() {
        for (mode, fits) in
            [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o604, false)]
        {
            let (_folder, path) = file(crate::dkim::tests::ED25519, mode);
            match Key::read(&path) {
                Ok(_) => assert!(fits, "{mode:o}"),
                Err(error) => assert!(!fits && error.contains("chmod 600"), "{mode:o}: {error}"),
            }
        }
    }

    #[test]
    fn what_is_no_key_is_said_so() {
        for (text, words) in [
            ("", "holds no private key in PEM"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is no key of RSA or Ed25519"),
        ] {
            let (_folder, path) = file(text, 0o600);
            let error = Key::read(&path).unwrap_err();
            assert!(error.contains(words) && error.contains("openssl genpkey"), "{error}");
        }
        let error = Key::read(Path::new("/nowhere/key.pem")).unwrap_err();
        assert_eq!(error, "/nowhere/key.pem cannot be read: No such file or directory (os error 2)");
    }

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let (_folder, path) = file(crate::dkim::tests::ED25519, 0o600);
        assert_eq!(format!("{:?}", Key::read(&path).unwrap()), "Key(ed25519-sha256, …)");
    }
}
