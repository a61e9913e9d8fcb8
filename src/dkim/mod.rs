//! DKIM (RFC 6376, RFC 8463): every mail of ours is signed once its holes are filled, with each configured key.
//!
//! Header and body are canonicalised "relaxed", so that a relay may fold lines anew. What is signed is [`SIGNED`], as far
//! as the mail has it, and `From` once more than it is there, so that nobody adds a second one (section 8.15).
//!
//! A signature of RSA takes half a millisecond of a core. That is more than everything else of a mail together, so it
//! is made on threads of its own, one a core, and never where connections are served. They take from one queue, so that
//! under load none of them is ever put to sleep and woken for a single mail.

mod canonical;
mod key;

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use jiff::Timestamp;
use onevoice_channels::contract::{Content, Parcel};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

pub use self::key::Key;

/// The headers that are signed, where a mail has them. RFC 8058 wants both of List-Unsubscribe among them.
const SIGNED: [&str; 15] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "reply-to",
    "in-reply-to",
    "references",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-id",
    "auto-submitted",
    "feedback-id",
];

/// One key and where its public half stands in DNS.
pub struct Signer {
    /// The domain that vouches for the mail.
    pub domain: String,
    /// The key's name below `_domainkey` of the domain.
    pub selector: String,
    /// The private key.
    pub key: Key,
}

/// Every configured key, in the order of the configuration, and the threads that sign with them.
pub struct Signers {
    work: Option<mpsc::Sender<Work>>,
}

struct Work {
    mail: Bytes,
    at: Timestamp,
    signed: oneshot::Sender<Vec<u8>>,
}

impl Signers {
    /// Those that sign every mail; none leaves mails as they are.
    pub fn new(keys: Vec<Signer>) -> Signers {
        if keys.is_empty() {
            return Signers { work: None };
        }
        let (work, queue) = mpsc::channel();
        let shared: Arc<(Vec<Signer>, Mutex<mpsc::Receiver<Work>>)> = Arc::new((keys, Mutex::new(queue)));
        for _ in 0..thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            let shared = shared.clone();
            thread::spawn(move || {
                let (keys, queue) = shared.as_ref();
                // They end with the last of the senders.
                while let Ok(work) = next(queue) {
                    // Whoever went meanwhile asks again.
                    let _ = work.signed.send(signed(keys, &work.mail, work.at));
                }
            });
        }
        Signers { work: Some(work) }
    }

    /// Signs a mail; anything else stays as it is. False when no thread takes the work.
    pub async fn sign(&self, parcel: &mut Parcel, at: Timestamp) -> bool {
        let (Content::Mail { raw, .. }, Some(work)) = (&mut parcel.content, &self.work) else { return true };
        let (answer, signed) = oneshot::channel();
        if work.send(Work { mail: raw.clone(), at, signed: answer }).is_err() {
            return false;
        }
        match signed.await {
            Ok(signed) => {
                *raw = signed.into();
                true
            }
            Err(_) => false,
        }
    }
}

/// The next mail, for one thread at a time.
fn next(queue: &Mutex<mpsc::Receiver<Work>>) -> Result<Work, mpsc::RecvError> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv()
}

/// The mail with a signature of each key above its headers.
pub fn signed(keys: &[Signer], mail: &[u8], at: Timestamp) -> Vec<u8> {
    let (head, body) = canonical::parts(mail);
    let body_hash = BASE64_STANDARD.encode(Sha256::digest(canonical::body(body)));
    let (names, fields) = covered(&canonical::fields(head));
    let mut signed = Vec::with_capacity(mail.len() + 1024 * keys.len());
    for signer in keys {
        signed.extend_from_slice(signature(signer, &names, &fields, &body_hash, at).as_bytes());
    }
    signed.extend_from_slice(mail);
    signed
}

/// The value of `h=`, and what of the header goes into the hash.
fn covered(fields: &[&[u8]]) -> (String, Vec<u8>) {
    let (mut names, mut hashed) = (Vec::new(), Vec::new());
    for name in SIGNED {
        // The last one of a name comes first (section 5.4.2).
        for field in fields.iter().rev().filter(|field| canonical::is_named(field, name)) {
            names.push(name);
            canonical::field(field, &mut hashed);
            hashed.extend_from_slice(b"\r\n");
        }
    }
    names.push("from");
    let lines: Vec<String> = names.chunks(6).map(|names| names.join(":")).collect();
    (lines.join(":\r\n\t"), hashed)
}

/// The line `DKIM-Signature`, folded, with its line end.
fn signature(signer: &Signer, names: &str, fields: &[u8], body_hash: &str, at: Timestamp) -> String {
    let mut line = format!(
        "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n\ts={}; t={};\r\n\th={names};\r\n\tbh={body_hash};\r\n\tb=",
        signer.key.algorithm(),
        signer.domain,
        signer.selector,
        at.as_second()
    );
    let mut hashed = fields.to_vec();
    canonical::field(line.as_bytes(), &mut hashed);
    let value = BASE64_STANDARD.encode(signer.key.sign(&hashed));
    for (place, piece) in value.as_bytes().chunks(72).enumerate() {
        // Base64 is ASCII, and writing to a string cannot fail.
        let fold = if place == 0 { "" } else { "\r\n\t" };
        let _ = write!(line, "{fold}{}", String::from_utf8_lossy(piece));
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
pub(crate) mod tests;
