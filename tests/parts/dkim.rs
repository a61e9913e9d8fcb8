//! Two others that verify DKIM: dkimpy, and opendkim, which knows no Ed25519. Keys come from openssl.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

use super::folder;
use super::process::run;

/// Makes a private key in a file that only its owner reads: `RSA` of 2048 bits, or `ED25519`.
pub async fn make_key(folder: &Path, algorithm: &str) -> PathBuf {
    let file = folder.join(format!("{algorithm}.pem"));
    let mut command = Command::new("openssl");
    command.args(["genpkey", "-quiet", "-algorithm", algorithm, "-out"]).arg(&file);
    if algorithm == "RSA" {
        command.args(["-pkeyopt", "rsa_keygen_bits:2048"]);
    }
    run(command).await;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    file
}

/// What dkimpy thinks of each signature of each mail. `records` are TXT records by their names, without the last dot.
pub async fn dkimpy(records: &[(String, String)], mails: &[Vec<u8>]) -> Vec<Vec<bool>> {
    let records: serde_json::Map<_, _> =
        records.iter().map(|(name, record)| (format!("{name}."), json!(record))).collect();
    let mails: Vec<String> = mails.iter().map(|mail| BASE64_STANDARD.encode(mail)).collect();
    let work = folder::work();
    let asked = work.path().join("asked.json");
    fs::write(&asked, json!({ "records": records, "mails": mails }).to_string()).expect("the folder is writable");
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" \"$1\" <\"$2\""]).arg(folder::installed("dkim/bin/python"));
    command.arg(folder::source().join("tests/parts/verify_dkim.py")).arg(asked);
    serde_json::from_str(&run(command).await).expect("the script prints JSON")
}

/// What opendkim says of a mail's first signature.
pub async fn opendkim(record: &(String, String), mail: &[u8]) -> String {
    let work = folder::work();
    let file = |name: &str, text: &[u8]| {
        let path = work.path().join(name);
        fs::write(&path, text).expect("the folder is writable");
        path
    };
    let keys = file("keys", format!("{} {}\n", record.0, record.1).as_bytes());
    let conf = file("conf", format!("Mode v\nTestPublicKeys {}\n", keys.display()).as_bytes());
    let mail = file("mail.eml", mail);
    let mut command = Command::new("opendkim");
    command.arg("-x").arg(conf).arg("-t").arg(mail).arg("-vv");
    run(command).await
}
