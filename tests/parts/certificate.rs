//! A certificate authority of a test's own, and a certificate of a server on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::run;

/// `[leaf]` is what a strict client wants: a name in the alternative names, and not an authority itself.
const SETTINGS: &str = "[req]\n\
    distinguished_name = name\n\
    [name]\n\
    [authority]\n\
    basicConstraints = critical, CA:TRUE\n\
    keyUsage = critical, keyCertSign\n\
    subjectKeyIdentifier = hash\n\
    [leaf]\n\
    basicConstraints = critical, CA:FALSE\n\
    keyUsage = critical, digitalSignature\n\
    extendedKeyUsage = serverAuth\n\
    authorityKeyIdentifier = keyid\n\
    subjectAltName = DNS:localhost, DNS:mx.test, IP:127.0.0.1\n";

/// Files in PEM. Good for `localhost`, `mx.test` and 127.0.0.1, for two days.
pub struct Certificate {
    /// The authority's certificate: what a client has to trust.
    pub authority: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// The server's private key.
    pub key: PathBuf,
}

impl Certificate {
    /// Makes one with the openssl program, in `folder`.
    pub async fn make(folder: &Path) -> Self {
        let settings = folder.join("openssl.cnf");
        fs::write(&settings, SETTINGS).expect("the part's folder is writable");
        let [authority, authority_key, certificate, key] =
            ["authority.pem", "authority.key", "server.pem", "server.key"].map(|name| folder.join(name));
        let mut command = request(&settings, "authority", "/CN=Onevoice test authority");
        command.arg("-keyout").arg(&authority_key).arg("-out").arg(&authority);
        run(command).await;
        let mut command = request(&settings, "leaf", "/CN=localhost");
        command.arg("-CA").arg(&authority).arg("-CAkey").arg(&authority_key);
        command.arg("-keyout").arg(&key).arg("-out").arg(&certificate);
        run(command).await;
        Self { authority, certificate, key }
    }
}

fn request(settings: &Path, section: &str, subject: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    command.arg("-config").arg(settings).args(["-extensions", section, "-subj", subject]);
    command
}
